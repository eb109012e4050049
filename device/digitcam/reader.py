"""A grey frame -> a reading: find -> normalize -> classify -> order."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.classify import DIGITS, NO_DIGIT, Classifier, open_classifier
from digitcam.config import Config, FindConfig
from digitcam.find import Blob, find
from digitcam.frame import Grey
from digitcam.normalize import SIDE, normalize
from digitcam.order import order
from digitcam.reading import Box, Digit, Reading, Reject

LEAST_SIDE = 160  # pixels; a smaller frame is enlarged to it, since finding counts in whole pixels


class Reader:
    """Reads the digits of one frame after another; keeps nothing between them."""

    def __init__(self, classifier: Classifier, config: FindConfig, min_confidence: float) -> None:
        """Take a loaded classifier, how to find, and below which confidence (0 to 1) a blob is rejected."""
        self.classifier = classifier
        self._config = config
        self._min_confidence = min_confidence

    def read(self, image: Grey) -> Reading:
        """Read every digit.

        Args:
            image: uint8 (height, width).
        """
        ms: dict[str, float] = {}
        with _timed(ms, "find"):
            scale = _scale(image.shape, self._config.max_side)
            found = find(_scaled(image, scale), self._config)
        with _timed(ms, "normalize"):
            crops = np.array([normalize(blob.ink) for blob in found.blobs], np.uint8).reshape(-1, SIDE, SIDE)
        with _timed(ms, "classify"):
            probabilities = self.classifier.classify(crops)
        with _timed(ms, "order"):
            digits, unsure = self._ordered(found.blobs, crops, probabilities, scale)
            rejected = [Reject(_enlarged(r.box, scale), r.reason, r.confidence, r.crop) for r in found.rejected]
        return Reading(digits, [*rejected, *unsure], ms)

    def _ordered(
        self, blobs: Sequence[Blob], crops: NDArray[np.uint8], probabilities: NDArray[np.float32], scale: float
    ) -> tuple[list[Digit], list[Reject]]:
        best = probabilities[:, :DIGITS].argmax(axis=1)
        confidence = probabilities[np.arange(len(blobs)), best]
        no_digit = probabilities[:, NO_DIGIT] > confidence
        sure = np.flatnonzero(~no_digit & (confidence >= self._min_confidence))
        digits = [
            Digit(
                int(best[i]),
                float(confidence[i]),
                probabilities[i, :DIGITS],
                _enlarged(blobs[i].box, scale),
                crops[i],
                number,
            )
            for number, line in enumerate(order([blobs[i].box for i in sure]))
            for i in sure[line]
        ]
        unsure = [
            Reject(
                _enlarged(blobs[i].box, scale),
                "no digit" if no_digit[i] else "not sure enough",
                float(confidence[i]),
                crops[i],
                probabilities[i],
            )
            for i in sorted(set(range(len(blobs))) - set(sure.tolist()))
        ]
        return digits, unsure


def open_reader(config: Config) -> Reader:
    """Load the model and make a reader.

    Raises:
        ModelError: the model or its card is missing, damaged or of the wrong shape, or the Coral asked for is missing.
        RuntimeMissingError: no TFLite runtime works here.
    """
    # one small frame at a time: OpenCV's worker threads cost more than they save
    cv2.setNumThreads(1)
    return Reader(open_classifier(config.model), config.find, config.model.min_confidence)


@contextmanager
def _timed(ms: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter_ns()
    yield
    ms[stage] = (time.perf_counter_ns() - start) / 1e6


def _scale(shape: tuple[int, ...], max_side: int) -> float:
    """By how much a frame is shrunk, or enlarged where it is a mere thumbnail."""
    return max(1.0, LEAST_SIDE / min(shape)) if max(shape) <= max_side else max_side / max(shape)


def _scaled(image: Grey, scale: float) -> Grey:
    if scale == 1:
        return image
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how), dtype=np.uint8)


def _enlarged(box: Box, scale: float) -> Box:
    return Box(*(round(n / scale) for n in box))
