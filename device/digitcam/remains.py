"""What is left of squared paper reads as 1s: a bare upright stroke is one, wherever it comes from.

Only the page tells them apart: one that says nothing but 1s, beside as many dashes, is squared paper that nobody wrote
on.
"""

from collections.abc import Sequence

from digitcam.reading import Box

# Measured on rendered frames (`digitlab score --rendered`): empty squared paper had 38 bars among 40 digits and 48
# dashes; of written pages with rules, grids or cells none had more than a sixth of its digits bars.
SLENDER = 0.3  # width / height of a bar; height / width of a dash
LEAST = 3  # bars
BARS = 0.8  # share of the digits that are bars
DASHES = 0.5  # for each bar
LOW, MANY = 0.06, 2  # height / side of the page of fewer bars, with nothing else beside them, and dashes for each


def is_bar(box: Box) -> bool:
    """Whether a box is as slim as a bare upright stroke's."""
    return box.w < SLENDER * box.h


def is_squared_paper(ones: Sequence[Box], digits: int, others: Sequence[Box], side: int) -> bool:
    """Whether a page's 1s are what is left of a grid.

    Args:
        ones: boxes of what was read as a 1 and is a bar.
        digits: how many digits were read in all.
        others: boxes of what was found and not read.
        side: the page's shorter one, pixels.
    """
    dashes = sum(box.h < SLENDER * box.w for box in others)
    if len(ones) >= LEAST:
        return len(ones) >= BARS * digits and dashes >= DASHES * len(ones)
    low = all(box.h < LOW * side for box in ones)
    return 0 < len(ones) == digits and low and dashes >= MANY * len(ones)
