"""Readings compared with the truth: accuracy with its interval, confusion, calibration."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from digitcam.labels import DIGITS

# As in Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, https://arxiv.org/abs/1706.04599.
BINS = 15


class ClassScore(Struct, frozen=True):
    """How one label is read.

    Attributes:
        label: its text, such as "7".
        n: how many pictures show it.
        right: how many of them were read as it.
        recall: right / n; None where no picture shows it.
        precision: right / how many pictures were read as it; None where none was.
    """

    label: str
    n: int
    right: int
    recall: float | None
    precision: float | None


class Score(Struct, frozen=True):
    """What one variant read.

    Attributes:
        right: how many pictures were read as what they show.
        accuracy: right / all, 0 to 1.
        interval: 95 % Wilson interval of the accuracy.
        calibration_error: expected calibration error, 0 to 1: how far confidence and accuracy lie apart.
        classes: one entry for each label, digits from 0 to 9.
        confusion: a row for what the pictures show, a column for what was read, in the order of `classes`.
        predicted: what was read, indices into `classes`, in the test set's order.
        confidence: probability of what was read, 0 to 1, in the same order.
    """

    right: int
    accuracy: float
    interval: tuple[float, float]
    calibration_error: float
    classes: list[ClassScore]
    confusion: list[list[int]]
    predicted: list[int]
    confidence: list[float]

    def predictions(self) -> NDArray[np.uint8]:
        """What was read, as uint8 (n,)."""
        return np.array(self.predicted, np.uint8)


def wilson(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share, also good near 0 and 1 and for few pictures.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927), 209-212.

    Args:
        right: how many of
        n: how many, at least 1.
    """
    z = NormalDist().inv_cdf(0.975)
    share = right / n
    centre = share + z * z / (2 * n)
    spread = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    scale = 1 + z * z / n
    # The limits are exactly 0 and 1 for no and all right; floating point may miss them by an epsilon.
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


class Bin(Struct, frozen=True):
    """The pictures read with about the same confidence: how many, how sure on average, how many right."""

    n: int
    confidence: float
    right: int


def reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """Sort readings into `BINS` equally wide bins of confidence; empty bins are left out.

    Args:
        confidence: float64 (n,), 0 to 1.
        right: bool (n,).
    """
    index = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    return [
        Bin(n=int(inside.sum()), confidence=float(confidence[inside].mean()), right=int(right[inside].sum()))
        for inside in (index == i for i in range(BINS))
        if inside.any()
    ]


def score(
    predicted: NDArray[np.int64],
    confidence: NDArray[np.float32],
    labels: NDArray[np.uint8],
    texts: Sequence[str] = DIGITS.texts,
) -> Score:
    """Compare what was read with what was written.

    Args:
        predicted: int64 (n,), indices into `texts`.
        confidence: float32 (n,), 0 to 1; kept to four decimals.
        labels: uint8 (n,), likewise.
        texts: what can be read.
    """
    confusion = np.zeros((len(texts), len(texts)), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    right = predicted == labels
    rounded = np.asarray(confidence, np.float64).round(4)
    n, total = len(labels), int(right.sum())
    bins = reliability(rounded, right)
    return Score(
        right=total,
        accuracy=total / n,
        interval=wilson(total, n),
        calibration_error=sum(abs(b.n * b.confidence - b.right) for b in bins) / n,
        classes=[_class(text, number, confusion) for number, text in enumerate(texts)],
        confusion=confusion.tolist(),
        predicted=predicted.tolist(),
        confidence=rounded.tolist(),
    )


def _class(text: str, number: int, confusion: NDArray[np.int64]) -> ClassScore:
    right, n, read = (int(v) for v in (confusion[number, number], confusion[number].sum(), confusion[:, number].sum()))
    return ClassScore(
        label=text,
        n=n,
        right=right,
        recall=right / n if n else None,
        precision=right / read if read else None,
    )


def percent(share: float | None) -> str:
    """0.9957 -> "99.57 %"; None -> "-"."""
    return "-" if share is None else f"{100 * share:.2f} %"
