"""Digits in cells: tables, sudokus, the boxes of forms, tiles."""

from itertools import pairwise

import numpy as np

from digitlab.scenes.canvas import SMALLEST, Canvas
from digitlab.scenes.fonts import PRINTS, fonts
from digitlab.scenes.scene import SIDE
from digitlab.scenes.signs import put_mark


def fill_cells(canvas: Canvas) -> None:
    """Fill a table, a sudoku, a form's boxes: digits in cells, some that touch their lines, print among them."""
    rng = canvas.rng
    sudoku = rng.random() < 0.45
    rows, columns = (9, 9) if sudoku else (int(rng.integers(1, 9)), int(rng.integers(1, 14)))
    if rng.random() < 0.25:
        rows, columns = 1, int(rng.integers(2, 12))
    across = rng.uniform(0.55, 1.3) * SIDE / columns
    w = max(8.0, across if sudoku or rng.random() < 0.5 else canvas.height * rng.uniform(1.1, 2))
    h = w * (rng.uniform(0.93, 1.07) if sudoku else rng.uniform(0.8, 1.7))
    canvas.height = high = max(SMALLEST, min(w, h) * rng.uniform(0.45, 0.95 if rng.random() < 0.7 else 1.2))
    gap = 0.0 if sudoku or rng.random() < 0.7 else rng.uniform(0.05, 0.4) * w
    printed = fonts(PRINTS)
    font = printed[rng.integers(len(printed))] if printed and rng.random() < (0.6 if sudoku else 0.2) else None
    share_printed = rng.uniform(0.2, 1.0)
    filled = rng.uniform(0.15, 1.0)
    thick = rng.uniform(0.5, 1 + 0.06 * w)
    by_pen = rng.random() < 0.2
    left, top = -(w + gap) * columns / 2 + rng.normal(0, 0.05) * SIDE, -h * rows / 2 + rng.normal(0, 0.05) * SIDE
    stray = rng.uniform(0.02, 0.16)
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * (w + gap), top + row * h
            if gap:
                _draw_frame(canvas, (x, y), (w, h), thick, by_pen=by_pen)
            if rng.random() > filled:
                continue
            if font and rng.random() < share_printed:
                canvas.digit(x + w / 2, y + h / 2, high * 0.85, printed=font)
            elif rng.random() < 0.04:
                put_mark(canvas, x + w / 4, y + h / 2, high)
            else:
                dx, dy = rng.normal(0, stray, 2) * w
                canvas.digit(x + w / 2 + dx, y + h / 2 + dy, high * float(np.exp(rng.normal(0, 0.1))))
            if rng.random() < 0.02:  # a pencilled candidate in a corner
                canvas.digit(x + 0.2 * w, y + 0.2 * h, 0.3 * high)
    if not gap:
        _draw_grid(canvas, (left, top), (w, h), (rows, columns), thick, by_pen=by_pen, by_threes=sudoku)


def lay_tiles(canvas: Canvas) -> None:
    """Lay dark tiles with light digits on light paper, or light ones on dark: pictures that are shown or pasted."""
    rng = canvas.rng
    canvas.height = high = float(np.clip(canvas.height, 10, 90))
    side, gap = high * rng.uniform(1.1, 1.7), high * float(rng.choice([0, rng.uniform(0.05, 0.6)]))
    rows, columns = int(rng.choice([1, 1, 2, 5])), int(rng.integers(1, 9))
    left, top = (-(side + gap) * n / 2 + rng.normal(0, 0.1) * SIDE for n in (columns, rows))
    for row in range(rows):
        for column in range(columns):
            x, y = left + (column + 0.5) * (side + gap), top + (row + 0.5) * (side + gap)
            canvas.tile(x, y, side)
            canvas.digit(x + rng.normal(0, 0.06) * side, y + rng.normal(0, 0.06) * side, high, spared=True)


def _draw_frame(
    canvas: Canvas, corner: tuple[float, float], cell: tuple[float, float], thick: float, *, by_pen: bool
) -> None:
    """Draw the four lines of a cell that stands alone."""
    (x, y), (w, h) = corner, cell
    for a, b in pairwise([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]):
        canvas.line(a, b, thick, printed=not by_pen)


def _draw_grid(
    canvas: Canvas,
    corner: tuple[float, float],
    cell: tuple[float, float],
    counts: tuple[int, int],
    thick: float,
    *,
    by_pen: bool,
    by_threes: bool,
) -> None:
    """Draw the lines of a table, rows first; every third is heavier where `by_threes`."""
    (left, top), (w, h), (rows, columns) = corner, cell, counts

    def stray() -> float:
        return float(canvas.rng.normal(0, 0.03)) * w if by_pen else 0.0

    for row in range(rows + 1):
        heavy = 1 + 2 * (by_threes and row % 3 == 0)
        y = top + row * h
        canvas.line((left, y + stray()), (left + w * columns, y + stray()), thick * heavy, printed=not by_pen)
    for column in range(columns + 1):
        heavy = 1 + 2 * (by_threes and column % 3 == 0)
        x = left + column * w
        canvas.line((x + stray(), top), (x + stray(), top + h * rows), thick * heavy, printed=not by_pen)
