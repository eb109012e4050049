"""Where digits stand in a grey frame.

ink level -> connected components, each cut again at a threshold of its own -> rules removed -> strokes of one digit
merged -> what cannot be a digit rejected, with the reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.config import FindConfig
from digitcam.ink import Ink, measure
from digitcam.reading import Box, Reject
from digitcam.rules import SHORTEST, Line, Lines, without

Mask = NDArray[np.uint8]
Part = tuple[Box, NDArray[np.bool_]]

FAINTEST = 5.0  # times the paper's noise: below it, speckle is found everywhere
OWN_SHARE = 0.35  # of a stroke's own strength: where its blurred flank ends
EDGE_SHARE = 0.5  # of its own size: a component that lies along the frame's edge so far is a border, not a digit
SURROUNDED = 2  # a digit may hold a speck, but not two blobs as high as digits
SMALL = 0.3  # of the page's usual digit height: below it, a component is a dot or dust
FAINT = 0.45  # of the page's usual ink: below it, a component shows through or is dust
FAINT_LINE = 0.6  # likewise for a bare straight stroke, which the rest of a printed rule leaves behind
GAP = 0.18  # of the page's usual digit height: strokes closer than this may belong to one digit
TALL = 0.6  # likewise: at least this high, a blob is a digit or its body, not a stroke that lost its digit
SPECK = 0.12  # likewise: smaller, it is part of nothing
HIGHEST = 1.5  # likewise: two strokes that together are higher than this are two digits
BROADEST = 1.3  # of the body's width, or of a usual digit's: a top bar may stand out so far
WIDEST = 2.2  # width / height; the widest 0, 2 or 5 of a careless hand
THICKEST = 0.45  # stroke width / height; thicker is a filled blob or a smudge
TOO_WIDE = "too wide"
JOINED = 4.5  # width / height of four digits that touch
OTHERS = 2  # digits wholly in the frame that say how high one that it cuts should be
CUT = 0.6  # of the usual digit height: a blob that is lower and reaches the frame's upper or lower edge goes on beyond
CUT_SLIM = 0.45  # likewise, its width at the left or right edge
HALF = 0.45  # of the usual digit height: what is lower is clutter beside it
ODDLY_LONG = 1.6  # times the usual digit height: if nothing is longer, nothing holds a printed line
LARGE = 0.4  # of the frame: likewise
LINE = 1.8  # of the page's usual digit height: a bare straight stroke longer than this is no 1
SLENDER = 0.2  # width / height of a bare stroke
MOST_STROKES = 3  # of a digit that has no body
TALLER = 1.3  # times the usual height: two pieces that together are higher were two digits
SLIMMEST = 0.45  # width / height: most digits are wider
STACKED = 0.12  # of their height: pieces this close above each other were one stroke that grew faint


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """A place where a digit may stand.

    Attributes:
        box: in frame pixels.
        ink: uint8 (box.h, box.w), this blob's ink alone, 0 elsewhere.
        strength: 0 to 255, the level of its darkest twentieth.
    """

    box: Box
    ink: NDArray[np.uint8]
    strength: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one frame, in no order.

    Attributes:
        blobs: where a digit may stand.
        rejected: what no digit can be, with the reason.
        wide: what is too wide for a digit but as high as one: perhaps two to four that touch, for `digitcam.split`.
            Each of them is among the rejected too.
    """

    blobs: Sequence[Blob]
    rejected: Sequence[Reject]
    wide: Sequence[Blob] = ()


def find(grey: NDArray[np.uint8], config: FindConfig) -> Found:
    """Find where digits may stand.

    Args:
        grey: uint8 (height, width).
        config: polarity and lowest digit.
    """
    ink = measure(grey, config.polarity)
    smallest = max(4.0, config.min_height * min(grey.shape))
    inside, around = _parted(_components(ink, least=smallest / 3), smallest)
    inside = _mended(inside, max(smallest / 2, SMALL * _usual(inside, grey.shape)[0]))
    usual = _usual(inside, grey.shape)
    blobs = _merge(inside, usual[0])
    kept: list[Blob] = []
    rejected = [Reject(blob.box, "surrounds others") for blob in around]
    wide: list[Blob] = []
    inner = [blob.box for blob in blobs if _is_inside(blob.box, grey.shape) and blob.box.h > TALL * usual[0]]
    for blob in blobs:
        reason = _reason(blob, grey.shape, smallest, usual)
        if not reason and len(inner) >= OTHERS and _is_cut(blob, grey.shape, usual[0]):
            reason = "cut by the frame's edge"
        if reason:
            rejected.append(Reject(blob.box, reason))
        else:
            kept.append(blob)
        if reason == TOO_WIDE and _may_be_joined(blob, usual[0]):
            wide.append(blob)
    return Found(kept, rejected, wide)


