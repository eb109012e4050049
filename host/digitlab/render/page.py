"""Digits in lines on paper, before any camera has seen them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.reading import Box
from digitlab.render.form import Place, print_cells, whole
from digitlab.render.marks import character, strike
from digitlab.render.paper import USUAL, Ink, Layout, Litter, Pen
from digitlab.render.sheet import FINE, Float, Paper, bind, draw_sheet, fine_grain, lay_hand, lay_on_table

BLEED = 1.5  # a page is larger than the frame by this, so that the camera may wander
SPACE = 0.9  # width of the room between two words, in heights of a digit
REACH = 0.55  # of a page's height: side of the square in its middle that a hand reaches into
RAISED = "+-=*"  # what stands between two numbers at half their height
SEEN = 0.75  # of its box: a digit of which less shows cannot be told for sure


class Outline(NamedTuple):
    """Something written: what it is, its line of text, float32 (n, 1, 2) the hull of its ink in the page's pixels."""

    char: str
    line: int
    hull: Float


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page before any camera.

    Attributes:
        image: uint8 (h, w), what it reflects.
        lines: the digits of each line that has some.
        outlines: of each digit in reading order, then of each mark that is none.
    """

    image: Grey
    lines: tuple[str, ...]
    outlines: list[Outline]

    def boxes(self, matrix: NDArray[np.float64]) -> list[Box]:
        """Tell where each outline comes to lie when `matrix`, float64 (3, 3), takes the page to a frame."""
        boxes = []
        for outline in self.outlines:
            spots = cv2.perspectiveTransform(outline.hull + np.float32(0.5), matrix)[:, 0]
            (left, top), (right, bottom) = np.floor(spots.min(axis=0)), np.ceil(spots.max(axis=0))
            boxes.append(Box(int(left), int(top), int(right - left), int(bottom - top)))
        return boxes


def compose(
    rng: np.random.Generator,
    lines: Sequence[str],
    *,
    ink: Ink,
    paper: Paper,
    pen: Pen,
    height: float,
    size: tuple[int, int],
    layout: Layout = USUAL,
    litter: Litter | None = None,
) -> Page:
    """Write lines of digits on paper.

    Args:
        rng: decides everything that the other arguments leave open.
        lines: digits, spaces between words, and what is no digit: `marks.LETTERS` and `marks.OPERATORS`.
        ink: draws each digit.
        paper: what they stand on.
        pen: what they are written with.
        height: of a digit, as a share of the frame's height; less where a line would not fit.
        size: (width, height) of the frame that the middle of the page will fill.
        layout: how they are placed.
        litter: what else lies about.
    """
    width, tall = (round(side * FINE * BLEED) for side in size)
    down, across = layout.fill
    high = FINE * min(size[1] * min(height, down / len(lines)), across * size[0] / max(map(len, lines)))
    pitch = high * rng.uniform(*layout.pitch)
    first = (tall + high - pitch * (len(lines) - 1)) / 2 + rng.normal(0, 0.1) * high
    grain = fine_grain(rng, (tall, width))
    layer = np.zeros((tall, width), np.uint8)
    outlines = []
    for number, line in enumerate(lines):
        base = first + pitch * number
        inks = [_shape(c, ink, rng, high * np.exp(rng.normal(0, 0.04 * layout.uneven)), high, pen) for c in line]
        for char, shape, left in zip(line, inks, _places(rng, inks, width, high, layout), strict=True):
            if char != " ":
                rise = (high - shape.shape[0]) / 2 if char in RAISED else 0
                y = round(base + rng.normal(0, 0.025 * layout.uneven) * high - rise) - shape.shape[0]
                outline = Outline(char, number, _stamp(layer, shape, round(left), y))
                struck = layout.struck and char.isdigit() and rng.random() < layout.struck
                outlines.append(_cross_out(rng, layer, outline, pen.width * high) if struck else outline)
    sheet = draw_sheet(rng, paper, grain, (first + 0.08 * high, pitch))
    if paper.cells and layout.cell:
        place = Place(first, pitch, layout.cell * high, high)
        print_cells(rng, sheet, lines, paper.cells, place, paper.rules)
    cover = layer * np.float32(pen.strength / 255)
    if litter:
        outlines += _strew(rng, cover, outlines, litter, pen.strength, high)
    cover *= np.clip(1 - pen.grain * (0.4 + 0.6 * grain), 0, 1)
    if pen.gaps:
        cover *= _unbroken(rng, cover.shape, pen.gaps, high)
    image = sheet + cover * (pen.tone - sheet)
    image = _finish(rng, image, _around(outlines, image.shape), high, layout)
    if layout.hand:
        outlines = _uncovered(outlines, lay_hand(rng, image, round(REACH * min(image.shape))))
    texts = ("".join(o.char for o in outlines if o.line == n and o.char.isdigit()) for n in range(len(lines)))
    return Page(to_grey(255 * image), tuple(filter(None, texts)), _digits_first(outlines))


def _shape(char: str, ink: Ink, rng: np.random.Generator, height: float, usual: float, pen: Pen) -> Grey:
    if char.isdigit():
        return ink(int(char), rng, height, usual * pen.width)
    if char == " ":
        return np.zeros((1, round(SPACE * usual)), np.uint8)
    return character(char, rng, height, usual * pen.width)


def _places(rng: np.random.Generator, inks: Sequence[Grey], width: int, high: float, layout: Layout) -> list[float]:
    """Tell where each character of a line begins, in the page's pixels."""
    widths = np.array([ink.shape[1] for ink in inks], np.float64)
    if layout.cell:
        middles = width / 2 + layout.cell * high * (np.arange(len(inks)) - (len(inks) - 1) / 2)
        lefts: list[float] = (middles - widths / 2 + rng.normal(0, layout.ragged, len(inks)) * high).tolist()
        return lefts
    gaps = high * rng.uniform(*layout.gap) + high * rng.normal(0, 0.03, len(inks))
    left = (width - widths.sum() - gaps.sum()) / 2 + rng.normal(0, layout.ragged) * high
    return [float(left + before) for before in np.cumsum([0, *(widths + gaps)[:-1]])]


