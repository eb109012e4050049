"""Models of one's own."""

from pathlib import Path

from digitlab.cli.options import Add, Options


def add_commands(add: Add) -> None:
    """Add the conversion to what the device reads."""
    convert = add("convert", _convert, "make float and int8 .tflite files, with cards, of a Keras or SavedModel")
    convert.add_argument("model", type=Path, metavar="MODEL", help="a .keras file, or a folder of a SavedModel")
    convert.add_argument("--out", type=Path, metavar="DIR", help="where they go (default: beside it)")
    convert.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="pictures that int8's ranges are measured on, a folder for each label (default: the shipped digits)",
    )
    convert.add_argument(
        "--labels", type=Path, metavar="FILE", help="a label a line (default: MODEL's name with .txt, or the digits)"
    )


def _convert(options: Options) -> int:
    from digitlab.publishing.convert import convert_own

    out = options.out or options.model.parent
    for made in convert_own(options.model, out, options.data, options.labels):
        print(f"{made.path}: {made.size:,} bytes; {made.said}")
    print(f"read with `digitcam read --model {made.path} IMAGE`")
    return 0
