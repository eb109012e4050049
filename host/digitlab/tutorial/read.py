"""One picture, read by digitcam with the tutorial's own model: two commands as a person types them."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
from msgspec import Struct, convert

from digitcam.errors import DigitcamError
from digitcam.files import write_atomically
from digitlab.render.camera import Camera, View
from digitlab.render.frame import render_frame
from digitlab.render.paper import FELT, PLAIN

DIGIT = "3"  # that is drawn where no picture is given
SEED = 3


class Digit(Struct, frozen=True):
    """A digit that was read: 0 to 9, how surely from 0 to 1, left, top, width and height in pixels, and all classes."""

    digit: int
    confidence: float
    box: tuple[int, int, int, int]
    probabilities: tuple[float, ...]


class Reject(Struct, frozen=True):
    """What was found and not read, and why."""

    box: tuple[int, int, int, int]
    reason: str


class Reading(Struct, frozen=True):
    """What `digitcam read --json --classes` says of a picture, and the command without `--json`."""

    text: str
    digits: list[Digit]
    rejected: list[Reject]
    command: str = ""


def draw(path: Path) -> None:
    """Write a picture of one handwritten digit on paper, as a camera sees it.

    Raises:
        OutputError: it cannot be written.
    """
    rng = np.random.default_rng(SEED)
    size = 320, 240
    page = render_frame(
        rng,
        size=size,
        lines=[DIGIT],
        paper=PLAIN,
        pen=FELT,
        height=0.5,
        view=View(turn=0.05),
        camera=Camera.random(rng, size),
    )
    write_atomically(path, cv2.imencode(".png", page.image)[1].tobytes())


def read(model: Path, picture: Path) -> Reading:
    """Give the model a card, and read the picture with it; in processes of their own, since this one has TensorFlow.

    Raises:
        DigitcamError: the picture cannot be read.
    """
    _run("digitcam", "card", model)
    said = _run("digitcam", "read", "--json", "--classes", "--model", model, picture)
    found = convert(json.loads(said.splitlines()[0]), Reading)
    command = shlex.join(["digitcam", "read", "--classes", "--model", str(model), str(picture)])
    return Reading(found.text, found.digits, found.rejected, command)


def _run(program: str, *words: str | Path) -> str:
    """Run one of the two programs; what it printed."""
    command = [sys.executable, "-P", "-m", program, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    if done.returncode:
        raise DigitcamError(done.stderr.strip().rpartition("\n")[2].removeprefix(f"{program}: "))
    return done.stdout
