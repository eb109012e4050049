"""The command line: `digitcam read`, `run`, `bench`, `check` and `cameras`.

Each command imports what it needs when it is chosen, so that none waits for another's imports.
"""

import argparse
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitcam import __version__
from digitcam.errors import DigitcamError, ImageError, OutputError

if TYPE_CHECKING:
    from digitcam.config import Config
    from digitcam.reading import Digit, Reading

DEMO = "demo"
LEAST_RUNS = 1024  # so that p99 rests on ten readings and more

FAILED = 1
INTERRUPTED = 130  # what a shell gives for SIGINT, and
PIPE_CLOSED = 141  # for SIGPIPE


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments, without the program's name; None for this process's own.

    Returns:
        The exit status: 0, 1 for what a person must put right (one line on stderr says what), 130 after Ctrl-C.

    Raises:
        SystemExit: with 2 on wrong usage, with 0 after `--help` and `--version`.
    """
    with _nothing_to_lose():
        arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except DigitcamError as error:
        _complain(error)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return PIPE_CLOSED


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
    group.add_argument("--coral", dest="DIGITCAM_MODEL_CORAL", choices=("auto", "on", "off"), help="use an Edge TPU")
    group.add_argument(
        "--min-confidence", dest="DIGITCAM_MODEL_MIN_CONFIDENCE", type=_share, metavar="0..1", help="reject below it"
    )
    group.add_argument(
        "--polarity", dest="DIGITCAM_FIND_POLARITY", choices=("auto", "dark", "light"), help="the ink, beside its paper"
    )
    source = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    source.add_argument(
        "--source",
        dest="DIGITCAM_CAMERA_SOURCE",
        help="picamera2, v4l2:/dev/video0, a video, a folder of pictures, one picture, or demo for the shipped clip",
    )

    def add(
        name: str, command: Callable[[argparse.Namespace], int], about: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=f"{about}.", parents=parents, allow_abbrev=False)
        added.set_defaults(command=command, parser=added)
        return added

    read = add("read", _read, "read pictures", settings)
    read.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="any file that Pillow opens, upright by EXIF"
    )
    read.add_argument("--classes", action="store_true", help="give the probability of each digit")
    read.add_argument("--json", action="store_true", help="print one JSON object a picture, each on one line")
    read.add_argument("--annotate", type=_png, metavar="OUT.png", help="draw what was found; takes a single IMAGE")

    run = add("run", _run, "read a camera until its end, Ctrl-C or SIGTERM", source, settings)
    run.add_argument("--json", action="store_true", help="print one JSON object a reading, each on one line")
    run.add_argument("--annotate", type=_png, metavar="OUT.png", help="at the end, draw the last stable reading")

    bench = add("bench", _bench, "measure latency, memory, cold start and accuracy here", settings)
    bench.add_argument("--runs", type=_runs, default=LEAST_RUNS, metavar="N", help=f"timed runs, {LEAST_RUNS} at least")
    bench.add_argument("--compare", type=Path, metavar="TFLITE", help="also measure one digit's cost with this model")
    bench.add_argument("--json", action="store_true", help="print one JSON object")

    check = add("check", _check, "say what is here, what is wrong and what to do", source, settings)
    check.add_argument("--json", action="store_true", help="print one JSON object")

    add("cameras", _cameras, "list the cameras of this machine")
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


def _config(arguments: argparse.Namespace) -> "Config":
    """Everything that was set: by flag, else in the environment, else in the file."""
    from digitcam import config

    flags = {name: value for name, value in vars(arguments).items() if name.startswith(config.PREFIX) and value}
    if flags.get("DIGITCAM_CAMERA_SOURCE") == DEMO:
        flags["DIGITCAM_CAMERA_SOURCE"] = str(Path(__file__).parent / "samples" / "demo.mp4")
    return config.load(arguments.config, {**os.environ, **flags})


def _read(arguments: argparse.Namespace) -> int:
    out: Path | None = arguments.annotate
    if out and (len(arguments.images) > 1 or out.resolve() == arguments.images[0].resolve()):
        arguments.parser.error("--annotate draws one IMAGE, into another file")
    if out:
        _check_folder(out)

    with _nothing_to_lose():
        from digitcam.annotate import annotate
        from digitcam.files import write_atomically
        from digitcam.picture import load
        from digitcam.reader import open_reader

        reader = open_reader(_config(arguments))
    if reader.classifier.runtime.fallback:
        print(f"digitcam: reading on the CPU: {reader.classifier.runtime.note}", file=sys.stderr)
    status = 0
    for number, path in enumerate(arguments.images):
        try:
            image = load(path)
        except ImageError as error:
            _complain(error)
            status = FAILED
            continue
        reading = reader.read(image)
        if arguments.json:
            _print(json.dumps({"image": str(path), **_as_dict(reading, classes=arguments.classes)}))
        else:
            head = f"{chr(10) if number else ''}{path}:\n" if len(arguments.images) > 1 else ""
            _print(head + _block(reading, classes=arguments.classes))
        if out:
            write_atomically(out, annotate(image, reading))
    return status


def _as_dict(reading: "Reading", *, classes: bool) -> dict[str, Any]:
    values = reading.as_dict()
    if classes:
        for entry, digit in zip(values["digits"], reading.digits, strict=True):
            entry["probabilities"] = [round(float(share), 4) for share in digit.probabilities]
    return values


def _block(reading: "Reading", *, classes: bool) -> str:
    """A reading for a person: the text, then each digit, then what was rejected."""
    lines = [reading.text or "no digits found"]
    for digit in reading.digits:
        x, y, w, h = digit.box
        lines.append(f"  {digit.digit}  {100 * digit.confidence:6.2f} %   {w}x{h} at {x},{y}")
        if classes:
            lines.append(_classes(digit))
    if reading.rejected:
        reasons = Counter(reject.reason for reject in reading.rejected).most_common()
        lines.append("rejected: " + ", ".join(f"{count} {reason}" for reason, count in reasons))
    return "\n".join(lines)


def _classes(digit: "Digit") -> str:
    return "     " + "  ".join(f"{value}: {100 * share:.2f}%" for value, share in enumerate(digit.probabilities))


def _run(arguments: argparse.Namespace) -> int:
    if arguments.annotate:
        _check_folder(arguments.annotate)

    with _nothing_to_lose():
        from digitcam import daemon
        from digitcam.cameras import open_camera
        from digitcam.live import Live
        from digitcam.outputs import Human, Json, LastPicture, Output
        from digitcam.reader import open_reader

        config = _config(arguments)
        reader = open_reader(config)
    live = Live(config)
    with open_camera(config.camera, live.health) as camera:
        name, version, device, note, _ = reader.classifier.runtime
        device = f"{device} ({note})" if note else device
        model = Path(config.model.path).name
        print(f"digitcam: {model}, {name} {version} on {device}; {camera.describe()}", file=sys.stderr, flush=True)
        outputs: list[Output] = [Json(sys.stdout) if arguments.json else Human(sys.stdout)]
        if arguments.annotate:
            outputs.append(LastPicture(arguments.annotate))
        summary = daemon.run(live, camera, reader, outputs)
    if arguments.json:
        print(summary.table(), file=sys.stderr)
    else:
        _print("\n" + summary.table())
    for output in outputs:
        output.close()
    if arguments.annotate:
        print(f"digitcam: {arguments.annotate} shows the last stable reading", file=sys.stderr)
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    with _nothing_to_lose():
        from digitcam import bench

        result = bench.run(_config(arguments), arguments.runs, arguments.compare)
    _print(json.dumps(result) if arguments.json else bench.table(result))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    with _nothing_to_lose():
        from digitcam import check

        checks = check.run(lambda: _config(arguments))
    _print(check.as_json(checks) if arguments.json else check.table(checks))
    return 0 if check.passed(checks) else FAILED


def _cameras(arguments: argparse.Namespace) -> int:
    del arguments
    with _nothing_to_lose():
        from digitcam.cameras import list_cameras

        found = list_cameras()
    for camera in found:
        _print(f"{camera.source}  {camera.name}  {camera.abilities}")
    if not found:
        _print("no camera found; plug one in, or give `digitcam run --source` a video, a folder or a picture")
    return 0


@contextmanager
def _nothing_to_lose() -> Iterator[None]:
    """Where Ctrl-C may end the process at once: an import that KeyboardInterrupt cuts off fails as anything else."""
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _check_folder(path: Path) -> None:
    """Say at the start, not after hours of running, that a picture cannot be written."""
    if path.is_dir():
        raise OutputError(f"{path}: cannot write: a folder stands there; give another name")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: cannot write: {path.parent} is not a folder; make it, or give another")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"{path}: cannot write: no permission in {path.parent}; give another folder")


def _complain(error: Exception) -> None:
    print(f"digitcam: {' '.join(str(error).split())}", file=sys.stderr)


def _print(text: str) -> None:
    """Print at once, so that what cannot be written is known here."""
    try:
        print(text, flush=True)
    except OSError as error:
        # what is still buffered would fail again, with a traceback, when Python exits
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputError(
            f"standard output: cannot write: {error.strerror}; make room, or send it elsewhere"
        ) from error
