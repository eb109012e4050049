"""Bare strokes beside large digits: a bar that fills much of a look is hardly seen there, and may be a 1."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.recognition import params
from digitcam.recognition.look import Look

Boxes = NDArray[np.float32]
HALF = 2  # pixels of a look for one of what is looked at here


def bare_strokes(look: Look, digits: Boxes) -> Boxes:
    """Slender ink by itself, as tall as a digit beside it, and where no digit was found.

    Args:
        look: at the whole picture.
        digits: float32 (n, 4), what was found there: left, top, right and bottom in pixels of the picture.

    Returns:
        float32 (m, 4), likewise.
    """
    boxes = _slender(look)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    free = ~((middles[:, None] >= digits[:, :2]) & (middles[:, None] <= digits[:, 2:])).all(axis=2).any(axis=1)
    boxes = boxes[free, None]
    tall, heights = digits[:, 3] - digits[:, 1], boxes[..., 3] - boxes[..., 1]
    alike = np.maximum(tall, heights) < params.AS_LARGE * np.minimum(tall, heights)
    shared = np.minimum(boxes[..., 3], digits[:, 3]) - np.maximum(boxes[..., 1], digits[:, 1])
    apart = np.maximum(boxes[..., 0] - digits[:, 2], digits[:, 0] - boxes[..., 2])
    beside = (shared > params.BESIDE_TALL * tall) & (apart < params.BESIDE_STROKE * tall)
    return np.asarray(boxes[(alike & beside).any(axis=1), 0])


def _slender(look: Look) -> Boxes:
    """Slender ink by itself, dark or light, that does not reach the picture's edge."""
    _, _, w, h = look.region
    shown = look.image[: max(HALF, round(h * look.scale)), : max(HALF, round(w * look.scale))]
    small = cv2.resize(shown, None, fx=1 / HALF, fy=1 / HALF, interpolation=cv2.INTER_AREA)
    _, light = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    height, width = small.shape
    found = []
    for ink in (light, 255 - light):
        stats = cv2.connectedComponentsWithStats(ink)[2][1:]
        left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
        right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
        inside = (left > 0) & (top > 0) & (right < width) & (bottom < height)
        is_slender = right - left < params.SLENDER * (bottom - top)
        found.append(np.stack([left, top, right, bottom], axis=1)[inside & is_slender])
    return np.asarray(np.concatenate(found) * (HALF / look.scale), np.float32)
