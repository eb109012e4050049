"""Digits that touch: cut apart where the pieces read better than the whole.

A blob is cut in more places than digits join. Every stretch between two cuts is asked about, from left to right, as far
as what lies left of it reads as digits; the way through the cuts on which all pieces together are the likeliest is the
reading (over-segmentation, and the best path through what a recognizer says of its stretches: Breuel, ICPR 1994; LeCun,
Bottou, Bengio and Haffner, Proceedings of the IEEE 86, 1998, section V).
"""

from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.blob import Blob
from digitcam.classify import DIGITS, Classifier
from digitcam.normalize import crops_of
from digitcam.split import cuts, lowest_in, piece

# Measured on rendered scenes (`digitlab score --rendered`: touching, words, clutter).
TRIED = 8  # blobs of a frame ...
ASKED = 200  # ... until the network was asked so often: tallies and fences reach everywhere
TEXT, LETTERS = 16, 4  # more blobs that do not read, and more than so many to each digit: a page of text
LEAST = 0.8  # what the network says of each piece, at least
MEAN = 0.95  # likewise, their geometric mean
STROKES = (1, 7)  # what the strokes and arches of an m or n read as: at most half of the pieces may


class Pieces(NamedTuple):
    """What a blob was cut into, from left to right.

    Attributes:
        blobs: the pieces.
        crops: uint8 (n, 28, 28), what the network saw of each.
        probabilities: float32 (n, 11), what it said.
    """

    blobs: Sequence[Blob]
    crops: NDArray[np.uint8]
    probabilities: NDArray[np.float32]


class _Piece(NamedTuple):
    blob: Blob
    crop: NDArray[np.uint8]
    row: NDArray[np.float32]


class _Path(NamedTuple):
    """Pieces from the left edge on, and how unlikely they are: the sum of -log p."""

    cost: float = 0.0
    pieces: tuple[_Piece, ...] = ()


def cut_apart(blobs: Sequence[Blob], digits: Sequence[Blob], classifier: Classifier) -> dict[int, Pieces]:
    """Cut joined digits apart.

    Args:
        blobs: each perhaps digits that touch.
        digits: those of the same frame that stand alone; blobs as high are tried first, without any the largest.
        classifier: asked about the pieces.

    Returns:
        Index into `blobs` -> its pieces, for those that read surely; nothing of a page of text.
    """
    if len(blobs) > max(TEXT, LETTERS * len(digits)):
        return {}
    usual = float(np.median([digit.box.h for digit in digits])) if digits else None
    boxes = [blob.box for blob in blobs]

    def promise(i: int) -> float:
        return -abs(log(boxes[i].h / usual)) if usual else boxes[i].w * boxes[i].h

    found = {}
    asked = 0
    for i in sorted(range(len(blobs)), key=promise, reverse=True)[:TRIED]:
        pieces, questions = _likeliest(blobs[i], classifier)
        if pieces:
            found[i] = pieces
        asked += questions
        if asked > ASKED:
            break
    return found


def _likeliest(blob: Blob, classifier: Classifier) -> tuple[Pieces | None, int]:
    """The pieces that are the likeliest together, if they are digits, and how often the network was asked."""
    ends, lowest = cuts(blob), lowest_in(blob)
    last = len(ends) - 1
    asked = 0
    best = {0: _Path()}
    for start in range(last):
        if start not in best:
            continue
        blobs = {
            end: made
            for end in range(start + 1, last + 1)
            if end - start < last and (made := piece(blob, ends[start], ends[end], lowest))
        }
        asked += len(blobs)
        crops = crops_of([made.ink for made in blobs.values()])
        for end, crop, row in zip(blobs, crops, classifier.classify(crops), strict=True):
            sure = float(row[:DIGITS].max())
            if sure < LEAST:
                continue
            cost = best[start].cost - log(sure)
            if end not in best or cost < best[end].cost:
                best[end] = _Path(cost, (*best[start].pieces, _Piece(blobs[end], crop, row)))
    return (_accepted(best[last]) if last in best else None), asked


def _accepted(path: _Path) -> Pieces | None:
    """The pieces of a way from edge to edge, if they are digits rather than parts of letters."""
    count = len(path.pieces)
    blobs, crops, rows = zip(*path.pieces, strict=True)
    probabilities = np.array(rows, np.float32)
    strokes = np.isin(probabilities[:, :DIGITS].argmax(axis=1), STROKES)
    if exp(-path.cost / count) < MEAN or 2 * strokes.sum() > count:
        return None
    return Pieces(blobs, np.array(crops, np.uint8), probabilities)
