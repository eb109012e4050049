"""What lies about the writing and is no digit."""

from dataclasses import replace

import numpy as np

from digitcam.frame import Grey
from digitlab.render.marks import LETTERS, OPERATORS, character, doodle, print_block, smudge
from digitlab.render.spec import FrameSpec, Rng, Strewn


def clutter(_: Rng, spec: FrameSpec) -> FrameSpec:
    """Strew arrows, stars, scribbles and single letters around the digits."""
    return replace(spec, litter=(Strewn(doodle, 6, 0.6, 1.1), Strewn(_letter, 6, 0.8, 1.1)))


def _letter(rng: Rng, height: float, pen: float) -> Grey:
    known = LETTERS + OPERATORS
    return character(known[rng.integers(len(known))], rng, height, pen)


def small_print(_: Rng, spec: FrameSpec) -> FrameSpec:
    """Print small words around the digits."""
    return replace(spec, litter=(Strewn(print_block, 6, 0.6, 1.0),))


def dust(_: Rng, spec: FrameSpec) -> FrameSpec:
    """Strew spots out of focus, and writing that shows through from the back."""
    return replace(spec, litter=(Strewn(_spot, 12, 0.05, 0.35), Strewn(_through, 8, 0.05, 0.2)))


def _spot(rng: Rng, height: float, pen: float) -> Grey:
    del pen
    return smudge(rng, height * float(np.exp(rng.uniform(-2, 0.3))))


def _through(rng: Rng, height: float, pen: float) -> Grey:
    return np.ascontiguousarray(_letter(rng, height, pen)[:, ::-1])
