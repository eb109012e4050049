"""A picture -> all of its digits: one look at the whole, and others where large or small ink calls for them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.recognition import params
from digitcam.recognition.finder import LEVELS, LIKELY, Finder, Found
from digitcam.recognition.look import HEIGHT, WIDTH, Look, Pyramid, Region

Float = NDArray[np.float32]
SMALL, LARGE = LEVELS[0].high, LEVELS[-1].low  # pixels of a look: what is smaller, or larger, may want another look


def search(pyramid: Pyramid, finder: Finder) -> tuple[Found, Found]:
    """Find every digit of a picture.

    Where the first look saw something large, the next is from twice as far, since a part of a digit that fills a look
    can look like another digit; a bar that fills a look is hardly seen, and is a 1 beside large digits where that look
    sees one. Closer looks, each twice as near as the one before, go where the looks so far saw something small, the
    most of it first, and decide about what they show whole of that: whether it is a digit, and where it ends. They end
    when nothing small is left, when one finds nothing, or after `MOST_LOOKS`. Where nothing is sure, ink that takes
    more than half of the picture may be what a person has cropped that to, unless there are many places; of these the
    surest are enough to tell a pattern.

    Args:
        pyramid: of the picture.
        finder: asked `MOST_LOOKS` times at most.

    Returns:
        What was found; and what may stand there instead of some of that.
    """
    size = width, height = pyramid.size
    whole = pyramid.look(Region(0, 0, width, height))
    first = finder.find(whole)
    parts, scale, small, looks, is_rewarded = [first], whole.scale, _small(first), 1, True
    bars: list[Found] = []  # about which no closer look decides
    marks = cache(partial(find_ink, whole))
    if len(_large(first, LARGE)):
        further = finder.find(pyramid.look(Region(0, 0, 2 * width, 2 * height)))
        parts = [further, first[~_held(first.boxes, _large(further, LARGE / 2)).any(axis=1)]]
        bars = [_borne_out(find_strokes(marks(), first.apart(params.LEAST_SCORE)[0].boxes), further)]
        looks += 1
    while scale < 1 and len(small) and looks < params.MOST_LOOKS and is_rewarded:
        scale = min(1.0, 2 * scale)
        found_here = []
        for region in _regions(small, scale, size)[: params.MOST_LOOKS - looks]:
            found = _find_closer(pyramid, finder, region)
            parts = [part[(part.seen >= SMALL) | ~_are_whole(part.boxes, region, size)] for part in parts]
            found_here.append(found)
            looks += 1
            is_rewarded = bool(len(found))
            if not is_rewarded:
                break
        parts += found_here
        small = np.concatenate([_small(found) for found in found_here])
    is_sure = any((part.scores >= params.SURELY).any() for part in parts)
    if not is_sure and 0 < len(first) < params.MOST_UNSURE:
        sides = marks()[:, 2:] - marks()[:, :2]
        bars.append(_borne_out(marks()[2 * sides.max(axis=1, initial=0) > min(size)], first))
    found = Found.joined([*parts, *bars])
    return found[: len(found) if is_sure else params.MOST_UNSURE].apart(params.LEAST_SCORE)


def find_strokes(marks: Float, digits: Float) -> Float:
    """Find slender ink by itself, as tall as a digit beside it, where no digit was found.

    Args:
        marks: float32 (n, 4), left, top, right and bottom, in pixels of the picture, of all ink by itself.
        digits: float32 (n, 4), likewise, of what was found there.

    Returns:
        float32 (m, 4), likewise.
    """
    is_slender = params.AS_LARGE * (marks[:, 2] - marks[:, 0]) < marks[:, 3] - marks[:, 1]
    boxes = marks[is_slender & ~_held(marks, digits).any(axis=1), None]
    tall, heights = digits[:, 3] - digits[:, 1], boxes[..., 3] - boxes[..., 1]
    alike = np.maximum(tall, heights) < params.AS_LARGE * np.minimum(tall, heights)
    shared = np.minimum(boxes[..., 3], digits[:, 3]) - np.maximum(boxes[..., 1], digits[:, 1])
    apart = np.maximum(boxes[..., 0] - digits[:, 2], digits[:, 0] - boxes[..., 2])
    beside = (params.AS_LARGE * shared > tall) & (apart < params.AS_LARGE * tall)
    return np.asarray(boxes[(alike & beside).any(axis=1), 0])


def find_ink(look: Look) -> Float:
    """Find ink by itself in a look at the whole picture, dark or light, that does not reach the picture's edge."""
    width, height = (max(1, round(side * look.scale)) for side in (look.region.w, look.region.h))
    _, light = cv2.threshold(look.image[:height, :width], 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    stats = [cv2.connectedComponentsWithStats(ink)[2][1:] for ink in (light, 255 - light)]
    left, top, wide, high, _ = np.concatenate(stats).T
    inside = (left > 0) & (top > 0) & (left + wide < width) & (top + high < height)
    boxes = np.stack([left, top, left + wide, top + high], axis=1)[inside]
    return np.asarray(boxes / look.scale, np.float32)


def _borne_out(strokes: Float, seen: Found) -> Found:
    """Keep the strokes in which a look sees anything that may be a digit, each once, as it sees them."""
    held = _held(seen.boxes, strokes)
    is_seen = held.any(axis=0)
    taken = seen[np.array([np.flatnonzero(column)[0] for column in held[:, is_seen].T], np.intp)]
    return replace(taken, boxes=strokes[is_seen], scores=np.maximum(taken.scores, np.float32(LIKELY)))


def _large(found: Found, least: float) -> Float:
    """Give the boxes of digits with a longer side of more pixels of the look, float32 (n, 4)."""
    return found.boxes[(found.scores >= params.LEAST_SCORE) & (found.seen > least)]


def _small(found: Found) -> Float:
    """Give the boxes worth a closer look, float32 (n, 4): small ones that are no parts of larger digits."""
    small = found.boxes[found.seen < SMALL]
    return np.asarray(small[~_held(small, _large(found, SMALL)).any(axis=1)])


def _find_closer(pyramid: Pyramid, finder: Finder, region: Region) -> Found:
    """Find what a closer look shows whole, or the picture cuts; nothing where none of that is a digit.

    What is small at full size, where no look is closer, is none unless some of it is sure: print is not.
    """
    look = pyramid.look(region)
    found = finder.find(look)
    found = found[_are_whole(found.boxes, region, pyramid.size) | (found.cut <= LIKELY)]
    least = np.where((found.seen < SMALL) & (look.scale >= 1), params.SURELY, params.LEAST_SCORE)
    return found[np.full(len(found), (found.scores >= least).any())]


def _regions(small: Float, scale: float, size: tuple[int, int]) -> list[Region]:
    """Choose what looks at `scale` show, so that they show all the small boxes: those with the most of them first."""
    w, h = sides = [min(size[0], round(WIDTH / scale)), min(size[1], round(HEIGHT / scale))]
    regions = []
    for strip in _swept(small, 1, h, size[1]):
        for group in _swept(strip, 0, w, size[0]):
            middle = (group[:, :2].min(axis=0) + group[:, 2:].max(axis=0)) / 2
            x, y = np.clip(middle - np.array(sides) / 2, 0, np.array(size) - sides)
            regions.append((len(group), Region(int(x), int(y), w, h)))
    return [region for _, region in sorted(regions, key=lambda shown: -shown[0])]


def _swept(boxes: Float, axis: int, side: int, size: int) -> Iterator[Float]:
    """Take boxes (n, 4) apart, along an axis of a picture of that size, into groups that a look shows, a side long."""
    room = params.SHARED / 2 * side
    while len(boxes):
        first = boxes[:, axis].min()
        start = np.clip(first - room, 0, size - side)
        end = start + side - (room if start + side < size else 0)
        are_shown = (boxes[:, axis + 2] <= end) | (boxes[:, axis] == first)
        yield boxes[are_shown]
        boxes = boxes[~are_shown]


def _held(boxes: Float, others: Float) -> NDArray[np.bool_]:
    """Tell of which boxes (n, 4) which of the others (m, 4) hold the middle: bool (n, m)."""
    x, y = ((boxes[:, None, axis] + boxes[:, None, axis + 2]) / 2 for axis in (0, 1))
    left, top, right, bottom = others.T
    return np.asarray((x >= left) & (x <= right) & (y >= top) & (y <= bottom))


def _are_whole(boxes: Float, region: Region, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Tell which boxes a look shows whole, or as far as the picture (width, height) does, bool (n,)."""
    slack = params.ENDS * max(region.w, region.h)
    first, last = np.array(region[:2]), np.array(region[:2]) + region[2:]
    begins = (boxes[:, :2] > first + slack) | (first == 0)
    ends = (boxes[:, 2:] < last - slack) | (last == size)
    return np.asarray((begins & ends).all(axis=1))
