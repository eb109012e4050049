"""What the classifier reads of known boxes, perfect or off by so much: how good cropping is, apart from finding."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from digitcam.labels import DIGIT_CLASSES, NO_DIGIT
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.look import Pyramid
from digitlab.accuracy import percent
from digitlab.crops.cut import is_clear
from digitlab.pages.page import text_table
from digitlab.scenes.pool import Pool

HEIGHTS = 9, 14, 20, 40, 100, 400  # pixels of the picture, between two groups


class Read(NamedTuple):
    """One digit of a scene.

    Attributes:
        height: the longer side of its box, pixels.
        has_ink: whether any was found in its box.
        right: whether the likeliest digit is the one that stands there.
        sure: whether that is likely enough to be told.
    """

    height: float
    has_ink: bool
    right: bool = False
    sure: bool = False


def table(scenes: Pool, classifier: Classifier, min_confidence: float, off: float, seed: int) -> str:
    """Read every digit of the scenes that a person would read, and count by height.

    Args:
        scenes: whose.
        classifier: reads them.
        min_confidence: from which a digit counts as read, 0 to 1.
        off: how far each side of a box is off, a standard deviation in longer sides of the digit.
        seed: decides how.
    """
    read = list(_read(scenes, classifier, min_confidence, off, np.random.default_rng(seed)))
    rows = []
    for low, high in (*pairwise(HEIGHTS), (HEIGHTS[0], HEIGHTS[-1])):
        own = [one for one in read if low <= one.height < high]
        n = max(len(own), 1)
        shares = [
            sum(not one.has_ink for one in own) / n,
            sum(one.right for one in own) / n,
            sum(one.right and one.sure for one in own) / n,
            sum(one.sure and not one.right for one in own) / n,
        ]
        rows.append([f"{low} to {high}", f"{len(own):,}", *map(percent, shares)])
    return text_table(("height, px", "digits", "no ink", "likeliest is right", "read", "misread"), rows)


def _read(
    scenes: Pool, classifier: Classifier, min_confidence: float, off: float, rng: np.random.Generator
) -> Iterator[Read]:
    for image, labels, _ in scenes:
        clear = [label for label in labels if is_clear(label)]
        ends = np.array([[x, y, x + w, y + h] for (x, y, w, h), *_ in clear], np.float32).reshape(-1, 4)
        sizes = (ends[:, 2:] - ends[:, :2]).max(axis=1, keepdims=True, initial=0)
        boxes = ends + rng.normal(0, off, ends.shape).astype(np.float32) * sizes
        inked, crops, *_ = classifier.cut_out(Pyramid(image), boxes)
        for i in set(range(len(clear))).difference(inked.tolist()):
            yield Read(max(clear[i].box[2:]), has_ink=False)
        for i, row in zip(inked, classifier.classify(crops), strict=True):
            label = clear[i]
            best = int(row[:DIGIT_CLASSES].argmax())
            is_sure = row[best] >= max(min_confidence, float(row[NO_DIGIT]))
            yield Read(max(label.box[2:]), has_ink=True, right=best == label.digit, sure=bool(is_sure))