def crop_ink(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut a picture of bright ink on black to the box of its ink."""
    x, y, w, h = cv2.boundingRect((image > np.uint8(8)).astype(np.uint8))
    return image[y : y + h, x : x + w]


def _components(ink: Ink, least: float) -> list[Blob]:
    """Connected ink at least `least` pixels long, each component cut at a threshold of its own, which may part it."""
    low = round(max(FAINTEST * ink.noise, 6.0))
    mask = np.asarray(cv2.threshold(ink.level, low, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    blobs: list[Blob] = []
    for box, part in _unruled(ink.level, _labelled(mask, least), low, least):
        level = np.where(part, _cut(ink.level, box), np.uint8(0))
        strength = _strength(level)
        if strength < 1.5 * low:
            continue
        own = (level > max(low, OWN_SHARE * strength)).astype(np.uint8)
        pieces = []
        for inner, piece in _labelled(own, least):
            within = np.where(piece, _cut(level, inner), np.uint8(0))
            place = Box(box.x + inner.x, box.y + inner.y, inner.w, inner.h)
            pieces.append(Blob(place, within, _strength(within)))
        blobs += _restacked(pieces)
    return blobs


def _unruled(level: Mask, parts: list[Part], low: int, least: float) -> list[Part]:
    """The same components, printed lines taken out of the long ones."""
    long, short = _long(parts, level.shape, least)
    if not long:
        return parts
    mask = np.zeros_like(level)
    for box, part in long:
        _cut(mask, box)[part] = 1
    # cut where the blurred flanks of lines end, be they faint or strong, or digits beside them would touch
    around = cv2.dilate(cv2.dilate(level, np.ones((4, 4), np.uint8))[::4, ::4], np.ones((5, 5), np.uint8))
    around = cv2.resize(around, level.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask &= (level > OWN_SHARE * around).astype(np.uint8)
    lines = Lines(mask)
    if not lines:
        return parts
    sure = lines.printed()
    rest = _labelled(without(mask, *sure), least)
    printed = lines.printed(*_usual_heights([*short, *rest], least))
    if not any(printed):
        return parts
    return short + (rest if _count(printed) == _count(sure) else _labelled(without(mask, *printed), least))


def _count(lines: tuple[list[Line], list[Line]]) -> int:
    return len(lines[0]) + len(lines[1])


def _long(parts: list[Part], shape: tuple[int, ...], least: float) -> tuple[list[Part], list[Part]]:
    """Components that may hold printed lines, and the others; of single digits alone, much of a height, none may."""
    length = [max(box.w, box.h) for box, _ in parts]
    if max(length, default=0) < min(ODDLY_LONG * _usual_heights(parts, least)[0], LARGE * min(shape)):
        return [], parts
    shortest = SHORTEST * min(shape)
    long = [part for part, size in zip(parts, length, strict=True) if size > shortest]
    return long, [part for part, size in zip(parts, length, strict=True) if size <= shortest]


def _usual_heights(parts: list[Part], least: float) -> tuple[float, float]:
    """Height of the page's smaller digits, for some of the larger ones may hang on a line, and of its usual one."""
    heights = np.array([box.h for box, _ in parts if box.h > 3 * least and SLENDER * box.h < box.w <= WIDEST * box.h])
    if not len(heights):
        return np.inf, np.inf
    usual = _weighted_quantile(heights, heights, 0.5)
    heights = heights[heights >= usual * HALF]
    return _weighted_quantile(heights, heights, 0.25), usual


def _restacked(pieces: list[Blob]) -> list[Blob]:
    """Join what a blob's own threshold parted above from below: it should part neighbours, not break a digit."""
    whole: list[Blob] = []
    for piece in sorted(pieces, key=lambda piece: -piece.box.h):
        for i, other in enumerate(whole):
            across, down = _gaps(other.box, piece.box)
            if -across > 0.5 * min(other.box.w, piece.box.w) and down < STACKED * max(other.box.h, piece.box.h):
                whole[i] = _joined(other, piece)
                break
        else:
            whole.append(piece)
    return whole


def _labelled(mask: Mask, least: float) -> list[Part]:
    """Box and shape of each connected component at least `least` pixels wide or high."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    longest = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    for label in np.flatnonzero(longest >= least) + 1:
        box = Box(*(int(n) for n in stats[label, :4]))
        found.append((box, _cut(labels, box) == label))
    return found


def _cut(image: NDArray[Any], box: Box) -> NDArray[Any]:
    return image[box.y : box.y + box.h, box.x : box.x + box.w]


def _strength(level: NDArray[np.uint8]) -> float:
    """The level that a twentieth of the ink exceeds; np.percentile takes ten times as long."""
    inked = level[level > 0]
    place = int(0.95 * len(inked))
    return float(np.partition(inked, place)[place]) if len(inked) else 0.0


def _parted(blobs: Sequence[Blob], smallest: float) -> tuple[list[Blob], list[Blob]]:
    """Blobs, and those that no digit can be since they surround others: edges of sheets and cells of tables."""
    tall = [blob for blob in blobs if blob.box.h >= smallest]
    around = [blob for blob in tall if sum(_surrounds(blob, other) for other in tall) >= SURROUNDED]
    return [blob for blob in blobs if blob not in around], around


def _surrounds(blob: Blob, other: Blob) -> bool:
    a, b = blob.box, other.box
    within = a.x < b.x and a.y < b.y and b.x + b.w < a.x + a.w and b.y + b.h < a.y + a.h
    return within and other.strength > 0.5 * blob.strength


def _usual(blobs: Sequence[Blob], shape: tuple[int, ...]) -> tuple[float, float]:
    """Height and ink strength of the page's usual digit: medians of what is large and dark, so that dust has no say."""
    tall = [blob for blob in blobs if SLENDER * blob.box.h < blob.box.w <= WIDEST * blob.box.h]
    tall = [blob for blob in tall or blobs if not _along_edge(blob, shape)]
    if not tall:
        return 0.0, 0.0
    heights = np.array([blob.box.h for blob in tall], np.float64)
    strengths = np.array([blob.strength for blob in tall])
    weights = (heights * strengths) ** 2
    return _weighted_quantile(heights, weights, 0.5), _weighted_quantile(strengths, weights, 0.5)


def _weighted_quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])


