"""Which way up a page lies: what finder and classifier say of its digits on each of four sides."""

import numpy as np
from numpy.typing import NDArray

from digitcam.reading import Box
from digitcam.recognition import params
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.finder import Found

QUARTER = 90  # degrees
USUAL = np.array([0.55, 0.15, 0.15, 0.15], np.float32)  # shares of the turns that the finder was trained on


def page_turn(
    found: Found,
    crops: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    classifier: Classifier,
) -> int:
    """By how many quarters the page is turned counterclockwise, 0 to 3; in doubt 0.

    Each of the largest digits says how likely it is on each side: by the classifier, the probability of its likeliest
    digit; by the finder, that of the turn against how usual that is. A page that reads well as it lies is left alone.

    Args:
        found: what stands there.
        crops: uint8 (n, side, side), as they lie.
        probabilities: float32 (n, labels + 1), what the classifier says of these.
        classifier: asked about `DECIDING` crops at most, on each of their other three sides.
    """
    sizes = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
    voting = np.flatnonzero(found.scores >= params.VOTING * found.scores.max(initial=0))
    largest = voting[np.argsort(-sizes[voting], kind="stable")][: params.DECIDING]
    as_it_lies = probabilities[largest]
    if not len(largest) or as_it_lies[:, :-1].max(axis=1).mean() >= params.WELL:
        return 0
    sides = np.array([as_it_lies, *(classifier.classify(turned(crops[largest], n)) for n in (1, 2, 3))])
    counting = (sides[..., :-1].max(axis=2) >= sides[..., -1]).any(axis=0)  # on no side a digit: no say
    asked = largest[counting]
    sure = found.scores[asked] / max(found.scores[asked].max(initial=0), np.float32(1e-3))
    said = np.log(np.maximum(sides[:, counting, :-1].max(axis=2), params.UNLIKELY)) @ sure
    said += params.FINDERS_SAY * sure @ np.log(found.turns[asked] / USUAL + np.float32(1e-3))
    likeliest = int(said.argmax())
    lead = said[likeliest] - np.delete(said, likeliest).max()
    return likeliest if lead > params.LEAD + params.LEAD_EACH * np.count_nonzero(counting) else 0


def turned(images: NDArray[np.uint8], quarters: int) -> NDArray[np.uint8]:
    """Turn images, (n, height, width), clockwise by quarters."""
    return np.ascontiguousarray(np.rot90(images, -quarters, axes=(1, 2)))


def upright(box: Box, quarters: int, shape: tuple[int, ...]) -> Box:
    """Where a box of a picture comes to lie when that is turned clockwise by so many quarters.

    Args:
        box: in pixels of the picture as it is.
        quarters: 0 to 3.
        shape: (height, width) of the picture as it is.
    """
    height, width = shape
    for _ in range(quarters):
        box = Box(height - box.y - box.h, box.x, box.h, box.w)
        height, width = width, height
    return box
