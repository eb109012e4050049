"""The strokes of one digit, joined: what a lifted pen or faint ink left apart."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.blob import Blob, around, distance, joined
from digitcam.components import STACKED
from digitcam.reading import Box
from digitcam.usual import SMALL

GAP = 0.18  # of the page's usual digit height: strokes closer than this may belong to one digit
TALL = 0.6  # likewise: at least this high, a blob is a digit or its body, not a stroke that lost its digit
SPECK = 0.12  # likewise: smaller, it is part of nothing
HIGHEST = 1.5  # likewise: two strokes that together are higher than this are two digits
BROADEST = 1.3  # of the body's width, or of a usual digit's: a top bar may stand out so far
MOST_STROKES = 3  # of a digit that has no body
TALLER = 1.3  # times the usual height: two pieces that together are higher were two digits
SLIMMEST = 0.45  # width / height: most digits are wider


def mended(blobs: list[Blob], least: float) -> list[Blob]:
    """Join two pieces of a digit, one above the other, where the pen was lifted: neither need be a digit's body.

    Two digits of two lines stand like that too. So the two must be no higher than what stands alone on the page; where
    most of it comes in pairs, they must be digits in shape, which two above each other are too slim for.
    """
    parts = [blob for blob in blobs if blob.box.h >= least]
    pairs = _stacks(parts)
    if not pairs:
        return blobs
    paired = [blob for pair in pairs for blob in pair]
    boxes = [around(a.box, b.box) for a, b in pairs]
    alone = [blob.box.h for blob in parts if blob not in paired]
    if len(alone) >= len(pairs):
        highest = TALLER * float(np.median(alone))
    elif np.median([box.w / box.h for box in boxes]) > SLIMMEST:
        highest = TALLER * float(np.median([box.h for box in boxes]))
    else:
        return blobs
    broken = [pair for pair, box in zip(pairs, boxes, strict=True) if box.h <= highest]
    kept = [blob for blob in blobs if not any(blob in pair for pair in broken)]
    return kept + [joined(*pair) for pair in broken]


def _stacks(parts: list[Blob]) -> list[tuple[Blob, Blob]]:
    """Pairs of blobs, the upper first, whose ink nearly touches, and that touch no third."""
    if not parts:
        return []
    x, y, w, h = np.array([part.box for part in parts]).T
    strength = np.array([part.strength for part in parts])
    right, bottom = x + w, y + h
    height = np.maximum.outer(bottom, bottom) - np.minimum.outer(y, y)
    width = np.maximum.outer(right, right) - np.minimum.outer(x, x)
    shared = np.minimum.outer(right, right) - np.maximum.outer(x, x)
    gap = y[None] - bottom[:, None]
    stacked = (
        (shared > 0.5 * np.minimum.outer(w, w))
        & (gap < STACKED * height)
        & (gap > -2 * STACKED * height)
        & (np.minimum.outer(h, h) > SMALL * height)
        & (width < BROADEST * height)
        & (np.minimum.outer(strength, strength) > 0.5 * np.maximum.outer(strength, strength))
    )
    stacked &= (y[None] > y[:, None]) & (bottom[None] > bottom[:, None])
    lone = stacked.sum(axis=0) + stacked.sum(axis=1) == 1
    return [
        (parts[i], parts[j])
        for i, j in np.argwhere(stacked & lone[:, None] & lone[None])
        if _paper_between(parts[i], parts[j]) < STACKED * height[i, j]
    ]


def _paper_between(a: Blob, b: Blob) -> float:
    """Distance from the ink of one blob to that of another, pixels."""
    box = around(a.box, b.box)
    free = np.ones((box.h, box.w), np.uint8)
    x, y = a.box.x - box.x, a.box.y - box.y
    free[y : y + a.box.h, x : x + a.box.w][a.ink > 0] = 0
    away = cv2.distanceTransform(free, cv2.DIST_L2, 3)
    x, y = b.box.x - box.x, b.box.y - box.y
    return float(away[y : y + b.box.h, x : x + b.box.w][b.ink > 0].min())


def merge(blobs: list[Blob], usual: float) -> list[Blob]:
    """Join the strokes of one digit: a piece with the nearest blob that it nearly touches; specks stay alone."""
    specks = [blob for blob in blobs if max(blob.box.w, blob.box.h) < SPECK * usual]
    bodies = [blob for blob in blobs if blob.box.h >= TALL * usual]
    pieces = [blob for blob in blobs if blob.box.h < TALL * usual and max(blob.box.w, blob.box.h) >= SPECK * usual]
    whole = list(bodies)
    strokes = [[body] for body in bodies]
    boxes = np.array([blob.box for blob in (*whole, *pieces)], np.int64).reshape(-1, 4)
    for piece in pieces:
        nearest = _nearest(piece.box, boxes[: len(whole)])
        if nearest is not None and _belongs(whole[nearest], piece, usual):
            whole[nearest] = joined(whole[nearest], piece)
            strokes[nearest].append(piece)
            boxes[nearest] = whole[nearest].box
        else:
            boxes[len(whole)] = piece.box
            whole.append(piece)
            strokes.append([piece])
    # many small pieces without a body are small print
    small_print = [len(bodies) <= i and len(pieces) > MOST_STROKES for i, pieces in enumerate(strokes)]
    apart = [piece for small, pieces in zip(small_print, strokes, strict=True) if small for piece in pieces]
    return [blob for small, blob in zip(small_print, whole, strict=True) if not small] + apart + specks


def _nearest(box: Box, boxes: NDArray[np.int64]) -> int | None:
    """Which of (n, 4) boxes has the least paper between it and `box`; a printed page has thousands."""
    if not len(boxes):
        return None
    x, y, w, h = boxes.T
    across = np.maximum(np.maximum(x - box.x - box.w, box.x - x - w), 0)
    down = np.maximum(np.maximum(y - box.y - box.h, box.y - y - h), 0)
    return int(np.argmin(across * across + down * down))


def _belongs(whole: Blob, piece: Blob, usual: float) -> bool:
    """Whether a piece may be a stroke of the same digit: near, as dark, and the two no larger than a digit."""
    both = around(whole.box, piece.box)
    return (
        distance(whole.box, piece.box) < GAP * usual
        and both.h < HIGHEST * usual
        and both.w < BROADEST * max(whole.box.w, 0.7 * usual)
        and piece.strength > 0.5 * whole.strength
    )
