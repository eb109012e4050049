"""Takes the lines of ruled and squared paper out of a mask, and leaves the strokes that cross them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.reading import Box

Mask = NDArray[np.uint8]

SPAN = 0.4  # of the frame: a straight thin run this long that reaches the frame's edge is a rule
STRAIGHT = 0.1  # a rule climbs at most this much of its length (about 6 degrees)
THICKEST = 0.02  # of the frame's shorter side; a wider run is a pen's
BRIDGE = 0.07  # of the frame: a rule is still one where a stroke lies on it for so long
EDGE = 0.02  # of the frame: a rule that ends this near to the edge reaches it


def without_rules(mask: Mask, place: Box, shape: tuple[int, ...]) -> Mask:
    """Remove rules across and down.

    Args:
        mask: uint8 (place.h, place.w), 1 where there is ink.
        place: where in the frame the mask was cut from.
        shape: (height, width) of the frame.
    """
    height, width = shape
    thickest = THICKEST * min(shape)
    left = _without_rules_across(mask, place.x, width, thickest)
    down = _without_rules_across(np.ascontiguousarray(left.T), place.y, height, thickest)
    return np.ascontiguousarray(down.T)


def _without_rules_across(mask: Mask, start: int, length: int, thickest: float) -> Mask:
    """A rule's own pixels stand in short vertical runs; a stroke that crosses it makes the run long, and stays.

    Args:
        mask: uint8, whose first column is the frame's column `start` of `length`.
        start: see above.
        length: see above.
        thickest: pixels.
    """
    if mask.shape[1] < SPAN * length:
        return mask
    starts = np.count_nonzero(np.diff(mask, axis=0, prepend=0) == 1, axis=0)
    inked = starts > 0
    if not inked.any():
        return mask
    thickness = float(np.median(mask.sum(axis=0)[inked] / starts[inked]))
    if thickness > thickest:
        return mask
    tall = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((int(2 * thickness) + 2, 1), np.uint8))
    thin = cv2.subtract(mask, tall)
    linked = cv2.dilate(thin, np.ones((1, round(BRIDGE * length)), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(linked, connectivity=8)
    first, wide = start + stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_WIDTH]
    reaches = (first <= EDGE * length) | (first + wide >= (1 - EDGE) * length)
    is_rule = reaches & (wide >= SPAN * length) & (stats[:, cv2.CC_STAT_HEIGHT] <= STRAIGHT * wide + 3 * thickness)
    is_rule[0] = False  # the background
    rule = cv2.bitwise_and(thin, is_rule.astype(np.uint8)[labels])
    rule = cv2.subtract(cv2.dilate(rule, np.ones((3, 1), np.uint8)), tall)
    return np.asarray(cv2.subtract(mask, rule), dtype=np.uint8)