def _reason(blob: Blob, shape: tuple[int, ...], smallest: float, usual: tuple[float, float]) -> str:
    """Why a blob cannot be a digit; empty if it may be one."""
    height, strength = usual
    _, _, w, h = blob.box
    tests: dict[str, Callable[[], bool]] = {
        "lies along the frame's edge": lambda: _along_edge(blob, shape),
        "too small": lambda: max(h, w / WIDEST) < max(smallest, SMALL * height),
        TOO_WIDE: lambda: w > WIDEST * h,
        "too faint beside the others": lambda: blob.strength < FAINT * strength,
        "a line": lambda: w < SLENDER * h and (h > LINE * height or blob.strength < FAINT_LINE * strength),
        "a filled blob": lambda: _thickness(blob) > THICKEST * h,
    }
    return next((reason for reason, test in tests.items() if test()), "")


def _thickness(blob: Blob) -> float:
    """Width of the widest stroke, pixels: twice the largest distance from ink to paper."""
    mask: Mask = np.pad((blob.ink > 0).astype(np.uint8), 1)
    return 2 * float(cv2.distanceTransform(mask, cv2.DIST_L2, 3).max())


def _may_be_joined(blob: Blob, usual: float) -> bool:
    """Whether a blob may be two to four digits that touch: as high as one, and drawn with a pen."""
    _, _, w, h = blob.box
    return h > TALL * usual and w < JOINED * max(h, usual) and _thickness(blob) < THICKEST * h


