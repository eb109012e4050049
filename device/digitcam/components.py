"""Ink -> connected components: each cut at a threshold of its own, printed lines taken out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.blob import Blob, Mask, cut_out, gaps, joined, strength_of
from digitcam.ink import Ink
from digitcam.lines import Line
from digitcam.reading import Box
from digitcam.rules import SHORTEST, Lines, without
from digitcam.usual import SLENDER, WIDEST, weighted_quantile

Part = tuple[Box, NDArray[np.bool_]]
"""Where a component stands, and bool (h, w) its shape."""

UNKNOWN = (np.inf, np.inf)
FAINTEST = 5.0  # times the paper's noise: below it, speckle is found everywhere
OWN_SHARE = 0.35  # of a stroke's own strength: where its blurred flank ends
HALF = 0.45  # of the usual digit height: what is lower is clutter beside it
ODDLY_LONG = 1.6  # times the usual digit height: if nothing is longer, nothing holds a printed line
LARGE = 0.4  # of the frame: likewise
SAME = 0.75  # lower / higher of two digits in lines that nearly touch
SLIM = 0.35  # width / height; half a digit is wider than it is high, or a bare stroke
STACKED = 0.12  # of their height: pieces this close above each other were one stroke that grew faint


def components(ink: Ink, least: float, faintest: float) -> list[Blob]:
    """Connected ink at least `least` pixels long, each component cut at a threshold of its own, which may part it."""
    low = round(max(FAINTEST * ink.noise, faintest))
    mask = (ink.level > ink.faintest(FAINTEST, faintest)).astype(np.uint8)
    blobs: list[Blob] = []
    for box, part in _unruled(ink.level, labelled(mask, least), least):
        level = np.where(part, cut_out(ink.level, box), np.uint8(0))
        strength = strength_of(level)
        if strength < 1.5 * low:
            continue
        own = (level > max(low, OWN_SHARE * strength)).astype(np.uint8)
        pieces = []
        for inner, piece in labelled(own, least):
            within = np.where(piece, cut_out(level, inner), np.uint8(0))
            place = Box(box.x + inner.x, box.y + inner.y, inner.w, inner.h)
            pieces.append(Blob(place, within, strength_of(within)))
        blobs += _restacked(pieces)
    return blobs


def _unruled(level: Mask, parts: list[Part], least: float) -> list[Part]:
    """The same components, printed lines taken out of the long ones."""
    long, short = _long(parts, level.shape, least)
    if not long:
        return parts
    mask = np.zeros_like(level)
    for box, part in long:
        cut_out(mask, box)[part] = 1
    # cut where the blurred flanks of lines end, be they faint or strong, or digits beside them would touch
    around = cv2.dilate(cv2.dilate(level, np.ones((4, 4), np.uint8))[::4, ::4], np.ones((5, 5), np.uint8))
    around = cv2.resize(around, level.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask &= (level > OWN_SHARE * around).astype(np.uint8)
    lines = Lines(mask)
    if not lines:
        return parts
    sure = lines.printed()
    rest = labelled(without(mask, *sure), least)
    heights = _usual_heights([*short, *rest], least)
    if heights == UNKNOWN:  # all of it hangs on lines
        heights = _hanging_heights(mask, lines, least)
    printed = lines.printed(*heights)
    if not any(printed):
        return parts
    return short + (rest if _count(printed) == _count(sure) else labelled(without(mask, *printed), least))


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
        return UNKNOWN
    usual = weighted_quantile(heights, heights, 0.5)
    heights = heights[heights >= usual * HALF]
    return weighted_quantile(heights, heights, 0.25), usual


def _hanging_heights(mask: Mask, lines: Lines, least: float) -> tuple[float, float]:
    """The same where nothing stands alone: of what is left without any line, if that is several digits a line."""
    left = labelled(without(mask, lines.across, lines.down), least)
    tall = [part for part in left if part[0].h > 3 * least]
    return _usual_heights(tall, least) if len(tall) >= 2 * len(lines.across + lines.down) else UNKNOWN


def _restacked(pieces: list[Blob]) -> list[Blob]:
    """Join what a blob's own threshold parted above from below: it should part neighbours, not break a digit."""
    whole: list[Blob] = []
    for piece in sorted(pieces, key=lambda piece: -piece.box.h):
        for i, other in enumerate(whole):
            if _is_above(other.box, piece.box) and not _are_digits(other.box, piece.box):
                whole[i] = joined(other, piece)
                break
        else:
            whole.append(piece)
    return whole


def _is_above(a: Box, b: Box) -> bool:
    across, down = gaps(a, b)
    return -across > 0.5 * min(a.w, b.w) and down < STACKED * max(a.h, b.h)


def _are_digits(a: Box, b: Box) -> bool:
    """Whether each of two boxes could hold a digit of much the same height, rather than half of one."""
    return min(a.h, b.h) > SAME * max(a.h, b.h) and all(SLIM * box.h < box.w < box.h for box in (a, b))


def labelled(mask: Mask, least: float) -> list[Part]:
    """Box and shape of each connected component at least `least` pixels wide or high."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    longest = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    for label in np.flatnonzero(longest >= least) + 1:
        box = Box(*(int(n) for n in stats[label, :4]))
        found.append((box, cut_out(labels, box) == label))
    return found
