"""Digits in printed cells: tables, sudokus, forms, lines to write on, rings, tiles."""

from dataclasses import replace

import numpy as np

from digitlab.render.form import Cells
from digitlab.render.spec import FrameSpec, Rng


def cells(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Print a form, a table, a sudoku."""
    rows, columns = int(rng.integers(1, 7)), int(rng.integers(3, 10))
    layout = replace(spec.layout, cell=rng.uniform(1.15, 1.6), pitch=(1.3, 1.6), ragged=0.06)
    paper = replace(spec.paper, rules=rng.uniform(0.3, 0.75), cells=Cells())
    lines = tuple("".join(map(str, rng.integers(0, 10, columns))) for _ in range(rows))
    return replace(spec, lines=lines, paper=paper, layout=layout, turn=rng.normal(0, 0.05))


def form(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Print rows of boxes, one for each digit, which touches them as often as not."""
    cells = Cells(tall=rng.uniform(1, 1.2), apart=rng.uniform(0.06, 0.25))
    return _filled_in(rng, spec, cells)


def underlined(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Print lines to write on, each digit's or all in one, which the digits touch."""
    cells = Cells(tall=rng.uniform(0.88, 1.02), apart=float(rng.choice([0, rng.uniform(0.08, 0.25)])), open=True)
    return _filled_in(rng, spec, cells)


def circled(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Print a ring around each digit, which some of them touch: a tree's nodes, a clock's hours."""
    tall = rng.uniform(1.25, 1.8)
    spec = _filled_in(rng, spec, Cells(tall=tall, apart=rng.uniform(0.15, 0.4), round=True), most=5)
    layout = replace(spec.layout, cell=tall * rng.uniform(0.9, 1.1) + 0.4, pitch=(tall + 0.3, tall + 0.6))
    return replace(spec, layout=layout)


def tiles(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Print a dark tile below each light digit, as MNIST's pictures are shown on a screen."""
    cells = Cells(tall=rng.uniform(1.2, 1.6), apart=float(rng.choice([0, rng.uniform(0.06, 0.5)])), filled=True)
    spec = _filled_in(rng, spec, cells, most=6)
    layout = replace(spec.layout, cell=rng.uniform(1.1, 1.5) + cells.apart, pitch=(1.6, 2.2))
    return replace(spec, layout=layout, pen=replace(spec.pen, tone=rng.uniform(0.85, 1), strength=1))


def _filled_in(rng: Rng, spec: FrameSpec, cells: Cells, most: int = 10) -> FrameSpec:
    counts = rng.integers(3, most + 1, rng.integers(1, 6))
    lines = tuple("".join(map(str, rng.integers(0, 10, count))) for count in counts)
    layout = replace(spec.layout, cell=rng.uniform(0.7, 1) + cells.apart, pitch=(1.5, 2), ragged=0.08)
    paper = replace(spec.paper, rules=rng.uniform(0.3, 0.8), cells=cells)
    return replace(spec, lines=lines, paper=paper, layout=layout, turn=rng.normal(0, 0.05))


def sudoku(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Print nine by nine cells, solved by hand, every third line thick."""
    rows, columns = (np.concatenate([3 * band + rng.permutation(3) for band in rng.permutation(3)]) for _ in range(2))
    solved = 1 + rng.permutation(9)[((3 * (rows % 3) + rows // 3)[:, None] + columns) % 9]
    cell = rng.uniform(1.15, 1.5)
    layout = replace(spec.layout, cell=cell, pitch=(cell, cell), ragged=0.07)
    paper = replace(spec.paper, rules=rng.uniform(0.4, 0.85), cells=Cells(block=3))
    lines = tuple("".join(map(str, row)) for row in solved)
    return replace(spec, lines=lines, paper=paper, layout=layout, turn=rng.normal(0, 0.05), defocus=spec.defocus / 2)
