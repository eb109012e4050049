"""Whether ink is darker or lighter than what it stands on, told for a frame's bright and dark part alone."""

import cv2
import numpy as np
from numpy.typing import NDArray

WIDEST_STROKE = 1 / 9  # of the frame's shorter side; anything wider is no stroke
SIDE = 160  # pixels: polarity is told at this size
BRIGHT = 128  # half of white
LEAST_PART = 0.1  # of the frame: a smaller bright or dark part is not looked at by itself
APART = 1.8  # times as bright as a board is paper in the same light
WEAKEST = 0.03  # of the squared contrast on the paper: less on the dark part is no writing but noise
LIGHTER = 1.5  # times the squared contrast of dark strokes: paper is the rule, a blackboard must show clearly


def dark_on_light(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn round what is written in light ink: the whole frame, or the board beside the paper.

    A stroke differs from the local median, since ink is the smaller part of any neighbourhood, and is narrow. The gaps
    between dark strokes are narrow too but make the median; a bright sheet's corner is above the median but not narrow.
    """
    if np.percentile(grey[::4, ::4], 100 * LEAST_PART) > BRIGHT:
        return grey
    side = min(1.0, SIDE / max(grey.shape))
    small = np.asarray(cv2.resize(grey, None, fx=side, fy=side, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    reach = max(3, round(WIDEST_STROKE * min(small.shape)))
    median = np.asarray(cv2.medianBlur(small, 2 * reach + 1), dtype=np.uint8)
    lighter, darker = _above(small, median, reach), _above(~small, ~median, reach)
    whole = np.ones_like(small)
    # nobody writes in light ink on a frame that is mostly bright
    turned = whole * np.uint8(np.median(small) <= BRIGHT and _is_light(lighter, darker, whole) > 0)
    bright, dark = _parts(median, reach)
    written = WEAKEST * cv2.norm(darker, cv2.NORM_L2SQR, bright) < cv2.norm(lighter, cv2.NORM_L2SQR, dark)
    if written and _is_light(lighter, darker, dark) > 0 > _is_light(lighter, darker, bright):
        turned = whole ^ bright
    if not turned.any():
        return grey
    mask = cv2.resize(turned * np.uint8(255), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask = np.asarray(cv2.threshold(mask, BRIGHT, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    return np.asarray(cv2.bitwise_xor(grey, mask), dtype=np.uint8)


def _above(small: NDArray[np.uint8], median: NDArray[np.uint8], reach: int) -> NDArray[np.uint8]:
    """How much lighter than the local median narrow things are."""
    narrow = cv2.morphologyEx(small, cv2.MORPH_TOPHAT, np.ones((reach, reach), np.uint8))
    return np.asarray(cv2.min(cv2.subtract(small, median), narrow), dtype=np.uint8)


def _is_light(lighter: NDArray[np.uint8], darker: NDArray[np.uint8], where: NDArray[np.uint8]) -> int:
    """1 where strokes are lighter than what they stand on, -1 where darker, 0 where that cannot be told."""
    # squares, so that noise, which is even, does not outvote strokes, which are few and strong
    light, dark = (cv2.norm(strokes, cv2.NORM_L2SQR, where) for strokes in (lighter, darker))
    return int(light > LIGHTER * dark) - int(dark > LIGHTER * light)


def _parts(median: NDArray[np.uint8], reach: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A frame's bright part, and the inside of its dark one: uint8, 1 inside; both empty where they are much alike."""
    bright = np.asarray(cv2.threshold(median, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], dtype=np.uint8)
    wider = np.ones((2 * reach - 1, 2 * reach - 1), np.uint8)  # than any stroke
    dark = np.asarray(cv2.erode(1 - bright, wider), dtype=np.uint8)
    large = min(float(dark.mean()), float(bright.mean())) > LEAST_PART
    if large and np.median(median[bright > 0]) > APART * np.median(median[dark > 0]):
        return bright, dark
    return np.zeros_like(median), np.zeros_like(median)
