"""What `make bench-pi` does: counts what reading costs a Pi, and writes a table of it."""

import argparse
import json
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import msgspec

from digitcam.errors import DigitcamError
from digitcam.files import write_atomically
from digitcam.pictures import image_file
from digitlab.deploy.machines.board import Board
from digitlab.deploy.packing.wheels import CACHE, Wheels, platform_of, requirements, resolve
from pi.hostile import HOSTILE, photograph
from pi.image import REPOSITORY, cache, image
from pi.machine import Hardware, Machine, MachineError

DEVICE = REPOSITORY / "device" / "digitcam"
BASELINE = REPOSITORY / "build" / "baseline" / "int8.tflite"
OUT = REPOSITORY / "benchmarks"
RUNS = 3  # the least of them counts; they differ by what the system does in between
READ_S = 7200  # ten minutes where nothing else runs
PHOTOGRAPH = "photograph"
# what the names of shipped frames and of those that are drawn begin with
SHIPPED, DRAWN = "frame-", "hostile-"

INTRODUCTION = """\
# What reading costs

Million instructions, counted on the emulated Pi ([pi.md](../docs/pi.md)) by `make bench-pi`, which writes this page and
cost.json. *read* is digitcam's reader, from a grey picture to its digits. *recipe* is how tutorials do that, from the
same picture: Otsu's threshold, a closing of 5x5, and outer contours; those within 40 pixels of the edge, under 14 or
over half the frame are skipped, the others padded to a square, made 28x28 and given to the tutorial's int8 network.
A frame is 640x480: the first ones are those that digitcam ships, ten digits each, and scripts/pi/hostile.py draws the
others. The photograph is the first frame four times, on 4000x3000. *asked* is about how many places the network was
asked.
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A Pi as it is emulated.

    Attributes:
        release: of Debian, which decides the runtime: tflite-runtime on Bookworm, LiteRT on Trixie.
        cpu: cortex-a72 (Pi 4) or cortex-a76 (Pi 5).
    """

    release: str
    cpu: str

    def __str__(self) -> str:
        return f"{self.release}/{self.cpu}"


TARGETS = (Target("bookworm", "cortex-a72"), Target("trixie", "cortex-a72"), Target("trixie", "cortex-a76"))


def measure(target: Target, device: Path = DEVICE, settings: Sequence[str] = ()) -> dict[str, Any]:
    """Start that Pi with a new disk, and count there what `cost.py` counts.

    Args:
        target: which.
        device: the package `digitcam` to measure.
        settings: of it, as its environment has them: `DIGITCAM_FIND_MIN_HEIGHT=0.1`.

    Returns:
        JSON-ready: `release`, `cpu`, `settings`, and what `cost.py` tells.

    Raises:
        MachineError: it does not start, or a program there failed.
        DeployError: its wheels cannot be had.
        SystemExit: its image cannot be built.
    """
    with _counting(target) as pi:
        _furnish(pi, device)
        environment = shlex.join(["env", "PYTHONPATH=.:packages", *settings])
        command = f"cd cost && {environment} python3 cost.py pages baseline.tflite {RUNS}"
        told: dict[str, Any] = json.loads(pi.ssh(command, timeout_s=READ_S).stdout)
    return {"release": target.release, "cpu": target.cpu, "settings": list(settings), **told}


@contextmanager
def _counting(target: Target) -> Iterator[Machine]:
    pi = Machine(cache() / "machines" / f"cost-{target.release}", Hardware(target.cpu, counting=True, offline=True))
    pi.renew(image(target.release))
    pi.start()
    try:
        yield pi
    finally:
        pi.cut_power()


