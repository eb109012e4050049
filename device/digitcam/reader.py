"""A grey frame -> a reading: find -> normalize -> classify -> split what touches -> order.

A page that lies on its side is turned and read again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.classify import DIGITS, NO_DIGIT, Classifier, open_classifier
from digitcam.config import Config, FindConfig
from digitcam.find import Blob, find
from digitcam.frame import Grey
from digitcam.joined import cut_apart
from digitcam.normalize import crops_of
from digitcam.onelook.finder import open_finder
from digitcam.onelook.reader import Reader as OneLookReader
from digitcam.order import order
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.remains import is_bar, is_squared_paper
from digitcam.turn import quarter_turn, rotated, rotated_back

BAR = 1  # what a bare upright stroke reads as
UNREAD = 0.7  # a blob whose likeliest digit is less likely may be two that touch
LEAST_SIDE = 160  # pixels; a smaller frame is enlarged to it, since finding counts in whole pixels


class _Look(NamedTuple):
    """What was found in a frame, and what the network says of it."""

    blobs: Sequence[Blob]
    crops: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    rejected: Sequence[Reject]
    wide: Sequence[Blob] = ()


class Reader:
    """Reads the digits of one frame after another; keeps nothing between them.

    Attributes:
        classifier: what it asks.
        min_confidence: below which a blob's likeliest digit is rejected, 0 to 1; may be set between two frames.
    """

    def __init__(self, classifier: Classifier, config: FindConfig, min_confidence: float) -> None:
        """Take a loaded classifier, how to find, and below which confidence (0 to 1) a blob is rejected."""
        self.classifier = classifier
        self._config = config
        self.min_confidence = min_confidence

    def read(self, image: Grey) -> Reading:
        """Read every digit.

        Args:
            image: uint8 (height, width).
        """
        ms: dict[str, float] = {}
        with _timed(ms, "find"):
            scale = _scale(image.shape, self._config.max_side)
            page = _scaled(image, scale)
        look = self._look(page, ms)
        with _timed(ms, "classify"):
            turn = quarter_turn([blob.box for blob in look.blobs], look.crops, look.probabilities, self.classifier)
        if turn:
            page = rotated(page, turn)
            look = self._look(page, ms)
        with _timed(ms, "split"):
            look = self._apart(look)
        with _timed(ms, "order"):

            def place(box: Box) -> Box:
                return _enlarged(rotated_back(box, turn, page.shape), scale)

            digits, unsure = self._ordered(look, place, min(page.shape))
            rejected = [Reject(place(reject.box), reject.reason) for reject in look.rejected]
        return Reading(digits, [*rejected, *unsure], ms, turn)

    def _look(self, page: Grey, ms: dict[str, float]) -> _Look:
        with _timed(ms, "find"):
            found = find(page, self._config)
        with _timed(ms, "normalize"):
            crops = crops_of([blob.ink for blob in found.blobs])
        with _timed(ms, "classify"):
            probabilities = self.classifier.classify(crops)
        return _Look(found.blobs, crops, probabilities, found.rejected, found.wide)

    def _apart(self, look: _Look) -> _Look:
        """Put the pieces of joined digits in the place of what they were cut from."""
        best = look.probabilities[:, :DIGITS].max(axis=1)
        is_read = best >= np.maximum(look.probabilities[:, NO_DIGIT], UNREAD)
        alone = [look.blobs[i] for i in np.flatnonzero(is_read)]
        tried = [*(look.blobs[i] for i in np.flatnonzero(~is_read)), *look.wide]
        pieces = cut_apart(tried, alone, self.classifier)
        if not pieces:
            return look
        gone = {tried[i].box for i in pieces}
        kept = [i for i, blob in enumerate(look.blobs) if blob.box not in gone]
        return _Look(
            [*(look.blobs[i] for i in kept), *(blob for part in pieces.values() for blob in part.blobs)],
            np.concatenate([look.crops[kept], *(part.crops for part in pieces.values())]),
            np.concatenate([look.probabilities[kept], *(part.probabilities for part in pieces.values())]),
            [reject for reject in look.rejected if reject.box not in gone],
        )

    def _ordered(self, look: _Look, place: Callable[[Box], Box], side: int) -> tuple[list[Digit], list[Reject]]:
        """Digits in reading order and what is none.

        Args:
            look: at a page.
            place: takes a box of the page to the picture.
            side: the page's shorter one, pixels.
        """
        blobs, crops, probabilities = look.blobs, look.crops, look.probabilities
        best = probabilities[:, :DIGITS].argmax(axis=1)
        confidence = probabilities[np.arange(len(blobs)), best]
        no_digit = probabilities[:, NO_DIGIT] > confidence
        is_sure = ~no_digit & (confidence >= self.min_confidence)
        bars = is_sure & (best == BAR) & np.array([is_bar(blob.box) for blob in blobs], np.bool_)
        if is_squared_paper(
            [blobs[i].box for i in np.flatnonzero(bars)],
            int(is_sure.sum()),
            [reject.box for reject in look.rejected],
            side,
        ):
            is_sure &= ~bars
        sure = np.flatnonzero(is_sure)
        digits = [
            Digit(
                int(best[i]),
                float(confidence[i]),
                probabilities[i, :DIGITS],
                place(blobs[i].box),
                crops[i],
                number,
            )
            for number, line in enumerate(order([blobs[i].box for i in sure]))
            for i in sure[line]
        ]
        unsure = [
            Reject(
                place(blobs[i].box),
                "a line" if bars[i] else "no digit" if no_digit[i] else "not sure enough",
                float(confidence[i]),
                crops[i],
                probabilities[i],
            )
            for i in np.flatnonzero(~is_sure)
        ]
        return digits, unsure


AnyReader = Reader | OneLookReader


def open_reader(config: Config) -> AnyReader:
    """Load the model, and the network that finds where that is wanted, and make a reader.

    Raises:
        ModelError: the model or its card is missing, damaged or of the wrong shape, or the Coral asked for is missing.
        RuntimeMissingError: no TFLite runtime works here.
    """
    # one small frame at a time: OpenCV's worker threads cost more than they save
    cv2.setNumThreads(1)
    classifier = open_classifier(config.model)
    if config.find.by == "network":
        return OneLookReader(open_finder(), classifier, config.model.min_confidence)
    return Reader(classifier, config.find, config.model.min_confidence)


@contextmanager
def _timed(ms: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter_ns()
    yield
    ms[stage] = ms.get(stage, 0.0) + (time.perf_counter_ns() - start) / 1e6


def _scale(shape: tuple[int, ...], max_side: int) -> float:
    """By how much a frame is shrunk, or enlarged where it is a mere thumbnail."""
    return max(1.0, LEAST_SIDE / min(shape)) if max(shape) <= max_side else max_side / max(shape)


def _scaled(image: Grey, scale: float) -> Grey:
    if scale == 1:
        return image
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how), dtype=np.uint8)


def _enlarged(box: Box, scale: float) -> Box:
    x, y, w, h = (round(n / scale) for n in box)
    return Box(x, y, max(1, w), max(1, h))  # a stroke of an enlarged thumbnail may be thinner than its pixels
