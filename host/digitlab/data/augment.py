"""A picture of a digit -> the crops that a camera and the device's normalization could make of it.

Every picture ends in `digitcam.recognition.normalize`, which the
device runs too, so the network trains on what it will see.
"""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.recognition.normalize import BOX, SIDE, crop_ink, normalize

ENLARGE = 2
FIELD = 36 * ENLARGE  # room to turn and shear a 20x20 digit without cutting it
GRID = np.mgrid[0:FIELD, 0:FIELD].astype(np.float32) - FIELD / 2


def as_seen(images: Iterable[NDArray[np.uint8]], count: int, side: int = SIDE, box: int = BOX) -> NDArray[np.uint8]:
    """Send pictures through the device's normalization.

    Args:
        images: uint8 (height, width) each, bright ink on black.
        count: how many there are.
        side: pixels of what is made of each.
        box: pixels that the ink's longer side takes of it.

    Returns:
        uint8 (count, side, side).
    """
    seen = np.empty((count, side, side), np.uint8)
    for i, image in enumerate(images):
        seen[i] = normalize(crop_ink(image), side, box)
    return seen


def augment(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Make one varied crop of each picture.

    Args:
        images: uint8 (n, 28, 28), bright ink on black.
        rng: decides everything; the same state gives the same crops.

    Returns:
        uint8 (n, 28, 28), as the device would normalize them.
    """
    return as_seen((distort(image, rng) for image in images), len(images))


def distort(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turn, shear, stretch, warp, thicken or thin, blur and dim one digit.

    Returns:
        uint8, the ink somewhere inside: (FIELD, FIELD), larger than the input; a mere speck may fade to nothing, and
        is given back as it is.
    """
    varied = photograph(_pen(_warp(image, rng), rng), rng)
    return varied if crop_ink(varied).size else image


def photograph(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Another camera: defocus, and grey levels that rise more or less steeply.

    Args:
        image: uint8 (height, width), a digit about 20 * `ENLARGE` pixels high, bright ink on black.
        rng: decides everything.
    """
    sigma = rng.uniform(0, 0.6) * ENLARGE
    if sigma > 0.3 * ENLARGE:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.uint8)
    gamma = np.exp(rng.normal(0, 0.25))
    table = (255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table), dtype=np.uint8)


def _warp(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Affine and smooth elastic displacement in one resampling (Simard, Steinkraus and Platt 2003)."""
    angle, shear = rng.normal(0, [0.12, 0.15])
    stretch = np.exp(rng.normal(0, 0.09))
    cos, sin = np.cos(angle), np.sin(angle)
    forward = np.array([[cos, -sin], [sin, cos]]) @ np.array([[stretch, shear], [0, 1 / stretch]]) * ENLARGE
    back = np.linalg.inv(forward).astype(np.float32)
    y, x = np.tensordot(back[::-1, ::-1], GRID, axes=1)
    middle = np.array(image.shape[::-1], np.float32) / 2
    coarse = rng.normal(0, rng.uniform(0, 0.9), (5, 5, 2)).astype(np.float32) + middle
    elastic = cv2.resize(coarse, (FIELD, FIELD), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.remap(image, x + elastic[..., 0], y + elastic[..., 1], cv2.INTER_CUBIC), dtype=np.uint8)


def _pen(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Another pen: thinner or thicker strokes, by up to a pixel of the original picture."""
    steps = int(rng.integers(-2, 3))
    if steps == 0:
        return image
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(steps) + 1, abs(steps) + 1))
    changed = cv2.erode(image, kernel) if steps < 0 else cv2.dilate(image, kernel)
    # a pen too thin for the digit's own strokes would break or erase it
    return np.asarray(changed if changed.max() > image.max() // 2 else image, dtype=np.uint8)
