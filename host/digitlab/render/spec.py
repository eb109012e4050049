"""The specification of a frame: what it shows, and how it is taken."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from digitcam.frame import Grey
from digitcam.reading import Box
from digitlab.render.camera import Camera, Labelled, Rendered, View, shine
from digitlab.render.frame import FRAME
from digitlab.render.page import compose
from digitlab.render.paper import USUAL, Ink, Layout, Litter, Pen
from digitlab.render.sheet import FINE, Paper

Rng = np.random.Generator


class Strewn(NamedTuple):
    """Litter to be made: what draws it (rng, height, pen), how many at most, how strong beside the writing."""

    draw: Callable[[Rng, float, float], Grey]
    most: int
    weakest: float
    strongest: float


@dataclass(frozen=True, slots=True)
class FrameSpec:
    """What a frame shows and how it is taken.

    Attributes:
        lines: what is written.
        paper: what it stands on.
        pen: what it is written with.
        height: of a digit, as a share of the frame's height.
        layout: how the writing is placed.
        litter: what else lies about.
        turn: how far the page is turned, radians.
        tilt: how far the camera looks from the side: standard deviation of `View.tilt_x` and `tilt_y`.
        cut: whether the frame cuts off some of the writing.
        shadow: how much light a shadow takes, 0 to 1.
        defocus: blur, standard deviation in heights of a digit.
        motion: how far the picture moves during the exposure, in heights of a digit.
        noise: of the sensor, standard deviation in grey levels.
        jpeg: quality, or None for no compression.
        quarters: quarter turns of the camera, counterclockwise.
        negative: whether black and white are exchanged, as scanners can.
    """

    lines: tuple[str, ...]
    paper: Paper
    pen: Pen
    height: float
    layout: Layout = USUAL
    litter: tuple[Strewn, ...] = ()
    turn: float = 0
    tilt: float = 0.04
    cut: bool = False
    shadow: float = 0
    defocus: float = 0.01
    motion: float = 0
    noise: float = 1.5
    jpeg: int | None = None
    quarters: int = 0
    negative: bool = False


Change = Callable[[Rng, FrameSpec], FrameSpec]
"""Makes a plain specification one of some condition."""


def shoot(rng: Rng, spec: FrameSpec, ink: Ink) -> Rendered:
    """Write the page and take its picture, 640x480.

    Args:
        rng: decides everything; the same state gives the same bytes.
        spec: what is shown and how it is taken.
        ink: draws the digits.
    """
    size = FRAME if spec.quarters % 2 == 0 else FRAME[::-1]
    page = compose(
        rng,
        spec.lines,
        ink=ink,
        paper=spec.paper,
        pen=spec.pen,
        height=spec.height * FRAME[1] / size[1],
        size=size,
        layout=spec.layout,
        litter=_littered(rng, spec, size),
    )
    high = spec.height * FRAME[1]
    x, y, zoom, tilt_x, tilt_y = rng.normal(0, [0.015, 0.015, 0.05, spec.tilt, spec.tilt]).tolist()
    view = View(x, y, spec.turn, zoom, tilt_x, tilt_y).holding(page, size)
    if spec.cut:
        view = replace(view, x=view.x + rng.uniform(-0.35, 0.35), y=view.y + rng.uniform(-0.35, 0.35))
    camera = Camera(
        shine(rng, size, shadow=spec.shadow),
        defocus=max(0.3, spec.defocus * high),
        motion=_direction(rng, spec.motion * high),
        noise=spec.noise,
        jpeg=spec.jpeg,
    )
    rendered = _turn(camera.shoot(page, view, rng), spec.quarters)
    return replace(rendered, image=~rendered.image) if spec.negative else rendered


def _littered(rng: Rng, spec: FrameSpec, size: tuple[int, int]) -> Litter:
    high = spec.height * size[1] * FINE
    marks, strengths = [], []
    for draw, most, weakest, strongest in spec.litter:
        for _ in range(int(rng.integers(1, most + 1))):
            marks.append(draw(rng, high * rng.uniform(0.6, 1.3), high * spec.pen.width))
            strengths.append(rng.uniform(weakest, strongest))
    return Litter(marks, strengths)


def _direction(rng: Rng, length: float) -> tuple[float, float]:
    angle = rng.uniform(0, 2 * np.pi)
    return length * float(np.cos(angle)), length * float(np.sin(angle))


def _turn(rendered: Rendered, quarters: int) -> Rendered:
    """Give the same frame from a camera held on its side; lines and their order stay those of the page."""
    for _ in range(quarters):
        width = rendered.image.shape[1]
        rendered = Rendered(
            np.ascontiguousarray(np.rot90(rendered.image)),
            rendered.lines,
            [Labelled(digit, _quarter(box, width), line) for digit, box, line in rendered.labels],
            [_quarter(box, width) for box in rendered.clutter],
        )
    return rendered


def _quarter(box: Box, width: int) -> Box:
    """Tell where a box of a frame `width` wide lies when that is turned a quarter counterclockwise."""
    return Box(box.y, width - box.x - box.w, box.h, box.w)
