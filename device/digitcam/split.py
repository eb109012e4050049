"""Where joined digits may be cut apart, and the pieces between two cuts.

Cuts are the cheapest ways from above to below: where the ink is thin, along valleys, round strokes rather than through
them. That is a seam (Avidan and Shamir, SIGGRAPH 2007) through a cost that ink raises, which unites the
classical places for cuts, the minima of the projection and the valleys of the contour (Casey and Lecolinet, IEEE PAMI
18, 1996), and lets a cut slant.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.blob import Blob
from digitcam.reading import Box

HIGH = 48  # pixels: seams are sought in a picture of this height, whatever the blob's
INK = 5.0  # what a pixel of full ink costs a seam, where one of paper costs 1
LEAN = 1.5  # what a step to the side costs
STEPS = np.array([0, -1, 1])  # columns, from one row of a seam to the next
CUTS = 6.0  # for each height that a blob is wide
APART = 0.1  # of the height: two cuts nearer to each other than this are one
NARROWEST, WIDEST = 0.12, 1.15  # width of a piece / height of the blob: a thin 1, a broad 0
LOWEST = 0.7  # height of a piece / height of the row: digits that touch are much alike, parts of letters are not
ROW = 1.5  # width / height of a blob from which on its slant can be told


Cut = NDArray[np.intp]
"""A way from above to below, (height,): in each row the first column right of it."""


def cuts(blob: Blob) -> list[Cut]:
    """Find where a blob may be cut.

    Args:
        blob: perhaps joined digits, as `digitcam.find` gives them.

    Returns:
        The blob's left edge, cuts from left to right, and its right edge.
    """
    height, width = blob.ink.shape
    scale = min(1.0, HIGH / height)
    size = max(2, round(width * scale)), max(2, round(height * scale))
    small = cv2.resize(blob.ink, size, interpolation=cv2.INTER_AREA)
    rows = np.minimum((np.arange(height) * len(small)) // height, len(small) - 1)
    cost = 1 + INK * small.astype(np.float64) / max(1, int(small.max()))
    seams = sorted(_cheapest(cost, round(CUTS * width / height)), key=lambda seam: float(seam.mean()))
    found = [np.rint(seam[rows] * width / small.shape[1]).astype(np.intp) for seam in seams]
    return [np.zeros(height, np.intp), *found, np.full(height, width, np.intp)]


def lowest_in(blob: Blob) -> float:
    """How high a piece must be, in pixels: as a row of digits is, less by what a line through its ink climbs."""
    _, _, w, h = blob.box
    if w < ROW * h:
        return LOWEST * h
    y, x = np.nonzero(blob.ink)
    x = x - x.mean()
    climb = abs(float(x @ y / (x @ x))) * w
    return LOWEST * max(h - climb, h / 2)


def piece(blob: Blob, left: Cut, right: Cut, lowest: float) -> Blob | None:
    """What lies between two cuts of a blob.

    Args:
        blob: perhaps joined digits.
        left: one of its cuts.
        right: another.
        lowest: pixels; a piece that is lower is none.

    Returns:
        The ink between them in a box of its own; None where that is of no digit's size, or the cuts cross.
    """
    height = len(blob.ink)
    if (right < left).any() or float((right - left).mean()) > WIDEST * height:
        return None
    start, end = int(left.min()), int(right.max())
    columns = np.arange(start, end)
    within = (columns >= left[:, None]) & (columns < right[:, None])
    ink = np.where(within, blob.ink[:, start:end], np.uint8(0))
    x, y, w, h = cv2.boundingRect(ink)
    if h < lowest or not NARROWEST * height <= max(w, NARROWEST * h) <= WIDEST * height:
        return None
    box = Box(blob.box.x + start + x, blob.box.y + y, w, h)
    return Blob(box, np.ascontiguousarray(ink[y : y + h, x : x + w]), blob.strength)


def _cheapest(cost: NDArray[np.float64], most: int) -> Iterator[NDArray[np.intp]]:
    """Seams from the top row to the bottom row of a picture, cheapest first, none near another at half height."""
    height, width = cost.shape
    middle = height // 2
    upper, up = _ways(cost[: middle + 1])
    lower, down = _ways(cost[: middle - 1 : -1])
    total = upper + lower - cost[middle]
    margin = max(1, round(NARROWEST * height))
    total[:margin] = total[width - margin :] = np.inf
    reach = max(1, round(APART * height))
    for _ in range(most):
        at = int(total.argmin())
        if not np.isfinite(total[at]):
            return
        yield np.concatenate([_followed(up, at), _followed(down, at)[-2::-1]])
        total[max(0, at - reach) : at + reach + 1] = np.inf


def _ways(cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The cost of the cheapest way from the first row to each column of the last, and where each step comes from."""
    width = cost.shape[1]
    columns = np.arange(width)
    came = np.zeros(cost.shape, np.intp)
    total = np.full(width + 2, np.inf)  # nothing comes from beyond the sides
    total[1:-1] = cost[0]
    ways = np.empty((len(STEPS), width))
    for row in range(1, len(cost)):
        ways[0] = total[1:-1]
        np.add(total[:-2], LEAN, out=ways[1])
        np.add(total[2:], LEAN, out=ways[2])
        best = ways.argmin(axis=0)
        came[row] = columns + STEPS[best]
        total[1:-1] = ways[best, columns] + cost[row]
    return total[1:-1], came


def _followed(came: NDArray[np.intp], end: int) -> NDArray[np.intp]:
    """The columns of the way that ends at a column of the last row."""
    seam = np.empty(len(came), np.intp)
    seam[-1] = end
    for row in range(len(came) - 1, 0, -1):
        seam[row - 1] = came[row, seam[row]]
    return seam
