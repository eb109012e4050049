"""What stands on a page, set upright: what each place is, and the lines of text that they make."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.reading import Box
from digitcam.recognition import params
from digitcam.recognition.classifier import MOST_AGAIN, Boxes, Classifier, Crops, Probabilities, turn_images
from digitcam.recognition.crop import Mask
from digitcam.recognition.evidence import Asked, decide, find_neighbours
from digitcam.recognition.finder import LIKELY, TURNED, Found
from digitcam.recognition.look import Pyramid
from digitcam.recognition.stopwatch import Stopwatch

Float = NDArray[np.float64]

HALF = 2  # quarters
DECIDING = 20  # largest digits of a page that are asked on other sides, which bounds what that costs
# of the steepest, from straight on: of equally good ones the straightest is taken
SLOPES = np.array(sorted(np.linspace(-1, 1, 61), key=abs))
FINENESS = 8  # bins a height


class Marks(NamedTuple):
    """Boxes as float64 (n,) columns: centres and sizes."""

    x: Float
    y: Float
    w: Float
    h: Float


class Classified(NamedTuple):
    """What the finds are that have ink.

    Attributes:
        asked: n finds, and what the classifier says of each.
        told: float32 (n, labels + 1), how likely each label is after all, and none.
        is_sure: bool (n,), which are surely what is likeliest.
        is_faint: bool (n,), which would be, were their ink not so much fainter than that of the others.
        quarters: by how many the page lies turned counterclockwise.
    """

    asked: Asked
    told: Probabilities
    is_sure: Mask
    is_faint: Mask
    quarters: int


def classify_upright(
    pyramid: Pyramid, found: Found, classifier: Classifier, least: float, stopwatch: Stopwatch
) -> Classified:
    """Classify what was found, as it stands on the page when that lies upright, and weigh what is said.

    Labels other than digits are neither turned, since they may read as well on their side, nor weighed.

    Args:
        pyramid: of the picture.
        found: what stands there.
        classifier: asked about each, about all of them again where the page is turned, and where it is in doubt.
        least: below which confidence, 0 to 1, nothing is sure.
        stopwatch: told how long it takes.
    """
    with stopwatch.timed("normalize"):
        inked, crops, lengths, contrasts = classifier.cut_out(pyramid, found.boxes)
    with stopwatch.timed("classify"):
        said, found, quarters = classifier.classify(crops), found[inked], 0
        if classifier.labels.are_digits:
            quarters = find_turn(found, crops, said, classifier)
            if quarters:
                crops = turn_images(crops, quarters)
                said = classifier.classify(crops)
            crops, said = classifier.ask_again(pyramid, found.boxes, crops, said, quarters)
        asked = Asked(found, crops, lengths, contrasts, said)
        return Classified(asked, *decide(asked, classifier.labels, least), quarters)


def ask_instead(
    pyramid: Pyramid, classified: Classified, others: Found, classifier: Classifier, least: float
) -> Classified:
    """Ask what else may stand where nothing reads well: two digits that were found as one, or a part of what was found.

    Args:
        pyramid: of the picture.
        classified: what was found there.
        others: what may stand there instead of some of that; what stands on what reads well does not.
        classifier: asked about `MOST_AGAIN` of them at most.
        least: below which confidence, 0 to 1, nothing is sure.

    Returns:
        The same, with digits among the others in place of what they stand on.
    """
    first, told, is_sure, _, quarters = classified
    boxes, stays = first.found.boxes, is_sure | (told[:, :-1].max(axis=1) >= params.WELL)
    others = others[_stand_on(others.boxes, boxes[~stays]) & ~_stand_on(others.boxes, boxes[stays])]
    if not len(others):
        return classified
    found, _ = others.apart(params.LEAST_SCORE)
    inked, crops, lengths, contrasts = classifier.cut_out(pyramid, found.boxes[:MOST_AGAIN])
    crops = turn_images(crops, quarters)
    said = classifier.classify(crops)
    new = Asked(found[inked], crops, lengths, contrasts, said).take(said[:, -1] <= LIKELY)
    if not len(new.found):
        return classified
    asked = Asked.joined(first.take(stays | ~_stand_on(boxes, new.found.boxes)), new)
    return Classified(asked, *decide(asked, classifier.labels, least), quarters)


def _stand_on(boxes: Boxes, others: Boxes) -> Mask:
    """Tell of boxes, float32 (n, 4), whether any of the others stands on each, bool (n,)."""
    return np.asarray(find_neighbours(boxes, others, params.AS_LARGE)[1].any(axis=1))


def find_turn(found: Found, crops: Crops, said: Probabilities, classifier: Classifier) -> int:
    """Tell by how many quarters the page is turned counterclockwise, 0 to 3; in doubt 0.

    The finder knows a page on its side from one that stands on its feet or its head, but not these two: it names two
    sides. Each of the largest sure digits, or of the largest finds where these are few, says how likely it is on these
    and as it lies, which is the classifier's probability of its likeliest digit. It has the more say the surer it is to
    be a digit on any side: two letters that the finder takes for one digit on its side have none. A page that reads
    well as it lies is left alone, as is one of which less than half would be digits on another side, by both networks'
    word: some letters on their head look like digits. One with a single digit never stands on its head: nobody can tell
    a 6 from a 9.

    Args:
        found: what stands there.
        crops: uint8 (n, side, side), as they lie.
        said: float32 (n, 11), what the classifier says of these.
        classifier: asked about `DECIDING` crops at most, on two other sides.
    """
    sure = np.flatnonzero(found.scores >= params.SURELY)
    # brackets are higher than digits, and the same on their head
    among = sure if len(sure) > params.MANY else np.arange(len(found))
    asked = among[np.argsort(-found.sizes[among], kind="stable")[:DECIDING]]
    as_it_lies = said[asked, :-1].max(axis=1)
    if not len(asked) or as_it_lies.mean() >= params.WELL:
        return 0
    largest = found[asked]
    turns = largest.scores @ np.log(largest.turns / np.array(TURNED, np.float32) + np.float32(1e-3))
    if len(asked) == 1:
        turns[HALF] = -np.inf
    sides = [0, *(side for side in np.argsort(-turns, kind="stable")[:2].tolist() if side)]
    turned = (classifier.classify(turn_images(crops[asked], side))[:, :-1].max(axis=1) for side in sides[1:])
    digit = np.stack([as_it_lies, *turned])
    weight = largest.scores / max(largest.scores.max(), np.float32(1e-3)) * digit.max(axis=0)
    # a letter is no digit on any side: what is unlikely says no more against one than what is hardly likely
    likely = np.log(np.maximum(digit, LIKELY)) @ weight
    second, first = np.sort(likely)[-2:]
    best = int(likely.argmax())
    are_digits = largest.scores @ digit[best] > LIKELY * len(asked)
    return sides[best] if are_digits and first - second > params.LEAD * np.sqrt(len(asked)) else 0


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
    # one above the other, for the most part
    stacked = (-2 * gap > np.minimum(marks.w[a], marks.w[b])) & (3 * down > params.SAME_LINE)
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