def _furnish(pi: Machine, device: Path) -> None:
    """Give it digitcam, what that needs and what it is to read, in a folder `cost`."""
    wheels = _wheels(pi)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "cost"
        shutil.copytree(device, folder / "digitcam", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(wheels.folder, folder / "wheels")
        shutil.copy(Path(__file__).with_name("cost.py"), folder)
        shutil.copy(BASELINE, folder / "baseline.tflite")
        (folder / "pages").mkdir()
        _draw(folder / "pages")
        pi.copy(folder, "cost")
    for wheel in wheels.sha256:
        pi.ssh(f"python3 -m zipfile -e cost/wheels/{wheel} cost/packages")


def _wheels(pi: Machine) -> Wheels:
    """Those that `make deploy` would send it."""
    look = (files("digitlab.deploy") / "onpi" / "facts" / "look.py").read_bytes()
    board = msgspec.json.decode(pi.ssh("python3 -I -", stdin=look).stdout, type=Board)
    required = requirements()
    return resolve(platform_of(board, required), required, cache=REPOSITORY / CACHE)


def _draw(folder: Path) -> None:
    """Every picture that is to be read."""
    shipped = sorted((DEVICE / "samples").glob(f"{SHIPPED}*.png"))
    pages = {path.stem: image_file.load(path) for path in shipped}
    pages |= {f"{DRAWN}{page.__name__}": page() for page in HOSTILE}
    pages[PHOTOGRAPH] = photograph(pages[shipped[0].stem])
    for name, page in pages.items():
        cv2.imwrite(str(folder / f"{name}.png"), page)


def named(board: Mapping[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
    """The pictures whose names begin so, of what `measure` gave."""
    return {name: page for name, page in board["pages"].items() if name.startswith(prefix)}


def report(boards: Sequence[Mapping[str, Any]]) -> str:
    """What was measured, as a page."""
    return "\n".join([INTRODUCTION, *_summary(boards), *(line for board in boards for line in _stages(board))])


def _summary(boards: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield _row("", *(cell for board in boards for cell in (f"{board['cpu']}, {board['runtime']}: read", "recipe")))
    yield _row("---", *["---:"] * (2 * len(boards)))
    yield _row("one digit, classified", *_costs(board["digit"] for board in boards))
    yield _row("ten digits, median of the frames", *_costs(map(_median, boards)))
    for name in boards[0]["pages"]:
        yield _row(name, *_costs(board["pages"][name] for board in boards))


def _stages(board: Mapping[str, Any]) -> Iterator[str]:
    pages = board["pages"]
    stages = list(dict.fromkeys(stage for page in pages.values() for stage in page["stages"]))
    versions = f"Python {board['python']}, NumPy {board['numpy']}, OpenCV {board['opencv']}"
    settings = "".join(f", {setting}" for setting in board["settings"])
    yield f"\n## {board['cpu']}, {board['system']}, {board['runtime']}\n\n{versions}{settings}.\n"
    yield _row("", *stages, "whole", "asked", "digits")
    yield _row("---", *["---:"] * (len(stages) + 3))
    for name, page in pages.items():
        costs = [f"{page['stages'].get(stage, 0):.2f}" for stage in stages]
        yield _row(name, *costs, f"{page['whole']:.2f}", page["asked"], page["digits"])


def _median(board: Mapping[str, Any]) -> dict[str, float]:
    frames = named(board, SHIPPED).values()
    return {kind: statistics.median(frame[kind] for frame in frames) for kind in ("whole", "recipe")}


def _costs(measured: Iterable[Mapping[str, float]]) -> Iterator[str]:
    return (f"{each[kind]:.2f}" for each in measured for kind in ("whole", "recipe"))


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _target(name: str) -> Target:
    for target in TARGETS:
        if str(target) == name:
            return target
    raise argparse.ArgumentTypeError(f"{name}: none of {', '.join(map(str, TARGETS))}")


def main() -> int:
    """Measure, print and write; the exit status."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, allow_abbrev=False)
    names = ", ".join(map(str, TARGETS))
    parser.add_argument("target", nargs="*", type=_target, default=TARGETS, help=f"only these of {names}; else all")
    parser.add_argument("--device", type=Path, default=DEVICE, help="the package digitcam of another checkout")
    parser.add_argument("--set", action="append", default=[], metavar="DIGITCAM_X_Y=VALUE", help="a setting")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for cost.json and cost.md")
    arguments = parser.parse_args()
    boards = []
    try:
        for target in arguments.target:
            print(f"{target}: reading on it ...", file=sys.stderr, flush=True)
            boards.append(measure(target, arguments.device, arguments.set))
        page = report(boards)
        arguments.out.mkdir(parents=True, exist_ok=True)
        write_atomically(arguments.out / "cost.json", f"{json.dumps(boards, indent=2)}\n".encode())
        write_atomically(arguments.out / "cost.md", f"{page}\n".encode())
    except (MachineError, DigitcamError, subprocess.SubprocessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
