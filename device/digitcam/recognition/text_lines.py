"""Boxes -> lines of text in reading order.

The page is set straight by the slope that lines its digits up best; then neighbours are joined, the nearest first,
and nothing joins two digits of which one stands above the other.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.reading import Box

Float = NDArray[np.float64]

# The constants below are measured on random layouts of 1 to 81 boxes: lines slanted to 20 degrees, wavy, close, of
# digits of all heights, pages turned to 15 degrees, columns of numbers, worksheets and sudokus. Lengths are in heights
# of the page's usual digit.
SLOPES = np.linspace(-0.4, 0.4, 61)  # down the page for each pixel to the right, to 22 degrees
UPRIGHT = 0.7  # how much of its score the steepest slope loses: as good as straight must be straight
FEW = 4.0  # pairs that it loses besides: a few digits, level by chance, are no evidence
COLUMNS = 0.5  # what columns of digits say about the slope, to what rows say
FINENESS = 8  # bins a height
SPREAD = 0.2  # how far the digits of a line stand from its middle: standard deviation
SAME_LINE = 0.7  # neighbours whose centres stand further apart than this, down the page, are on two lines
STACKED = 0.25  # one above the other: further apart than this down the page, and ...
OVERLAP = 0.5  # ... so much of the narrower's width shared
FAR = 0.5  # to how much down the page a height across counts


class Marks(NamedTuple):
    """Boxes as float64 (n,) columns: centres and sizes."""

    x: Float
    y: Float
    w: Float
    h: Float


def order(boxes: Sequence[Box]) -> list[list[int]]:
    """Put boxes into lines.

    Rows are read across the whole page: columns and words far apart are one line.

    Returns:
        Indices into `boxes`, line by line from the top, each line from left to right.
    """
    if not boxes:
        return []
    left, top, w, h = np.array(boxes, np.float64).T
    marks = Marks(left + w / 2, top + h / 2, w, h)
    usual = float(np.median(h))
    straight = marks._replace(y=marks.y - _slope(marks, usual) * marks.x)
    lines = [sorted(line, key=lambda i: float(marks.x[i])) for line in _lines(straight, usual)]
    return sorted(lines, key=lambda line: float(straight.y[line].mean()))


def _slope(marks: Marks, usual: float) -> float:
    """The page's slope: the one that gathers centres into rows, and into columns, best (Postl, ICPR 1986)."""
    rows = _gathered((marks.y[:, None] - SLOPES * marks.x[:, None]) / usual)
    columns = _gathered((marks.x[:, None] + SLOPES * marks.y[:, None]) / usual)
    steepness = np.abs(SLOPES) / SLOPES[-1]
    score = (rows + COLUMNS * columns) * (1 - UPRIGHT * steepness) - FEW * steepness
    return float(SLOPES[np.argmax(score)])


def _gathered(places: Float) -> Float:
    """How many pairs stand level under each slope, more the more nearly.

    Args:
        places: float64 (n, slopes), in heights.
    """
    n, slopes = places.shape
    reach = round(3 * SPREAD * FINENESS)
    bins = np.floor((places - places.min()) * FINENESS).astype(np.int64)
    width = int(bins.max()) + 1 + 2 * reach  # the padding parts one slope's bins from the next one's
    bins += width * np.arange(slopes) + reach
    counts = np.bincount(bins.ravel(), minlength=width * slopes).astype(np.float64)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (SPREAD * FINENESS)) ** 2)
    near = np.convolve(counts, bell, "same")
    return np.asarray((counts * near).reshape(slopes, width).sum(axis=1) - n)


def _lines(marks: Marks, usual: float) -> list[list[int]]:
    """Join neighbours, the nearest first (as Kruskal's spanning tree does), into lines that hold no stack."""
    n = len(marks.x)
    a, b = np.triu_indices(n, 1)
    height = np.maximum(np.maximum(marks.h[a], marks.h[b]), usual)
    down = np.abs(marks.y[a] - marks.y[b]) / height
    gap = np.abs(marks.x[a] - marks.x[b]) - (marks.w[a] + marks.w[b]) / 2
    stacked = (-gap > OVERLAP * np.minimum(marks.w[a], marks.w[b])) & (down > STACKED)
    apart = np.zeros((n, n), np.bool_)  # lines, named by a box of theirs, that must not become one
    apart[a, b] = apart[b, a] = stacked
    cost = down + FAR * np.maximum(gap, 0) / height
    near = np.flatnonzero((down < SAME_LINE) & ~stacked)
    near = near[np.argsort(cost[near], kind="stable")]
    line_of = list(range(n))
    lines = [[i] for i in range(n)]
    for one, two in zip(a[near].tolist(), b[near].tolist(), strict=True):
        kept, other = line_of[one], line_of[two]
        if kept == other or apart[kept, other]:
            continue
        for i in lines[other]:
            line_of[i] = kept
        lines[kept] += lines[other]
        lines[other] = []
        apart[kept] |= apart[other]
        apart[:, kept] |= apart[:, other]
    return [line for line in lines if line]
