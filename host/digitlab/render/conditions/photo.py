"""How the picture is taken: light, blur, noise, compression, and how the page lies before the camera."""

from dataclasses import replace

import numpy as np

from digitlab.render.frame import random_lines
from digitlab.render.spec import FrameSpec, Rng


def shadow(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Cast a shadow over part of the page."""
    return replace(spec, shadow=rng.uniform(0.3, 0.65))


def blur(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Put it out of focus."""
    return replace(spec, defocus=rng.uniform(0.03, 0.065))


def motion(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Move during the exposure."""
    return replace(spec, motion=rng.uniform(0.06, 0.14))


def noise(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Take it in little light."""
    return replace(spec, noise=rng.uniform(5, 11), pen=replace(spec.pen, strength=max(0.6, spec.pen.strength)))


def jpeg(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Compress it much."""
    return replace(spec, jpeg=int(rng.integers(15, 45)))


def cut_off(_: Rng, spec: FrameSpec) -> FrameSpec:
    """Let the frame's edge go through the writing."""
    return replace(spec, cut=True, height=max(0.15, spec.height))


def tilted(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Hold it askew, seen from the side."""
    return replace(spec, turn=rng.uniform(-0.26, 0.26), tilt=0.12)


def steep(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Hold it askew by 15 to 30 degrees."""
    return replace(spec, turn=float(rng.choice([-1, 1])) * np.radians(rng.uniform(15, 30)))


def turned(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Lay the page on its side."""
    lines = random_lines(rng, int(rng.integers(6, 16)), int(rng.integers(1, 4)))
    return replace(spec, lines=lines, quarters=int(rng.choice([1, 3])))


def upside_down(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Lay the page upside down."""
    return replace(turned(rng, spec), quarters=2)


def turned_few(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write two or three digits, not upright; one of them at least says so, which 0, 1, 6, 8 and 9 do not."""
    digits = [rng.choice([3, 4, 7]), *rng.integers(0, 10, int(rng.integers(1, 3)))]
    line = "".join(map(str, rng.permutation(digits)))
    return replace(spec, lines=(line,), height=rng.uniform(0.15, 0.4), quarters=int(rng.integers(1, 4)))


def turned_many(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Fill a page with digits that do not lie upright."""
    lines = random_lines(rng, int(rng.integers(25, 60)), int(rng.integers(5, 9)))
    return replace(spec, lines=lines, height=rng.uniform(0.05, 0.12), quarters=int(rng.integers(1, 4)))


def inverted(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Exchange black and white, as a scan may."""
    return replace(spec, negative=True, tilt=0, noise=rng.uniform(0.5, 2))
