"""Which way up a page lies: a vote of its digits."""

import numpy as np

from digitcam.finder import Found
from digitcam.params import LEAD
from digitcam.reading import Box

QUARTER = 90  # degrees


def page_turn(found: Found) -> int:
    """By how many quarters the page is turned counterclockwise, 0 to 3; in doubt 0.

    Each digit's say is the logarithm of how likely each side is, by its score, so that a 0 or an 8, which look alike
    on two sides, says little.
    """
    if not len(found):
        return 0
    votes = found.scores @ np.log(np.maximum(found.turns, np.float32(1e-3)))
    likeliest = int(votes.argmax())
    return likeliest if votes[likeliest] - votes[0] > LEAD * np.sqrt(len(found)) else 0


def upright(box: Box, quarters: int, shape: tuple[int, ...]) -> Box:
    """Where a box of a picture comes to lie when that is turned clockwise by so many quarters.

    Args:
        box: in pixels of the picture as it is.
        quarters: 0 to 3.
        shape: (height, width) of the picture as it is.
    """
    height, width = shape
    for _ in range(quarters):
        box = Box(height - box.y - box.h, box.x, box.h, box.w)
        height, width = width, height
    return box
