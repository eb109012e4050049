"""Pictures without a digit, in which a reader must find none."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from digitcam.frame import Grey
from digitlab.render import grounds, surfaces
from digitlab.render.marks import print_block, prose
from digitlab.render.sheet import Paper, Surface, Table
from digitlab.render.spec import Change, FrameSpec, Rng, Strewn

NOTHING = (" ",)  # the lines of a page on which nothing is written


def _showing(surface: Surface, darkest: float, lightest: float) -> Change:
    """Show nothing but a surface."""

    def change(rng: Rng, spec: FrameSpec) -> FrameSpec:
        paper = Paper(rng.uniform(darkest, lightest), surface=surface)
        return replace(spec, lines=NOTHING, paper=paper, turn=rng.normal(0, 0.2))

    return change


def _blank(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Lay sheets with nothing on them on a table."""
    surface = (surfaces.wood, surfaces.cloth, surfaces.clutter)[rng.integers(3)]
    table = Table(rng.uniform(0.05, 0.5), surface, sheets=int(rng.integers(3)))
    layout = replace(spec.layout, sheet=rng.uniform(-1.5, 0.3), table=table)
    return replace(spec, lines=NOTHING, layout=layout, height=0.15, turn=rng.normal(0, 0.2))


def _printed(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Print words and letters of several sizes."""
    litter = tuple(Strewn(partial(_words, lines=lines), 5, 0.6, 1.0) for lines in (1, 2, 4))
    return replace(spec, lines=NOTHING, litter=litter, height=rng.uniform(0.1, 0.2))


def _words(rng: Rng, height: float, pen: float, lines: int) -> Grey:
    return print_block(rng, height, pen, lines=lines, words=prose)


BLANKS: Mapping[str, Change] = {
    "printed": _printed,
    "newspaper": _showing(grounds.newspaper, 0.7, 0.92),
    "dots": _showing(grounds.dots, 0.7, 0.95),
    "squares": _showing(grounds.squares, 0.7, 0.95),
    "tally": _showing(grounds.tally, 0.7, 0.95),
    "static": _showing(grounds.static, 0.3, 0.7),
    "wood": _showing(surfaces.wood, 0.15, 0.75),
    "cloth": _showing(surfaces.cloth, 0.15, 0.75),
    "room": _showing(surfaces.clutter, 0.2, 0.7),
    "wiped": _showing(grounds.stains, 0.8, 0.97),
    "blank": _blank,
}
