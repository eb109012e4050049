"""A bare upright stroke, straight or a little bowed: a 1 of many hands, and a bracket of others."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey

SLENDER = 0.5  # width / height of a stroke that may be a 1, however it leans ...
STRAIGHT = 1.25  # ... and pixels of a crop: how far its middle leaves a straight line, root mean square
BOW = 0.1  # of its height: standard deviation of how far a 1's middle stands off


def is_bar(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which crops, uint8 (n, 28, 28), are such a stroke: only its surroundings tell whether it is a 1."""
    wide, high = ((images.max(axis=axis) > 0).sum(axis=1) for axis in (1, 2))
    rows = np.arange(images.shape[1]) - images.shape[1] / 2
    ink = images.sum(axis=2, dtype=np.float64)
    middles = images @ (np.arange(images.shape[2]) - images.shape[2] / 2) / np.maximum(ink, 1)
    shown = (ink > 0).astype(np.float64)
    # the straight line that the middles of the rows lie nearest to
    count = np.maximum(shown.sum(axis=1), 1)
    mean_row, mean_middle = shown @ rows / count, (shown * middles).sum(axis=1) / count
    dx, dy = middles - mean_middle[:, None], rows - mean_row[:, None]
    lean = (shown * dx * dy).sum(axis=1) / np.maximum((shown * dy * dy).sum(axis=1), 1)
    off = np.sqrt((shown * (dx - lean[:, None] * dy) ** 2).sum(axis=1) / count)
    return np.asarray((wide <= SLENDER * high) & (off < STRAIGHT))


def bow(image: Grey, rng: np.random.Generator) -> Grey:
    """Bow what is drawn, to either side, most of all somewhere about its middle.

    Args:
        image: uint8 (height, width), bright ink on black.
        rng: decides everything.

    Returns:
        uint8 (height, a larger width).
    """
    height, width = image.shape
    way, middle = np.arange(height) / max(1, height - 1), rng.uniform(0.3, 0.7)
    bulge = np.where(way < middle, way / middle, (1 - way) / (1 - middle))
    off = rng.normal(0, BOW) * height * (2 * bulge - bulge**2)
    room = int(np.ceil(np.abs(off).max()))
    x, y = np.meshgrid(np.arange(width + 2 * room, dtype=np.float32) - room, np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(image, x - off[:, None].astype(np.float32), y, cv2.INTER_LINEAR), np.uint8)
