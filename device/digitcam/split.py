"""Ways to cut joined digits apart.

Cuts are the shortest ways for light from above to below: where the ink is thin, along valleys, round strokes rather than
through them. That is a seam (Avidan and Shamir, SIGGRAPH 2007) through a cost that ink raises, which unites the
classical places for cuts, the minima of the projection and the valleys of the contour (Casey and Lecolinet, IEEE PAMI
18, 1996), and lets a cut slant.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.find import Blob
from digitcam.reading import Box

HIGH = 48  # pixels: seams are sought in a picture of this height, whatever the blob's
MOST = 4  # digits in one blob
NARROWEST, WIDEST = 0.12, 1.15  # width / height of a piece: a thin 1, a broad 0
USUAL = 0.65  # likewise, what most pieces are
SPREAD = 0.35  # likewise, by how much they differ
INK = 5.0  # what a pixel of full ink costs a seam, where one of paper costs 1
LEAN = 1.0  # what a step to the side costs
CANDIDATES = 8  # cuts that are combined
APART = 0.12  # of the height: two cuts nearer to each other than this are one
PROPOSALS = 8
ODD = 0.5  # what a piece of odd width costs, where a cut through a stroke as thick as the blob is high costs 1
LEAST_INK = 0.08  # of the blob's: less is no digit


def split(blob: Blob) -> Sequence[tuple[Blob, ...]]:
    """Propose ways to cut a blob into two to four digits side by side.

    Args:
        blob: perhaps joined digits, as `digitcam.find` gives them.

    Returns:
        At most `PROPOSALS` of them, the likeliest first: pieces from left to right, which together hold all the ink.
        Empty where the blob is too slim for two digits.
    """
    _, _, w, h = blob.box
    seams = _seams(blob.ink)
    proposals = []
    for count in range(2, MOST + 1):
        if not NARROWEST * count < w / h < WIDEST * count:
            continue
        for chosen in combinations(seams, count - 1):
            cuts = sorted(chosen, key=lambda seam: float(seam[1].mean()))
            pieces = _pieces(blob, [way for _, way in cuts])
            if pieces:
                proposals.append((_cost([cost for cost, _ in cuts], pieces, h), pieces))
    proposals.sort(key=lambda proposal: proposal[0])
    return [pieces for _, pieces in proposals[:PROPOSALS]]


def _seams(ink: NDArray[np.uint8]) -> list[tuple[float, NDArray[np.intp]]]:
    """The cheapest cuts, each with its cost in heights of full ink: the column, in blob pixels, that is right of each row."""
    height, width = ink.shape
    scale = min(1.0, HIGH / height)
    small = cv2.resize(ink, (max(2, round(width * scale)), max(2, round(height * scale))), interpolation=cv2.INTER_AREA)
    found = []
    for cost, seam in _cheapest(1 + INK * small.astype(np.float64) / max(1, int(small.max()))):
        rows = np.minimum((np.arange(height) * len(seam)) // height, len(seam) - 1)
        found.append((cost / (INK * len(seam)), np.rint(seam[rows] * width / small.shape[1]).astype(np.intp)))
    return found


def _cheapest(cost: NDArray[np.float64]) -> Iterator[tuple[float, NDArray[np.intp]]]:
    """Seams from the top row to the bottom row of a picture, cheapest first, none near another at half height."""
    height, width = cost.shape
    middle = height // 2
    upper, up = _ways(cost[: middle + 1])
    lower, down = _ways(cost[: middle - 1 : -1])
    total = upper + lower - cost[middle]
    margin = max(1, round(NARROWEST * height))
    total[:margin] = total[width - margin :] = np.inf
    reach = max(1, round(APART * height))
    for _ in range(CANDIDATES):
        at = int(total.argmin())
        if not np.isfinite(total[at]):
            return
        yield float(total[at]), np.concatenate([_followed(up, at), _followed(down, at)[-2::-1]])
        total[max(0, at - reach) : at + reach + 1] = np.inf


def _ways(cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The cost of the cheapest way from the first row to each column of the last, and where each step comes from."""
    total = cost[0]
    came = np.zeros(cost.shape, np.intp)
    columns = np.arange(cost.shape[1])
    for row in range(1, len(cost)):
        padded = np.pad(total, 1, constant_values=np.inf)
        ways = np.stack([padded[1:-1], padded[:-2] + LEAN, padded[2:] + LEAN])
        best = ways.argmin(axis=0)
        came[row] = columns + np.array([0, -1, 1])[best]
        total = ways[best, columns] + cost[row]
    return total, came


def _followed(came: NDArray[np.intp], end: int) -> NDArray[np.intp]:
    """The columns of the way that ends at a column of the last row."""
    seam = np.empty(len(came), np.intp)
    seam[-1] = end
    for row in range(len(came) - 1, 0, -1):
        seam[row - 1] = came[row, seam[row]]
    return seam


def _pieces(blob: Blob, ways: list[NDArray[np.intp]]) -> tuple[Blob, ...]:
    """What lies left of, between and right of cuts; none where a piece is no digit's size or the cuts cross."""
    height, width = blob.ink.shape
    columns = np.arange(width)
    pieces = []
    left = np.zeros(height, np.intp)
    inked = np.count_nonzero(blob.ink)
    for right in [*ways, np.full(height, width, np.intp)]:
        if (right < left).any():
            return ()
        ink = np.where((columns >= left[:, None]) & (columns < right[:, None]), blob.ink, np.uint8(0))
        x, y, w, h = cv2.boundingRect(ink)
        if not NARROWEST * height <= max(w, NARROWEST * h) <= WIDEST * height:
            return ()
        if h < height / 2 or np.count_nonzero(ink) < LEAST_INK * inked:
            return ()
        box = Box(blob.box.x + x, blob.box.y + y, w, h)
        pieces.append(Blob(box, np.ascontiguousarray(ink[y : y + h, x : x + w]), blob.strength))
        left = right
    return tuple(pieces)


def _cost(cuts: list[float], pieces: tuple[Blob, ...], height: int) -> float:
    """How unlikely a proposal is: ink cut through, and widths unlike a digit's."""
    odd = [max(0.0, abs(piece.box.w / height - USUAL) - SPREAD / 2) / SPREAD for piece in pieces]
    return sum(cuts) / len(cuts) + float(np.mean(odd)) * ODD