def _stamp(layer: Grey, shape: Grey, x: int, y: int) -> Float:
    """Put ink on a page at (x, y), as far as it lies on it, and give the hull of the whole of it."""
    top, left = max(y, 0), max(x, 0)
    place = layer[top : y + shape.shape[0], left : x + shape.shape[1]]
    if place.size:
        np.maximum(place, shape[top - y :, left - x :][: place.shape[0], : place.shape[1]], out=place)
    inked = cv2.findNonZero((shape > shape.max() // 3).astype(np.uint8))
    return np.asarray(cv2.convexHull(np.asarray(inked, np.float32)) + np.array([x, y]), dtype=np.float32)


def _cross_out(rng: np.random.Generator, layer: Grey, outline: Outline, pen: float) -> Outline:
    """Cross out what stands there, so that it is no digit any more; changes `layer`."""
    left, top, right, bottom = _bounds([outline])
    mark, room = strike(rng, (right - left, bottom - top), pen)
    hull = _stamp(layer, mark, round(left) - room, round(top) - room)
    return Outline("", outline.line, np.asarray(cv2.convexHull(np.concatenate([outline.hull, hull])), np.float32))


def _unbroken(rng: np.random.Generator, shape: tuple[int, ...], gaps: float, high: float) -> Float:
    """Tell where a dry pen leaves ink, 0 to 1: float32 of that shape; its gaps are a tenth of a digit long or so."""
    down, across = (max(2, round(side / (high * rng.uniform(0.06, 0.14)))) for side in shape)
    patches = rng.standard_normal((down, across), dtype=np.float32)
    smooth = cv2.resize(patches, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(0.5 + 4 * (smooth - np.quantile(patches, gaps)), 0, 1), np.float32)


def _uncovered(outlines: Sequence[Outline], mask: NDArray[np.uint8]) -> list[Outline]:
    """Tell what still shows: digits of which much is hidden are none, and what is hidden wholly is not there."""
    seen = []
    for outline in outlines:
        left, top, right, bottom = whole(_bounds([outline]))
        share = 1 - float(mask[max(0, top) : bottom + 1, max(0, left) : right + 1].mean())
        if share > 0:
            seen.append(outline if share > SEEN else outline._replace(char=""))
    return seen


def _strew(
    rng: np.random.Generator, cover: Float, taken: list[Outline], litter: Litter, strength: float, high: float
) -> list[Outline]:
    """Put each piece of litter where it touches nothing, if a few tries find such a place; changes `cover`."""
    outlines: list[Outline] = []
    margin = 0.25 * high
    boxes = np.array([_bounds([outline]) for outline in taken], np.float64).reshape(-1, 4)
    # strewn over what the camera will see, and a little beyond
    low, span = np.array(cover.shape[::-1]) * (1 - 1 / BLEED) / 2, np.array(cover.shape[::-1]) / BLEED
    for mark, share in zip(litter.marks, litter.strengths, strict=True):
        size = np.array(mark.shape[::-1])
        for _ in range(8):
            at = low + rng.uniform(-0.1, 1, 2) * span
            if not ((at < boxes[:, 2:] + margin) & (at + size > boxes[:, :2] - margin)).all(axis=1).any():
                layer = np.zeros(cover.shape, np.uint8)
                outlines.append(Outline("", -1, _stamp(layer, mark, round(at[0]), round(at[1]))))
                np.maximum(cover, layer * np.float32(share * strength / 255), out=cover)
                boxes = np.vstack([boxes, [*at, *(at + size)]])
                break
    return outlines


def _bounds(outlines: Sequence[Outline]) -> tuple[float, float, float, float]:
    """Give left, top, right and bottom of all of them."""
    points = np.concatenate([outline.hull[:, 0] for outline in outlines])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def _around(outlines: Sequence[Outline], shape: tuple[int, ...]) -> Box:
    """Give the box of the writing, or of the page's middle where nothing is written."""
    written = [outline for outline in outlines if outline.line >= 0]
    if not written:
        return Box(shape[1] // 4, shape[0] // 4, shape[1] // 2, shape[0] // 2)
    left, top, right, bottom = _bounds(written)
    return Box(round(left), round(top), round(right - left), round(bottom - top))


def _finish(rng: np.random.Generator, image: Float, writing: Box, high: float, layout: Layout) -> Float:
    """End the sheet, and bind the notebook by its spiral."""
    if layout.sheet is not None:
        room = (layout.sheet + rng.uniform(0, 1, 4)) * high
        x, y, w, h = writing
        sheet = Box(round(x - room[0]), round(y - room[1]), round(w + room[0] + room[2]), round(h + room[1] + room[3]))
        image = lay_on_table(rng, image, sheet, layout.table)
    if layout.spiral:
        bind(rng, image, writing.x - high * rng.uniform(0.7, 1.3), high * rng.uniform(0.25, 0.5))
    return image


def _digits_first(outlines: list[Outline]) -> list[Outline]:
    return sorted(outlines, key=lambda outline: not outline.char.isdigit())


def to_grey(values: Float) -> Grey:
    """Round grey levels to uint8, cut off at 0 and 255."""
    return np.asarray(cv2.convertScaleAbs(np.clip(values, 0, 255)), dtype=np.uint8)
