"""Crops of what is no digit."""

import numpy as np
from numpy.typing import NDArray

UPRIGHT = 0.5  # are left as they stand
SLENDER = 0.5  # width / height of a stroke that may be a 1, however it leans ...
# ... and pixels of a crop: how far its middle leaves a straight line, root mean square; fifty-four 1s of MNIST's in
# fifty-five leave it less
STRAIGHT = 1.25


def lay_on_sides(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turn every second of the images, (n, side, side), by any quarters, as a page may be taken to lie on its side."""
    quarters = rng.integers(4, size=len(images)) * (rng.random(len(images)) >= UPRIGHT)
    turned = [np.rot90(image, quarter) for image, quarter in zip(images, quarters, strict=True)]
    return np.array(turned, np.uint8).reshape(images.shape)


def is_bar(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which crops are a bare stroke, straight and upright: a thick bracket, a rule's rest, and a perfect 1."""
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
