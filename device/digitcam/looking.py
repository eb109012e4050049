"""What a look at a picture is: a part of it, brought to the finder's input, with as much contrast as it has."""

from typing import NamedTuple

import cv2
import numpy as np

from digitcam.frame import Grey

HEIGHT, WIDTH = 256, 320  # pixels of the finder's input
DARKEST, BRIGHTEST = 0.01, 0.99  # shares of a look's pixels that become black and white
LEAST_CONTRAST = 40.0  # grey levels between the two: with less, noise would look like ink


class Region(NamedTuple):
    """A part of a picture, in its pixels."""

    x: int
    y: int
    w: int
    h: int


class Look(NamedTuple):
    """What the finder is shown.

    Attributes:
        image: uint8 (HEIGHT, WIDTH), the region at its top left, its last row and column repeated to fill the rest.
        region: of the picture.
        scale: pixels of `image` for one of the picture.
    """

    image: Grey
    region: Region
    scale: float


def look_at(picture: Grey, region: Region) -> Look:
    """Bring a region of a picture to the finder's input.

    Args:
        picture: uint8 (height, width).
        region: of it; larger ones are shrunk, smaller ones enlarged.
    """
    part = picture[region.y : region.y + region.h, region.x : region.x + region.w]
    scale = min(HEIGHT / region.h, WIDTH / region.w)
    size = min(WIDTH, max(1, round(region.w * scale))), min(HEIGHT, max(1, round(region.h * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    seen = stretched(np.asarray(small, np.uint8))
    below, right = HEIGHT - size[1], WIDTH - size[0]
    padded = cv2.copyMakeBorder(seen, 0, below, 0, right, cv2.BORDER_REPLICATE) if below or right else seen
    return Look(np.asarray(padded, np.uint8), region, scale)


def stretched(grey: Grey) -> Grey:
    """Spread a picture's grey levels from black to white, so that faint ink outlasts eight bits."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256])[:, 0]
    below = np.cumsum(counts)
    low, high = np.searchsorted(below, below[-1] * np.array([DARKEST, BRIGHTEST]))
    middle, half = (low + high) / 2, max(float(high - low), LEAST_CONTRAST) / 2
    levels = (np.arange(256) - (middle - half)) * (255 / (2 * half))
    return np.asarray(cv2.LUT(grey, np.clip(np.rint(levels), 0, 255).astype(np.uint8)), np.uint8)
