"""What a page's places say together: which way up it lies, which of them are digits, and their lines of text."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.labels import Labels
from digitcam.reading import Box
from digitcam.recognition import params
from digitcam.recognition.classifier import STEP, Boxes, Classifier, Crops, Probabilities, turn_images
from digitcam.recognition.finder import LEVELS, LIKELY, TURNED, Found
from digitcam.recognition.look import Pyramid
from digitcam.recognition.stopwatch import Stopwatch

Float = NDArray[np.float64]

# of the steepest, from straight on: of equally good ones the straightest is taken
SLOPES = np.array(sorted(np.linspace(-1, 1, 61), key=abs))
FINENESS = 8  # bins a height
DECIDING = 20  # largest digits of a page that are asked on other sides, which bounds what that costs
ROUNDS = 4  # after which nothing on rendered frames is read otherwise


class Marks(NamedTuple):
    """Boxes as float64 (n,) columns: centres and sizes."""

    x: Float
    y: Float
    w: Float
    h: Float


class Classified(NamedTuple):
    """What the classifier says of the finds that have ink.

    Attributes:
        places: intp (n,), which of the finds these are.
        crops: uint8 (n, side, side), turned clockwise with the page.
        said: float32 (n, labels + 1), how likely each label is, and none.
        quarters: by how many the page lies turned counterclockwise.
    """

    places: NDArray[np.intp]
    crops: Crops
    said: Probabilities
    quarters: int


def classify_upright(pyramid: Pyramid, found: Found, classifier: Classifier, stopwatch: Stopwatch) -> Classified:
    """Classify what was found, as it stands on the page when that lies upright, and weigh what is said.

    Labels other than digits are neither turned, since they may read as well on their side, nor weighed.

    Args:
        pyramid: of the picture.
        found: what stands there.
        classifier: asked about each, about all of them again where the page is turned, and where it is in doubt.
        stopwatch: told how long it takes.
    """
    with stopwatch.timed("normalize"):
        inked, crops = classifier.cut_out(pyramid, found.boxes)
    with stopwatch.timed("classify"):
        said, found = classifier.classify(crops), found[inked]
        if not classifier.labels.are_digits:
            return Classified(inked, crops, said, 0)
        quarters = find_turn(found, crops, said, classifier)
        if quarters:
            crops = turn_images(crops, quarters)
            said = classifier.classify(crops)
        crops, said = classifier.ask_again(pyramid, found.boxes, crops, said, quarters)
        return Classified(inked, crops, doubt_slashes(crops, weigh(found, said), classifier.labels), quarters)


def doubt_slashes(crops: Crops, said: Probabilities, labels: Labels) -> Probabilities:
    """Take a 1 for a digit the less, the further it leans to the right of what else is one on the page: for a slash.

    By itself a slash is as good a 1 as many of MNIST's, but the digits of one hand lean alike (Bozinovic and Srihari,
    IEEE PAMI 11, 1989). Takes upright crops, uint8 (n, side, side), and what is said of them, float32 (n, labels + 1).
    """
    ones = np.flatnonzero(said.argmax(axis=1) == (*labels.texts, "", "1").index("1"))  # of no column where none is a 1
    if not len(ones):
        return said
    at = np.arange(crops.shape[1], dtype=np.float32) - crops.shape[1] / 2  # from the centre of mass
    ink = crops.reshape(len(crops), -1).astype(np.float32)
    leans = -(ink @ np.outer(at, at).ravel()) / np.maximum(ink @ np.repeat(at**2, len(at)), 1)
    ordered = np.sort(leans[said[:, -1] <= LIKELY])
    median = (ordered[len(ordered) // 2] + ordered[~(len(ordered) // 2)]) / 2  # of few, a tenth of np.median's time
    further = np.maximum(leans[ones] - median, 0) / params.UNEVEN
    told = said.copy()
    told[ones, :-1] *= np.exp(-(further**2) / 2)[:, None]  # as likely as so far out on a bell
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float32)


def weigh(found: Found, said: Probabilities) -> Probabilities:
    """Weigh what the classifier says of each place by how sure the finder is, and by what stands beside it.

    How much of what stands there is no digit differs from what the classifier was trained on: among letters, an O is no
    0. That is estimated from the page itself, in turns with what the classifier makes of each place (Saerens, Latinne
    and Decaestecker, Neural Computation 14, 2002; of neighbours, Rosenfeld, Hummel and Zucker, IEEE SMC 6, 1976). The
    finder's evidence is added to it, as though the two networks erred for reasons of their own (naive Bayes).

    Args:
        found: n places.
        said: float32 (n, 11), of each digit, and of no digit; 0 of the last where the classifier knows none such.

    Returns:
        The same as `said`, each row adding up to 1.
    """
    beside = find_neighbours(found.boxes, found.boxes)[0] * (1.0 - np.eye(len(said)))
    # what stands alone in the picture is shown for its own sake
    reads = _odds(1 - said[:, -1]) / (params.DIGITS_A_NONE if len(said) > 1 else 1.0)
    neighbours = beside.sum(axis=1) + 1  # half of either kind is added (Krichevsky, Trofimov, IEEE Trans. IT 27, 1981)
    none_beside = neighbours / 2
    for _ in range(ROUNDS):
        none_beside = beside @ _none(reads, neighbours, none_beside) + 0.5
    none = _none(reads * _odds(found.scores) ** params.SCORE_WEIGHT, neighbours, none_beside)
    told = said * ((1 - none) / np.maximum(1 - said[:, -1], STEP))[:, None]
    told[:, -1] = none
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float32)


def _none(digit: Float, neighbours: Float, none_beside: Float) -> Float:
    """Tell how likely each is no digit, from its odds of being one and how many of its neighbours are none."""
    return none_beside / (none_beside + digit * (neighbours - none_beside))


def _odds(probability: NDArray[np.float32]) -> Float:
    certain = np.clip(probability.astype(np.float64), STEP, 1 - STEP)
    return np.asarray(certain / (1 - certain))


def find_turn(found: Found, crops: Crops, said: Probabilities, classifier: Classifier) -> int:
    """Tell by how many quarters the page is turned counterclockwise, 0 to 3; in doubt 0.

    The finder knows a page on its side from one that stands on its feet or its head, but not these two: it names two
    sides. Each of the largest digits says how likely it is on these and as it lies, which is the classifier's
    probability of its likeliest digit. It has the more say the surer it is to be a digit on any side: two letters that
    the finder takes for one digit on its side have none. A page that reads well as it lies is left alone.

    Args:
        found: what stands there.
        crops: uint8 (n, side, side), as they lie.
        said: float32 (n, 11), what the classifier says of these.
        classifier: asked about `DECIDING` crops at most, on two other sides.
    """
    sizes = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
    asked = np.argsort(-sizes, kind="stable")[:DECIDING]
    as_it_lies = said[asked, :-1].max(axis=1)
    if not len(asked) or as_it_lies.mean() >= params.WELL:
        return 0
    largest = found[asked]
    turns = largest.scores @ np.log(largest.turns / np.array(TURNED, np.float32) + np.float32(1e-3))
    sides = [0, *(side for side in np.argsort(-turns, kind="stable")[:2].tolist() if side)]
    turned = (classifier.classify(turn_images(crops[asked], side))[:, :-1].max(axis=1) for side in sides[1:])
    digit = np.stack([as_it_lies, *turned])
    weight = largest.scores / max(largest.scores.max(), np.float32(1e-3)) * digit.max(axis=0)
    # a letter is no digit on any side: what is unlikely says no more against one than what is hardly likely
    likely = np.log(np.maximum(digit, LIKELY)) @ weight
    second, first = np.sort(likely)[-2:]
    return sides[int(likely.argmax())] if first - second > params.LEAD * np.sqrt(len(asked)) else 0


def confirm(found: Found, likely: NDArray[np.bool_], none: NDArray[np.float32], *, is_alone: bool) -> NDArray[np.bool_]:
    """Tell which finds are digits: what is so for sure, and what is likely and stands beside such, as large as that.

    What stands on such is none: it is a part of that, or more than that. Two thresholds (hysteresis; Canny, IEEE PAMI
    1986): a bare stroke is a 1 among digits, and among other things a scratch. Where none is sure, what stands alone in
    the picture, or is large and all else less than half as large, is shown for its own sake, and need not be so sure.

    Args:
        found: n finds.
        likely: bool (n,), which may be digits.
        none: float32 (n,), how likely each is no digit, 0 to 1.
        is_alone: whether nothing else at all was found in the picture.
    """
    sure = likely & (none < 1 / (1 + np.exp(params.SURE)))
    if (sure == likely).all():
        return np.asarray(sure)
    if not sure.any():
        sizes = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
        stands_out = (sizes[:, None] > 2 * sizes).sum(axis=1) == len(sizes) - 1
        sure = likely & (is_alone | (stands_out & (found.seen > LEVELS[-1].low)))
    beside, on = find_neighbours(found.boxes, found.boxes[sure])
    return np.asarray(sure | (likely & beside.any(axis=1) & ~on.any(axis=1)))


def find_neighbours(boxes: Boxes, others: Boxes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of boxes which of the others stand near and are about as large, and which stand on them.

    Args:
        boxes: float32 (n, 4), left, top, right and bottom.
        others: float32 (m, 4), likewise.

    Returns:
        Two of bool (n, m).
    """
    middles, of_others = ((some[:, :2] + some[:, 2:]) / 2 for some in (boxes, others))
    sizes, sizes_of_others = ((some[:, 2:] - some[:, :2]).max(axis=1, initial=0) for some in (boxes, others))
    away = np.maximum(*(np.abs(np.subtract.outer(middles[:, axis], of_others[:, axis])) for axis in (0, 1)))
    larger, smaller = (f(sizes[:, None], sizes_of_others) for f in (np.maximum, np.minimum))
    beside = (away < params.BESIDE * sizes[:, None]) & (larger < params.AS_LARGE * smaller)
    return beside, away < params.ON * larger


