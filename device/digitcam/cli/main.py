"""The command line: `digitcam read`, `run`, `bench`, `check`, `card`, and what tells of settings and machine.

Each command is a module that is imported when it is chosen, so that none waits for another's imports.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from digitcam import __version__, streams
from digitcam.cli.terminal import FAILED, INTERRUPTED, PIPE_CLOSED, RUNTIMES, complain, nothing_to_lose, show
from digitcam.errors import DigitcamError

LEAST_RUNS = 1024  # so that p99 rests on ten readings and more


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments, without the program's name; None for this process's own.

    Returns:
        The exit status: 0, 1 for what a person must put right (one line on stderr says what), 130 after Ctrl-C.

    Raises:
        SystemExit: with 2 on wrong usage, with 0 after `--help` and `--version`.
    """
    streams.prepare()
    # what reading multiplies is small: threads of OpenBLAS, one a core, would do no more than wait, at full load
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        with nothing_to_lose():
            arguments = _arguments(argv)
            run: Callable[[argparse.Namespace], int] = import_module(f"digitcam.cli.{arguments.command}").run
        return run(arguments)
    except DigitcamError as error:
        complain(error)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return PIPE_CLOSED
    except OSError as error:  # of whatever kind: a person's machine, and no fault of this code
        complain(error)
        return FAILED


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    try:
        return _parser().parse_args(argv)
    except SystemExit:
        show("", end="")  # what `--help` and `--version` print is still to be written
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="digitcam", description="Read handwritten digits.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"digitcam {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    # a flag's dest is the environment variable that says the same, so that it lands where that would
    settings = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    group = settings.add_argument_group(
        "settings", "These go before DIGITCAM_* in the environment, and those before FILE."
    )
    group.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")
    group.add_argument("--model", dest="DIGITCAM_MODEL_PATH", metavar="TFLITE", help="model to read with")
    group.add_argument(
        "--runtime", dest="DIGITCAM_MODEL_RUNTIME", choices=("auto", "tflite-runtime", "litert"), help="what runs it"
    )
    group.add_argument("--coral", dest="DIGITCAM_MODEL_CORAL", choices=("auto", "on", "off"), help="use an Edge TPU")
    group.add_argument(
        "--min-confidence", dest="DIGITCAM_MODEL_MIN_CONFIDENCE", type=_share, metavar="0..1", help="reject below it"
    )
    source = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    source.add_argument(
        "--source",
        dest="DIGITCAM_CAMERA_SOURCE",
        help="auto, picamera2, v4l2:/dev/video0, a URL, a video, pictures as `digitcam read` takes them, or demo for "
        "the shipped clip",
    )

    def add(name: str, about: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=f"{about}.", parents=parents, allow_abbrev=False)
        added.set_defaults(command=name, parser=added)
        return added

    read = add("read", "read pictures", settings)
    read.add_argument(
        "images",
        nargs="+",
        metavar="IMAGE",
        help="any file that Pillow opens, upright by EXIF; a folder of them; a pattern such as 'scans/*.png'; "
        "or - for one on standard input",
    )
    read.add_argument("--classes", action="store_true", help="give the probability of each digit")
    read.add_argument("--json", action="store_true", help="print one JSON object a picture, each on one line")
    read.add_argument("--annotate", type=_png, metavar="OUT.png", help="draw what was found; takes a single IMAGE")

    run = add("run", "read a camera until its end, Ctrl-C or SIGTERM", source, settings)
    run.add_argument(
        "--json",
        dest="DIGITCAM_STDOUT_FORMAT",
        action="store_const",
        const="json",
        help="print one JSON object a reading, each on one line",
    )
    run.add_argument(
        "--annotate",
        dest="DIGITCAM_PICTURE_PATH",
        type=lambda text: str(_png(text)),
        metavar="OUT.png",
        help="at the end, draw the last stable reading",
    )

    bench = add("bench", "measure latency, memory, cold start and accuracy here", settings)
    bench.add_argument("--runs", type=_runs, default=LEAST_RUNS, metavar="N", help=f"timed runs, {LEAST_RUNS} at least")
    bench.add_argument(
        "--compare",
        type=Path,
        metavar="TFLITE",
        nargs="?",
        const=RUNTIMES,
        help="also measure one digit's cost with this model; without one: measure both runtimes side by side",
    )
    bench.add_argument(
        "--outputs", action="store_true", help="measure instead what the configured outputs cost the loop"
    )
    bench.add_argument("--json", action="store_true", help="print one JSON object")
    bench.add_argument("--save", type=Path, metavar="FILE.json", help="keep the JSON object there")

    check = add("check", "say what is here, what is wrong and what to do", source, settings)
    check.add_argument("--json", action="store_true", help="print one JSON object")

    card = add("card", "write the card of a model of your own", settings)
    card.add_argument("file", type=Path, metavar="MODEL.tflite", help="labels in a text file of its name are taken in")

    config = add("config", "print what is set, passwords masked", source, settings)
    form = config.add_mutually_exclusive_group()
    form.add_argument("--schema", action="store_true", help="print the JSON schema of FILE, for editors")
    form.add_argument("--example", action="store_true", help="print a FILE with every setting, its meaning and default")

    add("cameras", "list the cameras of this machine, and which of them auto takes")

    installed = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    installed.add_argument(
        "--config", type=Path, metavar="FILE", help="settings in TOML; those of this machine's service where not given"
    )
    add("address", "print the addresses of this machine's page", installed)
    password = add("password", "print the password of this machine's page", installed)
    password.add_argument("--new", action="store_true", help="make a new one; it holds at once, without a restart")
    return parser


def _share(text: str) -> str:
    try:
        within = 0 <= float(text) <= 1
    except ValueError:
        within = False
    if not within:
        raise argparse.ArgumentTypeError(f"{text!r} is no number between 0 and 1")
    return text


def _runs(text: str) -> int:
    if not text.isdecimal() or int(text) < LEAST_RUNS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {LEAST_RUNS} up")
    return int(text)


def _png(text: str) -> Path:
    if not text.lower().endswith(".png"):
        raise argparse.ArgumentTypeError(f"{text!r} must end in .png, which is what is written")
    return Path(text)
