"""What is read of the shipped frames and crops, whose digits are known."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from digitcam.frame import Grey
from digitcam.reading import Box
from digitcam.recognition.adoption.contract import known
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.reader import Reader


def score_frames(reader: Reader, frames: Sequence[Grey], truth: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count the digits of the frames that were read `right`, `of` how many, and how many were read that are none."""
    right = of = extra = 0
    for frame, told in zip(frames, truth, strict=True):
        read = list(reader.read(frame).digits)
        for digit in told["digits"]:
            match = next((found for found in read if _centre_within(found.box, Box(*digit["box"]))), None)
            if match:
                read.remove(match)
                right += match.label == str(digit["digit"])
        of += len(told["digits"])
        extra += len(read)
    return {"right": right, "of": of, "extra": extra}


def score_crops(classifier: Classifier) -> dict[str, int]:
    """Tell how many of the shipped crops that the model knows it reads right."""
    crops, classes = known(classifier.labels)
    best = classifier.classify(classifier.fitted(crops)).argmax(axis=1)
    return {"right": int(np.count_nonzero(best == classes)), "of": len(classes)}


def _centre_within(box: Box, other: Box) -> bool:
    x, y = box.x + box.w / 2, box.y + box.h / 2
    return other.x <= x <= other.x + other.w and other.y <= y <= other.y + other.h
