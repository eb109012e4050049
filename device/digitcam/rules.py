"""Takes the lines of ruled and squared paper out of a mask, and leaves the strokes that cross them."""

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]

SPAN = 0.5  # of the frame: a straight thin run this long is a rule; hands do not write so
STRAIGHT = 0.1  # a rule climbs at most this much of its length (about 6 degrees)
BRIDGE = 21  # pixels: a rule is still one where a stroke as wide as this crosses it


def without_rules(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """Remove rules across and down.

    Args:
        mask: uint8 (height, width), 1 where there is ink.
        shape: (height, width) of the frame that the mask was cut from.
    """
    left = _without_rules_across(mask, SPAN * shape[1])
    down = _without_rules_across(np.ascontiguousarray(left.T), SPAN * shape[0])
    return np.ascontiguousarray(down.T)


def _without_rules_across(mask: Mask, span: float) -> Mask:
    """A rule's own pixels stand in short vertical runs; a stroke that crosses it makes the run long, and stays."""
    if mask.shape[1] < span:
        return mask
    starts = np.count_nonzero(np.diff(mask, axis=0, prepend=0) == 1, axis=0)
    inked = starts > 0
    if not inked.any():
        return mask
    thickness = float(np.median(mask.sum(axis=0)[inked] / starts[inked]))
    tall = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((int(2 * thickness) + 2, 1), np.uint8))
    thin = cv2.subtract(mask, tall)
    linked = cv2.dilate(thin, np.ones((1, BRIDGE), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(linked, connectivity=8)
    wide = stats[:, cv2.CC_STAT_WIDTH]
    is_rule = (wide >= span) & (stats[:, cv2.CC_STAT_HEIGHT] <= STRAIGHT * wide + 3 * thickness)
    is_rule[0] = False  # the background
    rule = cv2.bitwise_and(thin, is_rule.astype(np.uint8)[labels])
    rule = cv2.dilate(rule, np.ones((3, 1), np.uint8))
    return np.asarray(mask & ((1 - rule) | tall), dtype=np.uint8)
