"""How much ink stands at each pixel of a frame, whatever the light."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SHRINK = 4  # the background is smooth, so a quarter of the size is enough and 16 times cheaper
WIDEST_STROKE = 1 / 9  # of the frame's shorter side; anything wider counts as background
THICK_STROKE = 1 / 4  # likewise, for ink darker than
INK = 0.4  # of the paper's light

DARKEST = 24  # grey level: on paper darker than this, ink is lost in the camera's noise
DEEPEST_SHADOW = 0.35  # of the brightest paper: what is darker is no paper, and its noise is not to be magnified
POLARITY_SIDE = 160  # pixels: polarity is told at this size
BRIGHT = 128  # half of white
MOST_PAPER = 0.7  # of the frame: where less is paper, the rest has no say in how even paper is
LEAST_PART = 0.1  # of the frame: a smaller bright or dark part is not looked at by itself
APART = 1.8  # times as bright as a board is paper in the same light
WEAKEST = 0.03  # of the squared contrast on the paper: less on the dark part is no writing but noise
LIGHTER = 1.5  # times the squared contrast of dark strokes: paper is the rule, a blackboard must show clearly


class Ink(NamedTuple):
    """A frame without its light.

    Attributes:
        level: uint8 (height, width), the share of the paper's light that the ink takes, 255 for all of it.
        noise: standard deviation of `level` on bare paper.
    """

    level: NDArray[np.uint8]
    noise: float


def measure(grey: NDArray[np.uint8], polarity: str) -> Ink:
    """Divide a frame by its own local background.

    Args:
        grey: uint8 (height, width).
        polarity: `dark` ink, `light` ink, or `auto`: whichever differs more from the local median, told apart for the
            bright and the dark part of a frame that has both.
    """
    if polarity == "light":
        grey = np.asarray(cv2.bitwise_not(grey), dtype=np.uint8)
    elif polarity == "auto":
        grey = _dark_on_light(grey)
    smooth = np.asarray(cv2.GaussianBlur(grey, (3, 3), 0), dtype=np.uint8)
    paper = _background(smooth)
    brightest = float(np.percentile(paper[::SHRINK, ::SHRINK], 90))
    darkest = max(DARKEST, DEEPEST_SHADOW * brightest)
    lit = paper[:: SHRINK // 2, :: SHRINK // 2] > darkest
    paper = np.maximum(paper, np.uint8(darkest))
    taken = cv2.subtract(paper, smooth)
    level = cv2.divide(taken, paper, scale=255)
    sample = level[:: SHRINK // 2, :: SHRINK // 2]
    if MOST_PAPER > lit.mean() > 0:  # a table around a sheet is no paper
        sample = sample[lit]
    bare = float(np.median(sample))
    # the background is a local maximum, so bare paper stands a little below it
    level = cv2.subtract(level, np.full((1,), bare, np.float64))
    spread = sample[sample <= 2 * bare + 1].astype(np.float32) - bare
    noise = 1.4826 * float(np.median(np.abs(spread))) if spread.size else 0.0
    return Ink(np.asarray(level, dtype=np.uint8), max(noise, 0.5))


def _background(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The paper under the ink: a closing wider than any stroke, then smoothed."""
    height, width = grey.shape
    small = cv2.resize(grey, (max(1, width // SHRINK), max(1, height // SHRINK)), interpolation=cv2.INTER_AREA)
    reach = max(3, round(WIDEST_STROKE * min(small.shape)) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    # what is wider but no brighter than ink is a thick pen's stroke in a picture that one digit fills
    wide = max(3, round(THICK_STROKE * min(small.shape)) | 1)
    far = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    closed = np.where(closed < INK * far.astype(np.float32), far, closed)
    closed = cv2.medianBlur(closed, min(reach // 2 | 1, 31))  # keeps the edge of a sheet where it is
    return np.asarray(cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _dark_on_light(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn round what is written in light ink: the whole frame, or the board beside the paper.

    A stroke differs from the local median, since ink is the smaller part of any neighbourhood, and is narrow. The gaps
    between dark strokes are narrow too but make the median; a bright sheet's corner is above the median but not narrow.
    """
    if np.percentile(grey[::SHRINK, ::SHRINK], 100 * LEAST_PART) > BRIGHT:
        return grey
    side = min(1.0, POLARITY_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=side, fy=side, interpolation=cv2.INTER_AREA)
    reach = max(3, round(WIDEST_STROKE * min(small.shape)))
    kernel = np.ones((reach, reach), np.uint8)
    median = cv2.medianBlur(small, 2 * reach + 1)
    lighter = cv2.min(cv2.subtract(small, median), cv2.morphologyEx(small, cv2.MORPH_TOPHAT, kernel))
    darker = cv2.min(cv2.subtract(median, small), cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, kernel))
    whole = np.ones_like(small)
    # nobody writes in light ink on a frame that is mostly bright
    turned = whole * np.uint8(np.median(small) <= BRIGHT and _is_light(lighter, darker, whole) > 0)
    bright, dark = _parts(median, kernel)
    written = WEAKEST * cv2.norm(darker, cv2.NORM_L2SQR, bright) < cv2.norm(lighter, cv2.NORM_L2SQR, dark)
    if written and _is_light(lighter, darker, dark) > 0 > _is_light(lighter, darker, bright):
        turned = 1 - bright
    if not turned.any():
        return grey
    mask = cv2.resize(turned * np.uint8(255), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask = np.asarray(cv2.threshold(mask, BRIGHT, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    return np.asarray(cv2.bitwise_xor(grey, mask), dtype=np.uint8)


def _is_light(lighter: NDArray[np.uint8], darker: NDArray[np.uint8], where: NDArray[np.uint8]) -> int:
    """1 where strokes are lighter than what they stand on, -1 where darker, 0 where that cannot be told."""
    # squares, so that noise, which is even, does not outvote strokes, which are few and strong
    light, dark = (cv2.norm(strokes, cv2.NORM_L2SQR, where) for strokes in (lighter, darker))
    return int(light > LIGHTER * dark) - int(dark > LIGHTER * light)


def _parts(median: NDArray[np.uint8], kernel: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A frame's bright part, and the inside of its dark one: uint8, 1 inside; both empty where they are much alike."""
    bright = np.asarray(cv2.threshold(median, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], dtype=np.uint8)
    dark = cv2.erode(cv2.erode(1 - bright, kernel), kernel)  # wider than any stroke
    if LEAST_PART < dark.mean() and LEAST_PART < bright.mean():
        if np.median(median[bright > 0]) > APART * np.median(median[dark > 0]):
            return bright, dark
    return np.zeros_like(median), np.zeros_like(median)
