"""A digit's box -> its ink alone, in any light, dark or light: no neighbour's, no rules, no paper."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.normalize import crop_ink
from digitcam.onelook.params import FULL, INK, MARGIN, SIZE, SPECK, STRAY, THIN

FAINT = 2.0  # grey levels: with less between ink and paper there is no ink
SLACK = 2  # pixels of a patch by which ink may leave its box


class Patch(NamedTuple):
    """A digit's box with its margin, the box's longer side `SIZE` pixels.

    Attributes:
        image: uint8 (h, w).
        left: where in it the box begins, and ends, pixels.
    """

    image: Grey
    left: int
    top: int
    right: int
    bottom: int


def ink_of(picture: Grey, box: NDArray[np.float32]) -> Grey | None:
    """Cut one digit's ink out.

    Its paper is a plane through the medians of the four halves of the box with its margin, most of which is paper; ink
    is what differs from it most, to the darker or to the lighter side. Smaller strokes that come in over an end of the
    box are somebody else's.

    Args:
        picture: uint8 (height, width).
        box: float32 (4,), left, top, right and bottom in its pixels.

    Returns:
        uint8 (h, w), 0 where there is no ink, 255 for the darkest, cropped; None where there is none at all.
    """
    patch = _patch(picture, *(float(n) for n in box))
    ink = _levels(patch)
    if ink is None:
        return None
    cut = crop_ink(_own(ink, patch))
    return np.ascontiguousarray(cut) if cut.size else None


def _patch(picture: Grey, left: float, top: float, right: float, bottom: float) -> Patch:
    margin = MARGIN * max(right - left, bottom - top) + 1
    x0, y0 = max(0, int(left - margin)), max(0, int(top - margin))
    x1, y1 = min(picture.shape[1], int(right + margin) + 1), min(picture.shape[0], int(bottom + margin) + 1)
    part = picture[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    scale = SIZE / max(right - left, bottom - top, 1.0)
    size = max(4, round(part.shape[1] * scale)), max(4, round(part.shape[0] * scale))
    image = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    fx, fy = size[0] / part.shape[1], size[1] / part.shape[0]
    in_x = min(max(0, round((left - x0) * fx)), size[0] - 1)
    in_y = min(max(0, round((top - y0) * fy)), size[1] - 1)
    out_x, out_y = max(in_x + 1, round((right - x0) * fx)), max(in_y + 1, round((bottom - y0) * fy))
    return Patch(np.asarray(image, np.uint8), in_x, in_y, out_x, out_y)


def _levels(patch: Patch) -> Grey | None:
    """How much ink stands at each pixel, uint8 of the patch's shape; None where there is none."""
    image, x0, y0, x1, y1 = patch
    h, w = image.shape
    few = image[::2, ::2]
    left, right, above, below = (
        _middle(half) for half in (few[:, : w // 4], few[:, w // 4 :], few[: h // 4], few[h // 4 :])
    )
    across = np.linspace(left - right, right - left, w, dtype=np.float32)
    down = np.linspace(above - below, below - above, h, dtype=np.float32)
    differs = image - (np.float32(_middle(few)) + across + down[:, None])
    core = differs[y0:y1, x0:x1].ravel()
    place = int(FULL * len(core))
    ends = np.partition(core, [place, len(core) - 1 - place])
    dark, light = -float(ends[place]), float(ends[len(core) - 1 - place])
    full = max(dark, light)
    if full < FAINT:
        return None
    # a negative number is cut off at 0
    signed = differs * np.float32((-255 if dark >= light else 255) / full)
    return np.asarray(np.clip(signed, 0, 255).astype(np.uint8))


def _middle(values: NDArray[np.uint8]) -> float:
    """The median; np.median takes five times as long."""
    flat = values.ravel()
    return float(np.partition(flat, len(flat) // 2)[len(flat) // 2])


def _own(ink: Grey, patch: Patch) -> Grey:
    """This digit's strokes, and what surrounds them: no neighbour's, no rules, nothing outside its box."""
    _, x0, y0, x1, y1 = patch
    box = slice(max(0, y0 - SLACK), y1 + SLACK), slice(max(0, x0 - SLACK), x1 + SLACK)
    inside = ink[box]
    h, w = inside.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        (inside > INK * 255).astype(np.uint8), connectivity=8, ltype=cv2.CV_16U
    )
    left, top, wide, high, area = stats.T
    largest = area[1:].max(initial=1)
    own = area >= SPECK * largest
    # a neighbour's stroke comes in over an end of the box
    own &= (area >= STRAY * largest) | ((left > 0) & (top > 0) & (left + wide < w) & (top + high < h))
    # a rule runs through the box from end to end, and has no more width than a stroke
    own &= (wide < w) | (high >= THIN * h) | (area == largest)
    own &= (high < h) | (wide >= THIN * w) | (area == largest)
    own[0] = False
    mask = cv2.dilate(own.astype(np.uint8)[labels], np.ones((3, 3), np.uint8))
    return np.asarray(inside * mask, np.uint8)