def order(boxes: Sequence[Box], quarters: int = 0, shape: tuple[int, ...] = (0, 0)) -> list[list[int]]:
    """Put boxes into lines.

    The page is set straight by the slope that lines its digits up best; then neighbours are joined, the nearest first,
    and nothing joins two digits of which one stands above the other. Rows are read across the whole page: columns and
    words far apart are one line.

    Args:
        boxes: in pixels of the picture as it is.
        quarters: by how many the page is turned counterclockwise, 0 to 3.
        shape: (height, width) of the picture.

    Returns:
        Indices into `boxes`, line by line from the top, each line from left to right.
    """
    if not boxes:
        return []
    left, top, w, h = np.array([box.turned(quarters, shape) for box in boxes], np.float64).T
    marks = Marks(left + w / 2, top + h / 2, w, h)
    usual = float(np.median(h))
    straight = marks._replace(y=marks.y - _find_slope(marks, usual) * marks.x)
    lines = [sorted(line, key=lambda i: float(marks.x[i])) for line in _join_lines(straight, usual)]
    return sorted(lines, key=lambda line: float(straight.y[line].mean()))


def _find_slope(marks: Marks, usual: float) -> float:
    """Find the page's slope: the one that gathers centres into rows best (Postl, ICPR 1986)."""
    slopes = params.STEEPEST * SLOPES
    return float(slopes[_gather((marks.y[:, None] - slopes * marks.x[:, None]) / usual).argmax()])


