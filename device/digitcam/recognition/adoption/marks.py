"""A picture -> its marks of ink, whatever they are: for labels other than digits, which the finder passes over.

Ink is what differs from the paper around it, to the side on which more does; a mark is what hangs together, with its
dot or accent.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.recognition import params
from digitcam.recognition.finder import Found
from digitcam.recognition.look import Pyramid


def find_marks(pyramid: Pyramid) -> Found:
    """Find every mark of a picture; each is certain, upright and written, and cut where the picture's edge meets it."""
    grey, step = pyramid.level_for(min(1.0, params.MARKS_SIDE / max(pyramid.size)))
    ends = _merged(_without_frames(_components(_ink(grey))))
    sizes = (ends[:, 2:] - ends[:, :2]).max(axis=1, initial=0)
    if len(ends):
        usual = np.median(sizes[sizes >= np.median(sizes)])
        ends, sizes = ends[sizes >= params.DUST * usual], sizes[sizes >= params.DUST * usual]
    height, width = grey.shape
    at_edge = (ends[:, :2] <= 0).any(axis=1) | (ends[:, 2:] >= [width, height]).any(axis=1)
    n = len(ends)
    upright = np.tile(np.array([1, 0, 0, 0], np.float32), (n, 1))
    return Found(
        np.asarray(ends * step, np.float32),
        np.ones(n, np.float32),
        upright,
        at_edge.astype(np.float32),
        np.zeros(n, np.float32),
        sizes.astype(np.float32),
    )


def _ink(grey: Grey) -> NDArray[np.uint8]:
    """Mark with 1 where there is ink, in the picture's shape."""
    height, width = grey.shape
    few = cv2.resize(
        grey, (max(1, width // params.PAPER_STEP), max(1, height // params.PAPER_STEP)), interpolation=cv2.INTER_AREA
    )
    window = max(3, int(params.PAPER_WINDOW * min(few.shape)) | 1)
    paper = cv2.resize(cv2.medianBlur(few, window), (width, height), interpolation=cv2.INTER_LINEAR)
    noise = 1.48 * float(np.median(cv2.absdiff(cv2.medianBlur(grey, 3), grey)))
    least = max(params.FAINTEST, params.OVER_NOISE * noise)
    darker, lighter = (np.asarray(cv2.subtract(*pair), np.uint8) for pair in ((paper, grey), (grey, paper)))
    sides = [_strokes(side, least) for side in (darker, lighter)]
    mask = max(sides, key=_outline)
    for lengths in ((int(params.RULE * width), 1), (1, int(params.RULE * height))):
        rules = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(lengths[::-1], np.uint8))
        mask[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    return mask


def _strokes(differs: Grey, least: float) -> NDArray[np.uint8]:
    """Mark with 1 where a picture differs from its paper, to one side, by enough of what most of its ink does."""
    inked = differs[differs > least]
    enough = max(least, params.STROKE * float(np.percentile(inked, 100 * params.MOST_INK))) if inked.size else 255
    return np.asarray(differs > enough, np.uint8)


def _outline(mask: NDArray[np.uint8]) -> int:
    """Count the pixels on the outlines of marks: of strokes more than of shadows, sheets and tables."""
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8))
    return int(np.count_nonzero((solid > 0) & (inner == 0)))


def _components(mask: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Give left, top, right and bottom of what hangs together and is no speck: (n, 4)."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, high, area = stats[1:].T
    ends = np.stack([left, top, left + wide, top + high], axis=1).astype(np.float64)
    return np.asarray(ends[area >= params.LEAST_MARK])


def _without_frames(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep those that hold fewer than `FRAMED` middles of others that are much smaller."""
    x, y = ((ends[:, axis] + ends[:, axis + 2]) / 2 for axis in (0, 1))
    sizes = (ends[:, 2:] - ends[:, :2]).max(axis=1, initial=0)
    left, top, right, bottom = ends.T[:, :, None]
    holds = (
        (x > left)
        & (x < right)
        & (y > top)
        & (y < bottom)
        & (sizes < params.PART * sizes[:, None])
        & (sizes >= params.LEAST_MARK)
    )
    return np.asarray(ends[holds.sum(axis=1) < params.FRAMED])


def _merged(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Join marks with their dots and accents, and strokes that lie within others' boxes, to one box each."""
    order = np.argsort(-(ends[:, 2:] - ends[:, :2]).max(axis=1, initial=0), kind="stable")
    whole: list[NDArray[np.float64]] = []
    for part in ends[order]:
        host = _host(part, np.array(whole).reshape(-1, 4))
        if host is None:
            whole.append(part)
        else:
            whole[host] = np.concatenate([np.minimum(whole[host][:2], part[:2]), np.maximum(whole[host][2:], part[2:])])
    return np.array([box for box in whole if max(box[2:] - box[:2]) >= params.LEAST_MARK]).reshape(-1, 4)


def _host(part: NDArray[np.float64], others: NDArray[np.float64]) -> int | None:
    """Find which of the others, all of them larger, a part belongs to."""
    if not len(others):
        return None
    size = (part[2:] - part[:2]).max()
    sizes, heights = (others[:, 2:] - others[:, :2]).max(axis=1), others[:, 3] - others[:, 1]
    across = np.minimum(others[:, 2], part[2]) - np.maximum(others[:, 0], part[0])
    down = np.maximum(others[:, 1], part[1]) - np.minimum(others[:, 3], part[3])  # the gap; negative where they overlap
    spanned = across >= params.SPANNED * max(part[2] - part[0], 1)
    near = down <= np.where(size < params.PART * sizes, params.GAP * heights, -params.SPANNED * (part[3] - part[1]))
    gaps = np.where(spanned & near, down, np.inf)
    return int(gaps.argmin()) if np.isfinite(gaps).any() else None
