"""Whose digits are written: MNIST's, brought to any size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.recognition.normalize import crop_ink
from digitlab.render.paper import Ink


def from_pictures(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Ink:
    """Give the ink of many hands, a picture of each digit drawn at random.

    Args:
        images: uint8 (n, 28, 28), bright ink on black, as MNIST has them.
        labels: uint8 (n,), 0 to 9.
    """
    of = [np.flatnonzero(labels == digit) for digit in range(10)]

    def ink(digit: int, rng: np.random.Generator, height: float, pen: float) -> Grey:
        image = np.pad(crop_ink(images[rng.choice(of[digit])]), 2)
        return write(image, height, pen)

    return ink


def write(image: NDArray[np.uint8], height: float, pen: float) -> Grey:
    """Write a small picture of a digit large, with about the pen asked for.

    An enlarged picture's grey flanks measure how far its outline is, so a level cut through them makes the stroke
    thinner or thicker; the spine stays whole.

    Args:
        image: uint8 (h, w), bright ink on black, two pixels of paper around it.
        height: in pixels.
        pen: width of the strokes wanted, in pixels.

    Returns:
        uint8 (about `height`, its width), cropped.
    """
    inner = image.shape[0] - 4
    scale = height / inner
    smooth = cv2.GaussianBlur(image, (0, 0), 0.6)
    stroke = 2 * float(cv2.distanceTransform((image > 127).astype(np.uint8), cv2.DIST_L2, 3).max())  # noqa: PLR2004
    # a stroke's flank falls by half its height in about a pixel of the small picture
    thinner = (stroke - inner * pen / height) / 2
    level = float(np.clip(110 + 70 * thinner, 50, 170))
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    large = cv2.resize(smooth, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    # the ramp from paper to ink is a pixel wide; paper stays paper, and the darkest ink is full
    half = 128 / max(1.0, scale)
    low, high = max(8.0, level - half), min(float(large.max()), level + half)
    sharp = np.clip((large.astype(np.float32) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    ink = crop_ink(sharp)
    return np.ascontiguousarray(ink if ink.size else large)