def _is_inside(box: Box, shape: tuple[int, ...]) -> bool:
    return box.x > 1 and box.y > 1 and box.x + box.w < shape[1] - 1 and box.y + box.h < shape[0] - 1


def _is_cut(blob: Blob, shape: tuple[int, ...], usual: float) -> bool:
    """Whether the frame's edge cuts half of a blob off: it is low for a digit there, or slim and leaves by two strokes."""
    x, y, w, h = blob.box
    if y <= 1 or y + h >= shape[0] - 1:
        return h < CUT * usual
    edges = [blob.ink[:, :2]] * (x <= 1) + [blob.ink[:, -2:]] * (x + w >= shape[1] - 1)
    leaving = [np.count_nonzero(np.diff(edge.any(axis=1).astype(np.int8), prepend=0) > 0) for edge in edges]
    return w < CUT_SLIM * usual and max(leaving, default=0) > 1


def _along_edge(blob: Blob, shape: tuple[int, ...]) -> bool:
    """Whether a blob runs along an edge of the frame, as the border of a sheet or a box does."""
    x, y, w, h = blob.box
    contacts = [
        np.count_nonzero(blob.ink[:, :2].any(axis=1)) if x <= 1 else 0,
        np.count_nonzero(blob.ink[:, -2:].any(axis=1)) if x + w >= shape[1] - 1 else 0,
        np.count_nonzero(blob.ink[:2].any(axis=0)) if y <= 1 else 0,
        np.count_nonzero(blob.ink[-2:].any(axis=0)) if y + h >= shape[0] - 1 else 0,
    ]
    across, down = max(contacts[2:]), max(contacts[:2])
    return bool(across > EDGE_SHARE * max(w, h / 2) or down > EDGE_SHARE * max(h, w / 2))


def _mended(blobs: list[Blob], least: float) -> list[Blob]:
    """Join two pieces of a digit, one above the other, where the pen was lifted: neither need be a digit's body.

    Two digits of two lines stand like that too. So the two must be no higher than what stands alone on the page; where
    most of it comes in pairs, they must be digits in shape, which two above each other are too slim for.
    """
    parts = [blob for blob in blobs if blob.box.h >= least]
    pairs = _stacks(parts)
    if not pairs:
        return blobs
    paired = [blob for pair in pairs for blob in pair]
    boxes = [_around(a.box, b.box) for a, b in pairs]
    alone = [blob.box.h for blob in parts if blob not in paired]
    if len(alone) >= len(pairs):
        highest = TALLER * float(np.median(alone))
    elif np.median([box.w / box.h for box in boxes]) > SLIMMEST:
        highest = TALLER * float(np.median([box.h for box in boxes]))
    else:
        return blobs
    joined = [pair for pair, box in zip(pairs, boxes, strict=True) if box.h <= highest]
    kept = [blob for blob in blobs if not any(blob in pair for pair in joined)]
    return kept + [_joined(*pair) for pair in joined]


def _stacks(parts: list[Blob]) -> list[tuple[Blob, Blob]]:
    """Pairs of blobs, the upper first, whose ink nearly touches, and that touch no third."""
    if not parts:
        return []
    x, y, w, h = np.array([part.box for part in parts]).T
    strength = np.array([part.strength for part in parts])
    right, bottom = x + w, y + h
    height = np.maximum.outer(bottom, bottom) - np.minimum.outer(y, y)
    width = np.maximum.outer(right, right) - np.minimum.outer(x, x)
    shared = np.minimum.outer(right, right) - np.maximum.outer(x, x)
    gap = y[None] - bottom[:, None]
    stacked = (
        (shared > 0.5 * np.minimum.outer(w, w))
        & (gap < STACKED * height)
        & (gap > -2 * STACKED * height)
        & (np.minimum.outer(h, h) > SMALL * height)
        & (width < BROADEST * height)
        & (np.minimum.outer(strength, strength) > 0.5 * np.maximum.outer(strength, strength))
    )
    stacked &= (y[None] > y[:, None]) & (bottom[None] > bottom[:, None])
    lone = stacked.sum(axis=0) + stacked.sum(axis=1) == 1
    return [
        (parts[i], parts[j])
        for i, j in np.argwhere(stacked & lone[:, None] & lone[None])
        if _paper_between(parts[i], parts[j]) < STACKED * height[i, j]
    ]


