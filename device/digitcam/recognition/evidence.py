"""What both networks, and a page's places together, say of each place -> which of them are digits."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.labels import Labels
from digitcam.recognition import params
from digitcam.recognition.classifier import Boxes, Crops, Probabilities
from digitcam.recognition.crop import Mask
from digitcam.recognition.finder import LEVELS, LIKELY, Found

Float = NDArray[np.float64]

UNTOLD = 2.0**-15  # what an int8 network's 0 stands for: of rendered digits' probabilities below half a step, half less
ROUNDS = 4  # after which nothing on rendered frames is read otherwise


class Asked(NamedTuple):
    """What was found, and what the classifier says of it.

    Attributes:
        found: n finds, the surest first.
        crops: uint8 (n, side, side), upright.
        lengths: float32 (n,), the longer side of what was cut out of each box, in the box's.
        contrasts: float32 (n,), by how much that differs from paper, in any light.
        said: float32 (n, labels + 1), how likely each label is, and none.
    """

    found: Found
    crops: Crops
    lengths: NDArray[np.float32]
    contrasts: NDArray[np.float32]
    said: Probabilities

    def take(self, chosen: Mask) -> "Asked":
        """Take some of it."""
        return Asked(
            self.found[chosen], self.crops[chosen], self.lengths[chosen], self.contrasts[chosen], self.said[chosen]
        )

    @classmethod
    def joined(cls, *parts: "Asked") -> "Asked":
        """Join parts, the surest first."""
        found, *others = zip(*parts, strict=True)
        surest = np.argsort(-np.concatenate([part.scores for part in found]), kind="stable")
        return cls(Found.joined(found), *(np.concatenate(other)[surest] for other in others))


def decide(asked: Asked, labels: Labels, least: float) -> tuple[Probabilities, Mask, Mask]:
    """Tell what all evidence says of each find, which of them are surely a label, and which are but for faint ink.

    Args:
        asked: n finds.
        labels: what can be read; only digits are weighed.
        least: below which confidence, 0 to 1, nothing is sure.

    Returns:
        float32 (n, labels + 1), each row adding up to 1, and two of bool (n,).
    """
    found, crops, lengths, contrasts, said = asked
    if not labels.are_digits:
        return said, _are_likely(said, least), np.zeros(len(said), np.bool_)
    beside, on = find_neighbours(found.boxes, found.boxes, params.AS_LARGE)
    is_alone = stands_alone(found, said[:, -1])
    said = doubt_strokes(found, crops, lengths, weigh(found, said, beside, is_alone=is_alone), labels)
    likely, faint = _are_likely(said, least), are_faint(contrasts, said[:, -1])
    digits = confirm(found, likely & ~faint, said[:, -1], beside, is_alone=is_alone)
    return said, digits & ~find_repeats(found, digits, said, on), likely & faint


def stands_alone(found: Found, none: NDArray[np.float32]) -> bool:
    """Tell whether one thing stands there, or two of which both networks take one for a digit and the other for none.

    Args:
        found: n finds.
        none: float32 (n,), how likely each is no digit, 0 to 1.
    """
    likely = none < LIKELY
    are_one_and_one = likely.sum() == (~likely).sum() == 1 and (likely == (found.scores >= params.SURELY)).all()
    return len(found) == 1 or bool(are_one_and_one)


def _are_likely(said: Probabilities, least: float) -> Mask:
    best = said[:, :-1].max(axis=1)
    return np.asarray((best >= said[:, -1]) & (best >= least))


def are_faint(contrasts: NDArray[np.float32], none: NDArray[np.float32]) -> Mask:
    """Tell whose ink is much fainter than the page's sure digits': it shows through the paper, or was wiped off.

    By themselves such are as good digits as any: both networks see ink alike, however faint it is.

    Args:
        contrasts: float32 (n,), by how much each one's ink differs from paper, in any light.
        none: float32 (n,), how likely each is no digit, 0 to 1.
    """
    are_sure = _are_sure(none)
    if not are_sure.any():
        return np.zeros(len(none), np.bool_)
    return np.asarray(contrasts < params.FAINT * _median(contrasts[are_sure]))


def doubt_strokes(
    found: Found, crops: Crops, lengths: NDArray[np.float32], said: Probabilities, labels: Labels
) -> Probabilities:
    """Take a 1 for a digit the less, the further it leans to the right of what else is one on the page: for a slash.

    By itself a slash is as good a 1 as many of MNIST's, but the digits of one hand lean alike (Bozinovic and Srihari,
    IEEE PAMI 11, 1989). So are they as tall, and slashes and brackets often taller, which is asked of a doubtful 1. And
    a stroke that leads on out of the box in which the finder sees a 1 is part of a longer one, of a rule or a bracket;
    one that ends well within it is a comma.

    Args:
        found: n places.
        crops: uint8 (n, side, side), upright.
        lengths: float32 (n,), the longer side of what was cut out of each box, in the box's.
        said: float32 (n, labels + 1), of each label, and of none.
        labels: which of them is a 1.
    """
    ones = np.flatnonzero(said.argmax(axis=1) == (*labels.texts, "", "1").index("1"))  # of no column where none is a 1
    if not len(ones):
        return said
    at = np.arange(crops.shape[1], dtype=np.float32) - crops.shape[1] / 2  # from the centre of mass
    ink = crops.reshape(len(crops), -1).astype(np.float32)
    leans = -(ink @ np.outer(at, at).ravel()) / np.maximum(ink @ np.repeat(at**2, len(at)), 1)
    further = np.maximum(leans[ones] - _median(leans[said[:, -1] <= LIKELY]), 0)
    are_sure = _are_sure(said[:, -1])
    doubtful = ~are_sure[ones]
    if doubtful.any() and are_sure.any():
        sizes = found.sizes
        taller = np.maximum(sizes[ones] / _median(sizes[are_sure]) - 1, 0)
        further = np.hypot(further, taller * doubtful)
    further = np.hypot(further, np.abs(lengths[ones] - 1))
    told = said.copy()
    # as likely as so far out on a bell
    told[ones, :-1] *= np.exp(-((further / params.UNEVEN) ** 2) / 2)[:, None]
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float32)


def _median(values: NDArray[np.float32]) -> float:
    ordered = np.sort(values)  # of few, a tenth of np.median's time
    return float(ordered[len(ordered) // 2] + ordered[~(len(ordered) // 2)]) / 2


def _are_sure(none: NDArray[np.float32]) -> Mask:
    return np.asarray(none < 1 / (1 + math.exp(params.SURE)))  # a twentieth of np.exp's time


def weigh(found: Found, said: Probabilities, beside: Mask, *, is_alone: bool) -> Probabilities:
    """Weigh what the classifier says of each place by how sure the finder is, and by what stands beside it.

    How much of what stands there is no digit differs from what the classifier was trained on: among letters, an O is no
    0. That is estimated from the page itself, in turns with what the classifier makes of each place (Saerens, Latinne
    and Decaestecker, Neural Computation 14, 2002; of neighbours, Rosenfeld, Hummel and Zucker, IEEE SMC 6, 1976). A
    digit stands beside others as large, a letter in one word with some twice as large: what is none counts so far. The
    finder's evidence is added to it, as though the two networks erred for reasons of their own (naive Bayes).

    Args:
        found: n places.
        said: float32 (n, 11), of each digit, and of no digit; 0 of the last where the classifier knows none such.
        beside: bool (n, n), which of the others stand near each and are as large.
        is_alone: whether one of them stands alone.

    Returns:
        The same as `said`, each row adding up to 1.
    """
    are_none = said[:, -1] > LIKELY
    if are_none.any():
        beside = np.where(are_none, find_neighbours(found.boxes, found.boxes, params.AS_LARGE**2)[0], beside)
    others = beside * (1.0 - np.eye(len(said)))
    is_read = said[:, :-1].sum(axis=1)
    # what stands alone in the picture is shown for its own sake; else any one digit is as likely as none
    reads = _odds(is_read, said[:, -1]) ** params.READ_WEIGHT / (1.0 if is_alone else said.shape[1] - 1)
    neighbours = others.sum(axis=1) + 1  # half of either kind is added (Krichevsky, Trofimov, IEEE Trans. IT 27, 1981)
    none_beside = neighbours / 2
    for _ in range(ROUNDS):
        none_beside = others @ _none(reads, neighbours, none_beside) + 0.5
    none = _none(reads * _odds(found.scores, 1 - found.scores) ** params.SCORE_WEIGHT, neighbours, none_beside)
    told = said * ((1 - none) / np.maximum(is_read, UNTOLD))[:, None]
    told[:, -1] = none
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float32)


def _none(digit: Float, neighbours: Float, none_beside: Float) -> Float:
    """Tell how likely each is no digit, from its odds of being one and how many of its neighbours are none."""
    return none_beside / (none_beside + digit * (neighbours - none_beside))


def _odds(likely: NDArray[np.float32], unlikely: NDArray[np.float32]) -> Float:
    """Give the odds of what is as likely against what is as unlikely; neither is impossible where a network says 0."""
    return np.asarray(np.maximum(likely, UNTOLD, dtype=np.float64) / np.maximum(unlikely, UNTOLD, dtype=np.float64))


def confirm(found: Found, likely: Mask, none: NDArray[np.float32], beside: Mask, *, is_alone: bool) -> Mask:
    """Tell which finds are digits: what is so for sure, and what is likely and stands beside such, as large as that.

    Two thresholds (hysteresis; Canny, IEEE PAMI 1986): a bare stroke is a 1 among digits, and among other things a
    scratch. Where none is sure, what the finder holds for a digit and stands alone in the picture, or is large and all
    else less than half as large, is shown for its own sake, and need not be so sure.

    Args:
        found: n finds.
        likely: bool (n,), which may be digits.
        none: float32 (n,), how likely each is no digit, 0 to 1.
        beside: bool (n, n), which of the others stand near each and are as large.
        is_alone: whether one of them stands alone.
    """
    sure = likely & _are_sure(none)
    if (sure == likely).all():
        return np.asarray(sure)
    if not sure.any():
        sizes = found.sizes
        stands_out = (sizes[:, None] > 2 * sizes).sum(axis=1) == len(sizes) - 1
        sure = likely & ((is_alone & (found.scores > LIKELY)) | (stands_out & (found.seen > LEVELS[-1].low)))
    return np.asarray(sure | (likely & beside[:, sure].any(axis=1)))


def find_repeats(found: Found, digits: Mask, said: Probabilities, on: Mask) -> Mask:
    """Tell which digits are others once more: what stands on a likelier one, overlaps it and reads as that does.

    Where the finder does not hold it for a digit rather than for none, either is enough. What reads differently is
    another digit, which touches that; but what the finest field of the finder sees, whose places lie as far apart as
    such digits, is a part of it.

    Args:
        found: n finds.
        digits: bool (n,), which of them are digits.
        said: float32 (n, labels + 1), how likely each label is, and none.
        on: bool (n, n), on which of the others each stands.
    """
    starts, ends = found.boxes[:, :2], found.boxes[:, 2:]
    overlaps = ((starts[:, None] < ends) & (starts < ends[:, None])).all(axis=2)
    either, both = on | overlaps, on & overlaps
    if either.sum() == len(either):  # each itself alone, as on most pages
        return np.zeros(len(either), np.bool_)
    best = said[:, :-1].argmax(axis=1)
    is_small, is_doubted = (found.seen < LEVELS[0].high)[:, None], (found.scores < LIKELY)[:, None]
    again = np.where(best[:, None] == best, both | (either & is_doubted), both & is_small)
    repeats = np.zeros(len(either), np.bool_)
    likeliest = np.argsort(said[:, -1], kind="stable")  # of two as likely the finder's surer one
    for place, one in enumerate(likeliest, start=1):
        if digits[one] and not repeats[one]:
            others = likeliest[place:]
            repeats[others] |= again[others, one]
    return repeats


def find_neighbours(boxes: Boxes, others: Boxes, as_large: float) -> tuple[Mask, Mask]:
    """Tell of boxes which of the others stand near and are about as large, and which stand on them.

    Args:
        boxes: float32 (n, 4), left, top, right and bottom.
        others: float32 (m, 4), likewise.
        as_large: how many times as large what is about as large may be.

    Returns:
        Two of bool (n, m).
    """
    middles, of_others = ((some[:, :2] + some[:, 2:]) / 2 for some in (boxes, others))
    sizes, sizes_of_others = ((some[:, 2:] - some[:, :2]).max(axis=1, initial=0) for some in (boxes, others))
    away = np.maximum(*(np.abs(np.subtract.outer(middles[:, axis], of_others[:, axis])) for axis in (0, 1)))
    larger, smaller = (f(sizes[:, None], sizes_of_others) for f in (np.maximum, np.minimum))
    beside = (away < params.BESIDE * sizes[:, None]) & (larger < as_large * smaller)
    return beside, away < params.ON * larger
