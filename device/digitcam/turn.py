"""Which way up a page lies: quarter turns of the frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitcam.classify import DIGITS, NO_DIGIT, Classifier
from digitcam.reading import Box

QUARTER = 90  # degrees

# Of the rendered pages of tests/host/test_turn.py, which measures again with `-s`, no upright one is turned, 260 of 309
# others are, and none the wrong way.
# Sureness is the mean of the best digit's probability over the blobs that count.
LEAST = 4  # blobs: fewer may well be digits on another side too (6 and 9; 0, 1 and 8)
DECIDING = 12  # the largest blobs: the turn is decided on them, at three more calls of the network each
WELL = 0.9  # sureness, over all that decide, of a page that is read as it lies, without a further look
LIKELY = 0.8  # sureness that a turned page must reach ...
WHOLE = 0.75  # and over all that decide, whether they count or not
MARGIN = 0.12  # ... and by how much it must be surer than the page on any other side,
CLEAR = 0.05  # or by how much without any doubt: half of ten digits may read on their heads too


def quarter_turn(
    boxes: Sequence[Box], crops: NDArray[np.uint8], probabilities: NDArray[np.float32], classifier: Classifier
) -> int:
    """Decide how to turn a frame so that its digits stand upright; in doubt, not at all.

    Args:
        boxes: of the n blobs, in frame pixels.
        crops: uint8 (n, 28, 28), the blobs as the frame lies.
        probabilities: float32 (n, 11), what the network says of these crops.
        classifier: asked about `DECIDING` crops at most, on each of their other three sides.

    Returns:
        Degrees clockwise: 0, 90, 180 or 270.
    """
    if len(boxes) < LEAST:
        return 0
    largest = np.argsort([-max(box.w, box.h) for box in boxes], kind="stable")[:DECIDING]
    as_it_lies = probabilities[largest]
    if as_it_lies[:, :DIGITS].max(axis=1).mean() >= WELL:
        return 0
    sides = np.array([as_it_lies, *(classifier.classify(rotated(crops[largest], d)) for d in (90, 180, 270))])
    counting = _is_digit(sides).any(axis=0)  # what is no digit on any side has no say
    if np.count_nonzero(counting) < LEAST:
        return 0
    sureness = sides[:, counting, :DIGITS].max(axis=2).mean(axis=1)
    surest = int(sureness.argmax())
    # letters on their heads look like digits, but never all of them do
    is_page = sides[surest, :, :DIGITS].max(axis=1).mean() >= WHOLE
    lead = sureness[surest] - np.delete(sureness, surest).max()
    leads = lead >= min(MARGIN, CLEAR + 1 - sureness[surest])
    return surest * QUARTER if is_page and sureness[surest] >= LIKELY and leads else 0


def _is_digit(probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray(probabilities[..., :DIGITS].max(axis=-1) >= probabilities[..., NO_DIGIT])


def rotated(images: NDArray[Any], degrees: int) -> NDArray[Any]:
    """Turn images, (..., height, width), clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(images, -degrees // QUARTER, axes=(-2, -1)))


def rotated_back(box: Box, degrees: int, shape: tuple[int, ...]) -> Box:
    """Where a box of a turned frame lies in the frame as it was.

    Args:
        box: in pixels of the frame that `rotated` gave.
        degrees: by which that was turned.
        shape: (height, width) of the frame that `rotated` gave.
    """
    height, width = shape
    for _ in range(degrees // QUARTER):
        box = Box(box.y, width - box.x - box.w, box.h, box.w)
        height, width = width, height
    return box
