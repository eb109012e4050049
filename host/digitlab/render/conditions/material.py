"""What is written on and with: papers, boards, sheets on desks, and pens."""

from dataclasses import replace

from digitlab.render.frame import random_lines
from digitlab.render.grounds import stains
from digitlab.render.paper import CHALK, FELT
from digitlab.render.sheet import Paper, Table
from digitlab.render.spec import FrameSpec, Rng
from digitlab.render.surfaces import cloth, wood


def faint(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write with pencil and worn pens, down to a few grey levels."""
    noise = rng.uniform(0.7, 1.5)
    return replace(spec, noise=noise, pen=replace(spec.pen, strength=rng.uniform(0.05, 0.2) + 0.02 * noise))


def thin(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write with a fine pen."""
    return replace(spec, pen=replace(spec.pen, width=rng.uniform(0.025, 0.045)))


def thick(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write with a broad pen."""
    return replace(spec, pen=replace(spec.pen, width=rng.uniform(0.14, 0.19), strength=0.95))


def gaps(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Leave gaps in the strokes: a pen that runs dry."""
    lines = random_lines(rng, int(rng.integers(4, 16)), int(rng.integers(2, 4)))
    pen = replace(spec.pen, gaps=rng.uniform(0.1, 0.25), strength=max(0.6, spec.pen.strength))
    return replace(spec, lines=lines, pen=pen, height=max(0.12, spec.height))


def marker(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write one to three digits with a thick marker, as high as the frame allows."""
    digits = int(rng.integers(1, 4))
    pen = replace(FELT, width=rng.uniform(0.12, 0.2))
    layout = replace(spec.layout, fill=(1, 3), gap=(0.06, 0.15))
    height = rng.uniform(0.5, (0.9, 0.75, 0.6)[digits - 1])
    return replace(spec, lines=random_lines(rng, digits, 1), pen=pen, layout=layout, height=height, defocus=0.003)


def ruled(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write on paper with printed lines."""
    paper = replace(spec.paper, rules=rng.uniform(0.08, 0.4), every=float(rng.choice([0.5, 1, 1])))
    return replace(spec, paper=paper, turn=rng.normal(0, 0.04))


def grid(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write on paper with printed squares or dots."""
    paper = replace(spec.paper, rules=rng.uniform(0.08, 0.3), columns=True, dotted=bool(rng.integers(2)))
    return replace(spec, paper=replace(paper, every=float(rng.choice([0.7, 1, 2]))), turn=rng.normal(0, 0.04))


def cardboard(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write on grey, coarse paper."""
    paper = Paper(rng.uniform(0.4, 0.65), grain=rng.uniform(0.02, 0.035), cloud=0.02)
    return replace(spec, paper=paper, pen=replace(spec.pen, strength=max(0.7, spec.pen.strength)))


def board(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write with chalk on a blackboard."""
    paper = Paper(rng.uniform(0.08, 0.25), grain=0.01, cloud=rng.uniform(0.01, 0.04), rules=min(0, -spec.paper.rules))
    return replace(spec, paper=paper, pen=replace(CHALK, width=spec.pen.width, strength=rng.uniform(0.5, 0.9)))


def white_ink(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write with white ink on grey paper."""
    paper = Paper(rng.uniform(0.3, 0.5), grain=rng.uniform(0.005, 0.02))
    return replace(spec, paper=paper, pen=replace(spec.pen, tone=0.97, strength=rng.uniform(0.6, 0.95)))


def whiteboard(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write with felt pens on a whiteboard that is not clean."""
    paper = Paper(rng.uniform(0.82, 0.97), grain=0.003, surface=stains)
    return replace(spec, paper=paper, pen=replace(FELT, width=spec.pen.width, strength=rng.uniform(0.6, 0.95)))


def sheet(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Lay a sheet that ends within the frame, on a darker table, perhaps a notebook's with its spiral."""
    table = rng.uniform(0.05, 0.75) * spec.paper.tone
    layout = replace(spec.layout, sheet=rng.uniform(0.3, 1), table=Table(table), spiral=rng.random() < 0.3)  # noqa: PLR2004
    return replace(spec, layout=layout, height=min(spec.height, 0.14))


def desk(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Lay a bright sheet that ends within the frame on a dark desk of wood or cloth."""
    table = Table(rng.uniform(0.06, 0.35), (wood, cloth)[rng.integers(2)])
    layout = replace(spec.layout, sheet=rng.uniform(0.4, 1.5), table=table)
    paper = Paper(rng.uniform(0.85, 0.97))
    return replace(spec, paper=paper, layout=layout, height=min(spec.height, 0.13), turn=rng.normal(0, 0.12))


def sheets(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Lay several sheets, the written one on top."""
    spec = desk(rng, spec)
    return replace(spec, layout=replace(spec.layout, table=replace(spec.layout.table, sheets=int(rng.integers(1, 4)))))


def hand(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Lay a hand over the page, with its shadow."""
    lines = random_lines(rng, int(rng.integers(10, 25)), int(rng.integers(2, 5)))
    layout = replace(spec.layout, hand=True)
    return replace(spec, lines=lines, layout=layout, height=min(spec.height, 0.12), shadow=rng.uniform(0, 0.5))
