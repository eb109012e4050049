"""How much ink stands at each pixel of a frame, whatever the light."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.polarity import dark_on_light

SHRINK = 4  # the background is smooth, so a quarter of the size is enough and 16 times cheaper
WIDEST_STROKE = 1 / 9  # of the frame's shorter side; anything wider counts as background
THICK_STROKE = 1 / 4  # likewise, for ink darker than
INK = 0.45  # of the paper's light

DARKEST = 24  # grey level: on paper darker than this, ink is lost in the camera's noise
DEEPEST_SHADOW = 0.35  # of the brightest paper: what is darker is no paper, and its noise is not to be magnified
BLOCK = 32  # pixels of every second: noise is measured in blocks about so large
TOLERATED = 1.6  # times as noisy as most blocks is but the grey levels being whole numbers
NOISIEST = 3.0  # ink makes a block uneven too
MOST_PAPER = 0.7  # of the frame: where less is paper, the rest has no say in how even paper is


class Ink(NamedTuple):
    """A frame without its light.

    Attributes:
        level: uint8 (height, width), the share of the paper's light that the ink takes, 255 for all of it.
        noise: standard deviation of `level` on bare paper.
        noisier: float32 (rows, columns), how many times as much that is in each part of the frame: in shadows, on wood.
    """

    level: NDArray[np.uint8]
    noise: float
    noisier: NDArray[np.float32]

    def faintest(self, times: float, least: float) -> NDArray[np.uint8]:
        """A level that stands out of the noise by so many standard deviations, uint8 (height, width)."""
        low = np.clip(times * self.noise * self.noisier, least, 255)
        return np.asarray(cv2.resize(low, self.level.shape[::-1]), dtype=np.uint8)


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
        grey = dark_on_light(grey)
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
    spread = sample[sample <= 2 * bare + 1].astype(np.float32) - bare
    noise = 1.4826 * float(np.median(np.abs(spread))) if spread.size else 0.0
    noise = max(noise, 0.5)
    noisier = _noisier(np.asarray(level, dtype=np.uint8))
    # the background is a local maximum, so bare paper stands a little below it
    # a number, which the stub leaves out: for an array of one OpenCV 4.11 leaks an object a call, megabytes an hour;
    # https://github.com/opencv/opencv/issues/27171
    level = cv2.subtract(level, bare)  # type: ignore[call-overload]
    return Ink(np.asarray(level, dtype=np.uint8), noise, noisier)


def _noisier(level: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How many times noisier than the frame its parts are, from 1 to `NOISIEST`: float32 (rows, columns) of blocks."""
    sample = level[:: SHRINK // 2, :: SHRINK // 2]
    rows, columns = (max(1, side // BLOCK) for side in sample.shape)
    high, wide = sample.shape[0] // rows, sample.shape[1] // columns
    blocks = sample[: rows * high, : columns * wide].reshape(rows, high, columns, wide).swapaxes(1, 2)
    # below the median is paper alone, above it ink too
    places = high * wide // 10, high * wide // 2
    blocks = np.partition(blocks.reshape(rows, columns, -1), places, axis=2)
    lower, middle = (blocks[..., place].astype(np.float32) for place in places)
    spread = np.maximum(middle - lower, 1)
    return np.asarray(np.clip(spread / (TOLERATED * np.median(spread)), 1, NOISIEST), dtype=np.float32)


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
