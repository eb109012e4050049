"""Whose digits are written: MNIST's, by hands that each lean in their own way, brought to any size."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.recognition.normalize import crop_ink
from digitlab.render.paper import Ink

# Mean and standard deviation of how far people's 1s lean to the right, a share of their height; MNIST's do so.
LEAN = 0.2, 0.22
# Standard deviation of how far the digits of one hand do, but for what is each digit's own: with it and LEAN, each
# digit leans as MNIST's do, whose standard deviation is 0.25.
UNEVEN = 0.1
ALIKE = 15  # a digit of a hand is one of the `ALIKE`th of MNIST's that lean most nearly so


class Pictures(NamedTuple):
    """MNIST's pictures, by their digit and how far they lean.

    MNIST does not say who wrote what, and people lean in their own ways, but each all his digits alike (which is why a
    word's slant can be estimated and removed at once; Bozinovic and Srihari, IEEE PAMI 11, 1989).

    Attributes:
        images: uint8 (n, 28, 28).
        of: where each digit stands among them, those that lean least first.
        leans: float64, how far these lean, as a share of their height, plus what 1s lean more than that digit: how far
            the 1s of such a hand would lean.
    """

    images: NDArray[np.uint8]
    of: Sequence[NDArray[np.int64]]
    leans: Sequence[NDArray[np.float64]]

    @classmethod
    def sort(cls, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> "Pictures":
        """Take pictures, uint8 (n, 28, 28), and their digits, uint8 (n,)."""
        leans = lean_of(images)
        unordered = [np.flatnonzero(labels == digit) for digit in range(10)]
        of = [places[np.argsort(leans[places], kind="stable")] for places in unordered]
        usual = [leans[places].sum() / max(len(places), 1) for places in of]
        return cls(images, of, [leans[places] - own + usual[1] for places, own in zip(of, usual, strict=True)])

    def choose(self, digit: int, lean: float, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Choose a picture, uint8 (28, 28), of a digit of a hand whose 1s lean so."""
        leans = self.leans[digit]
        alike = -(-len(leans) // ALIKE)
        nearest = int(np.searchsorted(leans, lean + rng.normal(0, UNEVEN))) - alike // 2
        first = min(max(nearest, 0), len(leans) - alike)
        return np.asarray(self.images[self.of[digit][first + int(rng.integers(alike))]])


def lean_of(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Tell how much further right what is inked in pictures (n, h, w) is a pixel higher up."""
    height, width = images.shape[1:]
    y, x = (np.mgrid[:height, :width].reshape(2, -1) - np.array([[height / 2], [width / 2]])).astype(np.float32)
    weights = np.stack([np.ones_like(x), x, y, x * y, y * y], axis=1)
    ink, across, down, both, high = (images.reshape(-1, height * width) @ weights).astype(np.float64).T
    return np.asarray((across * down - ink * both) / (ink * high - down**2 + 1e-6), np.float64)


def from_pictures(pictures: Pictures, lean: float) -> Ink:
    """Give the ink of a hand whose 1s lean so."""

    def ink(digit: int, rng: np.random.Generator, height: float, pen: float) -> Grey:
        return write(np.pad(crop_ink(pictures.choose(digit, lean, rng)), 2), height, pen)

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
