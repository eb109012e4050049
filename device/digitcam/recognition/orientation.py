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
    digit; by the finder, that of the turn against how usual that is. It has the more say the surer it is to be a digit
    on any side: two letters that the finder takes for one digit on its side have none. A page that reads well as it
    lies is left alone.

    Args:
        found: what stands there.
        crops: uint8 (n, side, side), as they lie.
        probabilities: float32 (n, labels + 1), what the classifier says of these.
        classifier: asked about `DECIDING` crops at most, on each of their other three sides.
    """
    sizes = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
    asked = np.argsort(-sizes, kind="stable")[: params.DECIDING]
    if not len(asked) or probabilities[asked, :-1].max(axis=1).mean() >= params.WELL:
        return 0
    sides = [probabilities[asked], *(classifier.classify(turned(crops[asked], n)) for n in (1, 2, 3))]
    digit = np.array([side[:, :-1].max(axis=1) for side in sides])
    weight = found.scores[asked] / max(found.scores[asked].max(), np.float32(1e-3)) * digit.max(axis=0)
    said = np.log(np.maximum(digit, params.UNLIKELY)) @ weight
    said += params.FINDERS_SAY * weight @ np.log(found.turns[asked] / USUAL + np.float32(1e-3))
    likeliest = int(said.argmax())
    lead = said[likeliest] - np.delete(said, likeliest).max()
    return likeliest if lead > params.LEAD + params.LEAD_EACH * len(asked) else 0


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
