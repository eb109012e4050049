"""How much ink stands at each pixel of a frame, whatever the light."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SHRINK = 4  # the background is smooth, so a quarter of the size is enough and 16 times cheaper
WIDEST_STROKE = 1 / 9  # of the frame's shorter side; anything wider counts as background

DARKEST = 24  # grey level: on paper darker than this, ink is lost in the camera's noise
DEEPEST_SHADOW = 0.4  # of the brightest paper: what is darker is no paper, and its noise is not to be magnified
POLARITY_SIDE = 160  # pixels: polarity is told at this size
BRIGHT = 128  # half of white
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
        polarity: `dark` ink, `light` ink, or `auto`: whichever differs more from the local median.
    """
    if polarity == "light" or (polarity == "auto" and _is_light_on_dark(grey)):
        grey = np.asarray(cv2.bitwise_not(grey), dtype=np.uint8)
    smooth = np.asarray(cv2.GaussianBlur(grey, (3, 3), 0), dtype=np.uint8)
    paper = _background(smooth)
    brightest = float(np.percentile(paper[::SHRINK, ::SHRINK], 90))
    paper = np.maximum(paper, np.uint8(max(DARKEST, DEEPEST_SHADOW * brightest)))
    taken = cv2.subtract(paper, smooth)
    level = cv2.divide(taken, paper, scale=255)
    sample = level[:: SHRINK // 2, :: SHRINK // 2]
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
    closed = cv2.medianBlur(closed, min(reach // 2 | 1, 31))  # keeps the edge of a sheet where it is
    return np.asarray(cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _is_light_on_dark(grey: NDArray[np.uint8]) -> bool:
    """Whether strokes are lighter than what they stand on.

    Nobody writes in light ink on a frame that is mostly bright. Elsewhere a stroke differs from the local median, since
    ink is the smaller part of any neighbourhood, and is narrow. The gaps between dark strokes are narrow too but make
    the median; a bright sheet's corner is above the median but not narrow.
    """
    if np.median(grey[::SHRINK, ::SHRINK]) > BRIGHT:
        return False
    side = min(1.0, POLARITY_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=side, fy=side, interpolation=cv2.INTER_AREA)
    reach = max(3, round(WIDEST_STROKE * min(small.shape)))
    kernel = np.ones((reach, reach), np.uint8)
    median = cv2.medianBlur(small, 2 * reach + 1)
    lighter = cv2.min(cv2.subtract(small, median), cv2.morphologyEx(small, cv2.MORPH_TOPHAT, kernel))
    darker = cv2.min(cv2.subtract(median, small), cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, kernel))
    # squares, so that noise, which is even, does not outvote strokes, which are few and strong
    return cv2.norm(lighter, cv2.NORM_L2SQR) > LIGHTER * cv2.norm(darker, cv2.NORM_L2SQR)
