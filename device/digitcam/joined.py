"""Digits that touch: cut apart where the pieces read better than the whole."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.classify import DIGITS, NO_DIGIT, Classifier
from digitcam.find import Blob
from digitcam.normalize import crops_of
from digitcam.split import split

# Measured on rendered scenes (`digitlab score --rendered`, "touching").
CANDIDATES = 6  # blobs of a frame that are tried, the largest first: a page of print has many and is none of ours
PROPOSALS = 4  # ways to cut each of them
SURE = 0.95  # the least sure piece must be as sure as this
STROKE = 1  # what every upright stroke of an H or M reads as: at most half of the pieces may


class Pieces(NamedTuple):
    """What a blob was cut into, from left to right.

    Attributes:
        blobs: the pieces.
        crops: uint8 (n, 28, 28), what the network saw of each.
        probabilities: float32 (n, 11), what it said.
    """

    blobs: tuple[Blob, ...]
    crops: NDArray[np.uint8]
    probabilities: NDArray[np.float32]


def cut_apart(blobs: Sequence[Blob], classifier: Classifier) -> dict[int, Pieces]:
    """Cut joined digits apart.

    Args:
        blobs: each perhaps two to four digits that touch.
        classifier: asked about the pieces, at most `CANDIDATES` * `PROPOSALS` times four of them.

    Returns:
        Index into `blobs` -> its pieces, for those of which every piece reads surely.
    """
    largest = sorted(range(len(blobs)), key=lambda i: -blobs[i].box.w * blobs[i].box.h)[:CANDIDATES]
    proposals = [(i, pieces) for i in largest for pieces in split(blobs[i])[:PROPOSALS]]
    crops = crops_of([piece.ink for _, pieces in proposals for piece in pieces])
    probabilities = classifier.classify(crops)
    digits = probabilities[:, :DIGITS]
    sureness = np.where(digits.max(axis=1) > probabilities[:, NO_DIGIT], digits.max(axis=1), 0)
    strokes = digits.argmax(axis=1) == STROKE
    best: dict[int, tuple[float, Pieces]] = {}
    first = 0
    for i, pieces in proposals:
        part = slice(first, first + len(pieces))
        first += len(pieces)
        least = float(sureness[part].min())
        if least >= SURE and least > best.get(i, (0.0, None))[0] and 2 * strokes[part].sum() <= len(pieces):
            best[i] = least, Pieces(pieces, crops[part], probabilities[part])
    return {i: pieces for i, (_, pieces) in best.items()}
