"""What the finder is shown of a picture: a region of it, with as much contrast as can be."""

from typing import NamedTuple

import cv2
import numpy as np

from digitcam.frame import Grey
from digitcam.recognition import params

HEIGHT, WIDTH = 256, 320  # pixels of the finder's input


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


class Pyramid:
    """A picture, and smaller ones of it, each half as wide, made when they are asked for.

    Attributes:
        size: (width, height) of the picture.
    """

    def __init__(self, picture: Grey) -> None:
        """Take a picture, uint8 (height, width)."""
        self.size = picture.shape[1], picture.shape[0]
        self._levels = [picture]

    def look(self, region: Region) -> Look:
        """Bring a region of the picture to the finder's input; larger ones are shrunk, smaller ones enlarged.

        It may reach beyond the picture's right and lower end.
        """
        scale = min(HEIGHT / region.h, WIDTH / region.w)
        level, step = self.level_for(scale)
        x, y = region.x // step, region.y // step
        part = level[y : -(-(region.y + region.h) // step), x : -(-(region.x + region.w) // step)]
        shown = min(region.w, self.size[0] - region.x), min(region.h, self.size[1] - region.y)
        size = min(WIDTH, max(1, round(shown[0] * scale))), min(HEIGHT, max(1, round(shown[1] * scale)))
        if part.shape != size[::-1]:
            part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        seen = stretched(part)
        below, right = HEIGHT - size[1], WIDTH - size[0]
        if below or right:
            seen = np.asarray(cv2.copyMakeBorder(seen, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
        return Look(seen, region, scale)

    def level_for(self, scale: float) -> tuple[Grey, int]:
        """Give the smallest level with so many pixels for one of the picture's, and how many of those are one of it.

        Halving averages over whole pixels, which is thirty times cheaper than shrinking by any other factor.
        """
        halvings = max(0, int(np.floor(-np.log2(scale))))
        while len(self._levels) <= halvings:
            last = self._levels[-1]
            h, w = (max(1, side // 2) for side in last.shape)
            half = cv2.resize(last[: 2 * h, : 2 * w], (w, h), interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(half, np.uint8))
        return self._levels[halvings], 2**halvings


def stretched(grey: Grey) -> Grey:
    """Spread a picture's grey levels from black to white, so that faint ink outlasts eight bits."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()  # OpenCV 4 gives a column
    below = np.cumsum(counts)
    low, high = np.searchsorted(below, below[-1] * np.array([params.CLIPPED, 1 - params.CLIPPED]))
    middle, half = (low + high) / 2, max(float(high - low), params.LEAST_CONTRAST) / 2
    levels = (np.arange(256) - (middle - half)) * (255 / (2 * half))
    return np.asarray(cv2.LUT(grey, np.clip(np.rint(levels), 0, 255).astype(np.uint8)), np.uint8)