def _gather(places: Float) -> Float:
    """Count how many pairs stand level under each slope, more the more nearly.

    Args:
        places: float64 (n, slopes), in heights.
    """
    n, slopes = places.shape
    reach = round(params.SAME_LINE * FINENESS)
    bins = np.floor((places - places.min()) * FINENESS).astype(np.int64)
    width = int(bins.max()) + 1 + 2 * reach  # the padding parts one slope's bins from the next one's
    bins += width * np.arange(slopes) + reach
    counts = np.bincount(bins.ravel(), minlength=width * slopes).astype(np.float32)[None]
    bell = np.exp(-0.5 * (3 * np.arange(-reach, reach + 1) / (params.SAME_LINE * FINENESS)) ** 2)
    near = cv2.filter2D(counts, cv2.CV_32F, bell[None], borderType=cv2.BORDER_CONSTANT)
    return np.asarray((counts * near).reshape(slopes, width).sum(axis=1) - n, np.float64)


def _join_lines(marks: Marks, usual: float) -> list[list[int]]:
    """Join neighbours, the nearest first (as Kruskal's spanning tree does), into lines that hold no stack."""
    n = len(marks.x)
    a, b = np.triu_indices(n, 1)
    height = np.maximum(np.maximum(marks.h[a], marks.h[b]), usual)
    down = np.abs(marks.y[a] - marks.y[b]) / height
    gap = np.abs(marks.x[a] - marks.x[b]) - (marks.w[a] + marks.w[b]) / 2
    stacked = (-gap > params.OVERLAP * np.minimum(marks.w[a], marks.w[b])) & (3 * down > params.SAME_LINE)
    apart = np.zeros((n, n), np.bool_)  # lines, named by a box of theirs, that must not become one
    apart[a, b] = apart[b, a] = stacked
    cost = down + np.maximum(gap, 0) / height
    near = np.flatnonzero((down < params.SAME_LINE) & ~stacked)
    near = near[np.argsort(cost[near], kind="stable")]
    line_of, lines = list(range(n)), [[i] for i in range(n)]
    for one, two in zip(a[near].tolist(), b[near].tolist(), strict=True):
        kept, other = line_of[one], line_of[two]
        if kept == other or apart[kept, other]:
            continue
        for i in lines[other]:
            line_of[i] = kept
        lines[kept] += lines[other]
        lines[other] = []
        apart[kept] |= apart[other]
        apart[:, kept] |= apart[:, other]
    return [line for line in lines if line]
