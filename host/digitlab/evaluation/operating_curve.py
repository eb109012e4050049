"""The operating curve: what is read, wrong and rejected, by the confidence below which a digit is rejected."""

from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

from digitcam.reading import Reading, Reject
from digitlab.evaluation.match import Comparison, Counts, compare

STEP = 0.005  # of the thresholds; int8 probabilities are kept in steps of 1/256
WRONG = 0.01  # share of the digits that may be read as another


class Point(Struct, frozen=True):
    """One threshold and what it does.

    Attributes:
        threshold: confidence, 0 to 1, below which a digit is rejected.
        read: share of the labelled digits, 0 to 1, as are the next three, which with it add up to 1.
        wrong: read as another digit.
        rejected: found, and then rejected.
        lost: not found.
        clutter_read: share of the marks that are no digits in which a digit was read; None where there are none.
    """

    threshold: float
    read: float
    wrong: float
    rejected: float
    lost: float
    clutter_read: float | None


def operating_curve(comparisons: Sequence[Comparison]) -> list[Point]:
    """Give the curve of readings that were made without any threshold.

    Args:
        comparisons: by boxes, of a reader whose min_confidence is 0; at least one labelled digit among them.
    """
    thresholds = [round(step * STEP, 6) for step in range(round(1 / STEP) + 1)]
    counts = [_counts(one, thresholds) for one in comparisons]
    clutter = [confidence for one in comparisons for confidence in one.clutter_confidences()]
    return [
        _point(threshold, Counts.total(at), clutter)
        for threshold, at in zip(thresholds, zip(*counts, strict=True), strict=True)
    ]


def _counts(comparison: Comparison, thresholds: Sequence[float]) -> list[Counts]:
    """Tell what one picture's counts are at each threshold."""
    sure = sorted(digit.confidence for digit in comparison.reading.digits)
    unsure = [bisect_left(sure, threshold) for threshold in thresholds]
    # thresholds that reject the same digits are compared once
    counts = {
        dropped: compare(comparison.truth, _sifted(comparison.reading, threshold)).counts
        for dropped, threshold in dict(zip(unsure, thresholds, strict=True)).items()
    }
    return [counts[dropped] for dropped in unsure]


def _sifted(reading: Reading, threshold: float) -> Reading:
    """Give the reading as it is with a threshold."""
    unsure = [Reject(digit.box, "not sure enough") for digit in reading.digits if digit.confidence < threshold]
    sure = [digit for digit in reading.digits if digit.confidence >= threshold]
    return Reading(sure, [*reading.rejected, *unsure], reading.ms)


def _point(threshold: float, counts: Counts, clutter: Sequence[float]) -> Point:
    # a confidence of 0 is that of a mark in which nothing was read
    read_in = sum(confidence > 0 and confidence >= threshold for confidence in clutter)
    return Point(
        threshold=threshold,
        read=counts.read / counts.labelled,
        wrong=counts.wrong / counts.labelled,
        rejected=counts.rejected / counts.labelled,
        lost=(counts.missed - counts.rejected) / counts.labelled,
        clutter_read=read_in / len(clutter) if clutter else None,
    )


def at_threshold(curve: Sequence[Point], threshold: float) -> Point:
    """Give the curve's point nearest to a threshold."""
    return min(curve, key=lambda point: abs(point.threshold - threshold))


def least_threshold(curve: Sequence[Point], wrong: float = WRONG) -> Point:
    """Give the smallest threshold at which no more than `wrong` of the digits are misread; the largest if none does."""
    return next((point for point in curve if point.wrong <= wrong), curve[-1])
