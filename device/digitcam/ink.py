"""How much ink stands at each pixel of a frame, whatever the light."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SHRINK = 4  # the background is smooth, so a quarter of the size is enough and 16 times cheaper
WIDEST_STROKE = 1 / 9  # of the frame's shorter side; anything wider counts as background


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
        grey = cv2.bitwise_not(grey)
    smooth = np.asarray(cv2.GaussianBlur(grey, (3, 3), 0), dtype=np.uint8)
    paper = np.maximum(_background(smooth), 24)  # below this a pixel is too dark to tell ink from shadow
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
    closed = cv2.blur(closed, (reach // 2 | 1, reach // 2 | 1))
    return np.asarray(cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _is_light_on_dark(grey: NDArray[np.uint8]) -> bool:
    """Ink is the smaller part of any neighbourhood, so it is what differs most from the local median."""
    height, width = grey.shape
    side = 160 / max(height, width)
    small = cv2.resize(grey, None, fx=min(side, 1), fy=min(side, 1), interpolation=cv2.INTER_AREA)
    difference = small.astype(np.int16) - cv2.medianBlur(small, min(41, min(small.shape) // 2 * 2 - 1 | 1))
    lighter, darker = np.maximum(difference, 0), np.maximum(-difference, 0)
    # squares, so that noise, which is even, does not outvote strokes, which are few and strong
    return float(np.square(lighter, dtype=np.int64).sum()) > 1.5 * float(np.square(darker, dtype=np.int64).sum())
