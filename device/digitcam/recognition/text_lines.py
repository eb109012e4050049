"""Boxes -> lines of text in reading order.

The page is set straight by the slope that lines its digits up best; then neighbours are joined, the nearest first,
and nothing joins two digits of which one stands above the other.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.reading import Box
from digitcam.recognition import params

Float = NDArray[np.float64]

SLOPES = np.linspace(-0.4, 0.4, 61)  # down the page for each pixel to the right, to 22 degrees
FINENESS = 8  # bins a height


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
    """The page's slope: the one that gathers centres into rows best (Postl, ICPR 1986)."""
    rows = _gathered((marks.y[:, None] - SLOPES * marks.x[:, None]) / usual)
    steepness = np.abs(SLOPES) / SLOPES[-1]
    score = rows * (1 - params.UPRIGHT * steepness)
    return float(SLOPES[np.argmax(score)])


def _gathered(places: Float) -> Float:
    """How many pairs stand level under each slope, more the more nearly.

    Args:
        places: float64 (n, slopes), in heights.
    """
    n, slopes = places.shape
    reach = round(3 * params.SPREAD * FINENESS)
    bins = np.floor((places - places.min()) * FINENESS).astype(np.int64)
    width = int(bins.max()) + 1 + 2 * reach  # the padding parts one slope's bins from the next one's
    bins += width * np.arange(slopes) + reach
    counts = np.bincount(bins.ravel(), minlength=width * slopes).astype(np.float64)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (params.SPREAD * FINENESS)) ** 2)
    near = np.convolve(counts, bell, "same")
    return np.asarray((counts * near).reshape(slopes, width).sum(axis=1) - n)


def _lines(marks: Marks, usual: float) -> list[list[int]]:
    """Join neighbours, the nearest first (as Kruskal's spanning tree does), into lines that hold no stack."""
    n = len(marks.x)
    a, b = np.triu_indices(n, 1)
    height = np.maximum(np.maximum(marks.h[a], marks.h[b]), usual)
    down = np.abs(marks.y[a] - marks.y[b]) / height
    gap = np.abs(marks.x[a] - marks.x[b]) - (marks.w[a] + marks.w[b]) / 2
    stacked = (-gap > params.OVERLAP * np.minimum(marks.w[a], marks.w[b])) & (down > params.SPREAD)
    apart = np.zeros((n, n), np.bool_)  # lines, named by a box of theirs, that must not become one
    apart[a, b] = apart[b, a] = stacked
    cost = down + np.maximum(gap, 0) / height
    near = np.flatnonzero((down < params.SAME_LINE) & ~stacked)
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
