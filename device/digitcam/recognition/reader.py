"""A grey frame -> a reading: find -> crop -> normalize -> classify -> orient -> order."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.config import Config, FindConfig
from digitcam.frame import Grey
from digitcam.model.coral import OFF
from digitcam.model.network import find_accelerator
from digitcam.reading import QUARTER, Box, Digit, Reading, Reject
from digitcam.recognition import params
from digitcam.recognition.adoption.marks import find_marks
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.finder import LIKELY, Finder, Found, open_finder
from digitcam.recognition.layout import Classified, ask_instead, classify_upright, order
from digitcam.recognition.look import Pyramid
from digitcam.recognition.search import search
from digitcam.recognition.stopwatch import Stopwatch


class Reader:
    """Reads the digits of one frame after another; keeps nothing between them.

    Attributes:
        finder: says where digits stand.
        classifier: says which they are.
        min_confidence: below which a place's likeliest digit is rejected, 0 to 1; may be set between two frames.
    """

    def __init__(self, finder: Finder, classifier: Classifier, config: FindConfig, min_confidence: float) -> None:
        """Take the loaded networks, what to look for, and below which confidence (0 to 1) a place is rejected."""
        self.finder = finder
        self.classifier = classifier
        self._config = config
        self.min_confidence = min_confidence

    def read(self, image: Grey) -> Reading:
        """Read every digit.

        Args:
            image: uint8 (height, width).
        """
        return self._read(image, Stopwatch())

    def read_colours(self, image: Grey, hues: Iterable[Grey]) -> Reading:
        """Read every digit of a coloured picture: by its brightness, and where nothing is read so, by its colours.

        Args:
            image: uint8 (height, width), how bright it is.
            hues: likewise, other views of it: the first of them is told in which anything is read.
        """
        stopwatch = Stopwatch()
        reading = self._read(image, stopwatch)
        if reading.digits:
            return reading
        return next((other for hue in hues if (other := self._read(hue, stopwatch)).digits), reading)

    def _read(self, image: Grey, stopwatch: Stopwatch) -> Reading:
        labels = self.classifier.labels
        with stopwatch.timed("find"):
            pyramid = Pyramid(image)
            if labels.are_digits:
                found, others = search(pyramid, self.finder)
            else:  # which the finder does not know
                found = find_marks(pyramid)
                others = found[:0]
            reasons = self._reasons_against(found, pyramid)
            if len(found) > params.MANY and found.scores.max() < params.SURELY:
                reasons[:] = "a pattern"
            is_refused = reasons != ""
        settings = self.classifier, self.min_confidence
        classified = classify_upright(pyramid, found[~is_refused], *settings, stopwatch)
        if len(others) and not classified.is_sure.all():
            with stopwatch.timed("classify"):
                others = others[self._reasons_against(others, pyramid) == ""]
                classified = ask_instead(pyramid, classified, others, *settings)
        with stopwatch.timed("order"):
            digits, unsure = self._sort_out(classified, image.shape)
            # where there is no ink at all nothing is told: nothing stands there
            places = _boxes(found[is_refused], image.shape) if is_refused.any() else []
            refused = [Reject(box, reason) for box, reason in zip(places, reasons[is_refused], strict=True)]
        return Reading(digits, [*refused, *unsure], stopwatch.ms, classified.quarters * QUARTER, labels)

    def _reasons_against(self, found: Found, pyramid: Pyramid) -> NDArray[np.object_]:
        """Tell of each find why it is not to be read, object (n,) of texts; empty where it is."""
        reasons = np.full(len(found), "", object)
        if not self._config.printed:
            reasons[found.printed > LIKELY] = "print"
        reasons[found.sizes < self._config.min_height * min(pyramid.size)] = "too small"
        reasons[is_cut(found, pyramid)] = "cut by the frame's edge"
        return reasons

    def _sort_out(self, classified: Classified, shape: tuple[int, ...]) -> tuple[list[Digit], list[Reject]]:
        """Part digits, in reading order, from what is none or not surely one."""
        (found, crops, *_), probabilities, is_sure, is_faint, quarters = classified
        labels, boxes = self.classifier.labels, _boxes(found, shape)
        best = probabilities[:, :-1].argmax(axis=1)
        confidence = probabilities[np.arange(len(boxes)), best]
        unlikely = (probabilities[:, -1] <= confidence) & (confidence < self.min_confidence)
        sure = np.flatnonzero(is_sure)
        lines = order([boxes[i] for i in sure], quarters, shape)
        digits = [
            Digit(labels.texts[best[i]], float(confidence[i]), probabilities[i, :-1], boxes[i], crops[i], number)
            for number, line in enumerate(lines)
            for i in sure[line]
        ]
        unsure = [
            Reject(
                boxes[i],
                "too faint" if is_faint[i] else "not sure enough" if unlikely[i] else labels.none,
                float(confidence[i]),
                crops[i],
                probabilities[i],
            )
            for i in np.flatnonzero(~is_sure)
        ]
        return digits, unsure


def open_reader(
    config: Config, finder: Finder | None = None, classifier: Classifier | None = None, *, held: bool = False
) -> Reader:
    """Load both networks and make a reader.

    Args:
        config: which networks, and what is read.
        finder: the configured one, where it is loaded already.
        classifier: likewise.
        held: whether this process has a network on a Coral already.

    Raises:
        ModelError: a model or its card is missing, damaged or of the wrong shape, or the Coral asked for is missing.
        RuntimeMissingError: no TFLite runtime works here.
    """
    # one small frame at a time: OpenCV's worker threads cost more than they save
    cv2.setNumThreads(1)
    model = config.model
    # a Coral is tried with both before either is opened on it
    tried = partial(find_accelerator, runtime=model.runtime, held=held)
    finds_on = OFF if finder else tried(Path(model.finder), "model.finder_coral", model.finder_coral)
    reads_on = OFF if classifier else tried(Path(model.path), "model.coral", model.coral)
    return Reader(
        finder or open_finder(model, finds_on),
        classifier or open_classifier(model, reads_on),
        config.find,
        model.min_confidence,
    )


def is_cut(found: Found, pyramid: Pyramid) -> NDArray[np.bool_]:
    """Tell which of them end where the picture does, show in part only, and have ink that reaches its edge.

    What is about as wide as the picture is not cut at its sides, nor what is as high above and below: a person has
    cropped it to the digit.
    """
    size = np.array(pyramid.size, np.float32)
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    slack = params.ENDS * size.max()
    near = np.hstack([found.boxes[:, :2] < slack, found.boxes[:, 2:] > size - slack])
    near &= np.tile(params.AS_LARGE * sides <= size, 2)
    cut = near.any(axis=1) & (found.cut > LIKELY)
    for i in np.flatnonzero(cut):
        cut[i] = _has_ink_at(pyramid, found.boxes[i], near[i])
    return np.asarray(cut)


def _has_ink_at(pyramid: Pyramid, box: NDArray[np.float32], sides: NDArray[np.bool_]) -> bool:
    """Tell whether the picture's edge differs from itself, along a box, as much as ink from paper in that.

    Args:
        pyramid: of the picture.
        box: float32 (4,), in its pixels.
        sides: bool (4,), which of the picture's edges are meant: left, top, right, lower.
    """
    level, step = pyramid.level_for(params.LONGER / max(float((box[2:] - box[:2]).max()), 1))
    last = np.array(level.shape[::-1] * 2) - 1
    x0, y0, x1, y1 = np.clip(box // step, 0, last).astype(int).tolist()
    edges = level[y0 : y1 + 1, 0], level[0, x0 : x1 + 1], level[y0 : y1 + 1, -1], level[-1, x0 : x1 + 1]
    contrast = np.ptp(level[y0 : y1 + 1, x0 : x1 + 1])
    return any(np.ptp(edge) > params.INK * contrast for edge, is_meant in zip(edges, sides, strict=True) if is_meant)


def _boxes(found: Found, shape: tuple[int, ...]) -> list[Box]:
    """Round to whole pixels of the picture, one at least to each side."""
    ends = np.clip(np.rint(found.boxes), 0, np.array([shape[1], shape[0]] * 2)).astype(int)
    return [Box(x0, y0, max(1, x1 - x0), max(1, y1 - y0)) for x0, y0, x1, y1 in ends.tolist()]