def _paper_between(a: Blob, b: Blob) -> float:
    """Distance from the ink of one blob to that of another, pixels."""
    box = _around(a.box, b.box)
    free = np.ones((box.h, box.w), np.uint8)
    x, y = a.box.x - box.x, a.box.y - box.y
    free[y : y + a.box.h, x : x + a.box.w][a.ink > 0] = 0
    away = cv2.distanceTransform(free, cv2.DIST_L2, 3)
    x, y = b.box.x - box.x, b.box.y - box.y
    return float(away[y : y + b.box.h, x : x + b.box.w][b.ink > 0].min())


def _merge(blobs: list[Blob], usual: float) -> list[Blob]:
    """Join the strokes of one digit: a piece with the nearest blob that it nearly touches; specks stay alone."""
    specks = [blob for blob in blobs if max(blob.box.w, blob.box.h) < SPECK * usual]
    bodies = [blob for blob in blobs if blob.box.h >= TALL * usual]
    pieces = [blob for blob in blobs if blob.box.h < TALL * usual and max(blob.box.w, blob.box.h) >= SPECK * usual]
    whole = list(bodies)
    strokes = [[body] for body in bodies]
    boxes = np.array([blob.box for blob in (*whole, *pieces)], np.int64).reshape(-1, 4)
    for piece in pieces:
        nearest = _nearest(piece.box, boxes[: len(whole)])
        if nearest is not None and _belongs(whole[nearest], piece, usual):
            whole[nearest] = _joined(whole[nearest], piece)
            strokes[nearest].append(piece)
            boxes[nearest] = whole[nearest].box
        else:
            boxes[len(whole)] = piece.box
            whole.append(piece)
            strokes.append([piece])
    # many small pieces without a body are small print
    print_ = [len(bodies) <= i and len(pieces) > MOST_STROKES for i, pieces in enumerate(strokes)]
    apart = [piece for small, pieces in zip(print_, strokes, strict=True) if small for piece in pieces]
    return [blob for small, blob in zip(print_, whole, strict=True) if not small] + apart + specks


def _nearest(box: Box, boxes: NDArray[np.int64]) -> int | None:
    """Which of (n, 4) boxes has the least paper between it and `box`; a printed page has thousands."""
    if not len(boxes):
        return None
    x, y, w, h = boxes.T
    across = np.maximum(np.maximum(x - box.x - box.w, box.x - x - w), 0)
    down = np.maximum(np.maximum(y - box.y - box.h, box.y - y - h), 0)
    return int(np.argmin(across * across + down * down))


def _belongs(whole: Blob, piece: Blob, usual: float) -> bool:
    """Whether a piece may be a stroke of the same digit: near, as dark, and the two no larger than a digit."""
    joined = _around(whole.box, piece.box)
    return (
        _distance(whole.box, piece.box) < GAP * usual
        and joined.h < HIGHEST * usual
        and joined.w < BROADEST * max(whole.box.w, 0.7 * usual)
        and piece.strength > 0.5 * whole.strength
    )


def _distance(a: Box, b: Box) -> float:
    across, down = _gaps(a, b)
    return float(np.hypot(max(across, 0), max(down, 0)))


def _gaps(a: Box, b: Box) -> tuple[int, int]:
    """Paper between two boxes, across and down, in pixels; negative where they overlap."""
    across = max(a.x, b.x) - min(a.x + a.w, b.x + b.w)
    down = max(a.y, b.y) - min(a.y + a.h, b.y + b.h)
    return across, down


def _around(a: Box, b: Box) -> Box:
    x, y = min(a.x, b.x), min(a.y, b.y)
    return Box(x, y, max(a.x + a.w, b.x + b.w) - x, max(a.y + a.h, b.y + b.h) - y)


def _joined(a: Blob, b: Blob) -> Blob:
    box = _around(a.box, b.box)
    ink = np.zeros((box.h, box.w), np.uint8)
    for blob in (a, b):
        place = _cut(ink, Box(blob.box.x - box.x, blob.box.y - box.y, blob.box.w, blob.box.h))
        np.maximum(place, blob.ink, out=place)
    return Blob(box, ink, max(a.strength, b.strength))
