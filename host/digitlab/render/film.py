"""A clip as a hand-held camera takes it: one page after another, a whip of the camera between them."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise

import numpy as np

from digitcam.frame import Grey
from digitlab.render.camera import Camera, View, shine
from digitlab.render.frame import FRAME
from digitlab.render.page import compose
from digitlab.render.paper import Pen, by_hand
from digitlab.render.sheet import Paper
from digitlab.render.strokes import Writer


@dataclass(frozen=True, slots=True)
class Take:
    """One page of a picture series: what is written on what, with what, and how large (share of the frame's height)."""

    lines: tuple[str, ...]
    paper: Paper
    pen: Pen
    height: float

    @property
    def text(self) -> str:
        """What can be read there: nothing where the pen leaves no ink."""
        return "\n".join(self.lines) if self.pen.strength else ""


TURN_S = 0.2  # seconds to move off a page, and again to come onto the next
WHIP = 0.5  # how far that moves, as a share of the frame's width
SWAY = (0.012, 0.012, 0.012, 0.025, 0.02, 0.02)  # how far an unsteady hand moves the `View`, field by field
SHUTTER = 0.5  # share of a frame's time that light falls on the sensor
NOISE = 1.2


def film(
    rng: np.random.Generator, takes: Sequence[Take], stops: Sequence[int], fps: float, *, noise: float = NOISE
) -> Iterator[Grey]:
    """Render the frames of a clip: each page held by an unsteady hand.

    Args:
        rng: decides everything else.
        takes: the pages.
        stops: number of the frame in which each page begins to come, and of the one after the last.
        fps: frames a second.
        noise: standard deviation of the sensor's noise at mid grey, grey levels.

    Yields:
        uint8 (480, 640).
    """
    turn = _turn(fps)
    speed, phase = rng.uniform(0.1, 0.35, 6), rng.uniform(0, 2 * np.pi, 6)
    for take, (first, end) in zip(takes, pairwise(stops), strict=True):
        ink = by_hand(Writer.random(rng))
        page = compose(rng, take.lines, ink=ink, paper=take.paper, pen=take.pen, height=take.height, size=FRAME)
        middle = astuple(View.random(rng))
        light = shine(rng, FRAME)

        def hold(i: int, middle: tuple[float, ...] = middle, first: int = first, end: int = end) -> View:
            """Tell how the page lies in frame `i`."""
            sway = np.array(SWAY) * np.sin(2 * np.pi * speed * i / fps + phase)
            late = max(0, first + turn - i) / turn if first > stops[0] else 0
            early = max(0, i + 1 - end + turn) / turn if end < stops[-1] else 0
            sway[0] += WHIP * (late**2 - early**2)
            return View(*(middle + sway).tolist())

        for i in range(first, end):
            before, now = hold(i - 1), hold(i)
            motion = SHUTTER * FRAME[0] * (now.x - before.x), SHUTTER * FRAME[1] * (now.y - before.y)
            # the lens hunts for a moment when the scene changes
            defocus = 0.6 + 1.5 * float(np.exp((first - i) / (TURN_S * fps)))
            yield Camera(light, defocus=defocus, motion=motion, noise=noise).shoot(page, now, rng).image


def stills(stops: Sequence[int], fps: float) -> list[tuple[int, int]]:
    """Give, of each page of such a clip, the first frame in which it holds still, and the one after the last."""
    turn = _turn(fps)
    last = len(stops) - 2
    return [(first + (turn + 1) * (k > 0), end - turn * (k < last)) for k, (first, end) in enumerate(pairwise(stops))]


def _turn(fps: float) -> int:
    """Give how many frames it takes to move off a page."""
    return max(1, round(TURN_S * fps))
