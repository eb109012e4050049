"""Handwriting-like digits drawn with a pen, of our own making: no picture of anyone's digits went into them.

A digit is a few strokes through control points, in a box 100 high. A `Writer` has habits (which shapes, how slanted,
how careful, how heavy a hand); each digit drawn departs a little further from them.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey

Points = NDArray[np.float64]

# One line a style: "x,y" control points, y down; " | " makes the point before it a corner; " / " lifts the pen.
STYLES: tuple[tuple[str, ...], ...] = (
    (
        "36,1 14,20 5,52 14,85 36,99 59,84 67,50 58,15 34,1 24,7",
        "48,5 28,2 8,26 5,62 24,98 52,90 66,52 56,12 36,2",
        "31,0 12,22 6,56 15,88 32,100 50,84 56,48 47,12 31,0",
        "52,14 36,1 14,16 4,50 14,86 38,99 62,82 68,46 56,12 40,4",
    ),
    (
        "32,0 32,50 32,100",
        "34,1 30,50 27,100",
        "20,17 38,0 | 37,50 36,100",
        "6,36 24,20 42,0 | 41,50 40,100",
        "4,62 24,32 44,0 | 42,50 40,100",
        "2,88 22,46 42,0 | 45,50 46,100",
        "10,32 26,18 42,0 | 40,50 39,98 / 17,99 40,98 63,98",
    ),
    (
        "7,24 16,6 36,0 56,11 57,31 43,56 24,78 4,98 | 34,97 66,97",
        "8,22 22,4 42,1 58,16 54,40 36,66 14,90 6,99 3,90 14,83 34,91 50,99 67,91",
        "6,28 20,6 42,1 58,18 51,44 30,72 5,97 | 28,91 46,95 68,90",
        "10,16 34,1 56,14 52,44 32,72 8,96 | 34,98 62,95",
        "4,4 30,3 54,8 60,22 42,44 20,66 12,86 18,98 30,100",
        "8,14 14,2 28,1 36,12 36,50 33,90 | 36,99 56,98 66,88",
    ),
    (
        "8,14 28,0 52,8 54,28 42,42 26,47 | 46,51 61,68 54,90 30,100 4,88",
        "8,3 32,3 58,2 | 44,22 27,41 | 50,45 62,68 50,93 26,100 4,89",
        "10,12 30,0 52,10 50,32 34,45 27,49 35,48 58,58 60,82 38,99 14,97 3,86",
        "6,18 22,2 46,4 54,22 40,40 27,46 | 47,52 56,72 46,93 26,100 8,95",
    ),
    (
        "16,0 11,28 5,58 | 36,58 70,55 / 54,18 51,60 48,100",
        "50,0 28,32 3,66 | 38,66 73,64 / 50,0 50,50 49,100",
        "14,6 11,34 14,54 34,57 57,50 / 60,4 56,50 51,100",
        "20,0 14,26 3,64 | 36,65 72,61 / 50,34 48,64 46,100",
        "28,0 20,32 16,70 18,88 36,91 58,82 / 60,58 58,82 60,100",
    ),
    (
        "16,3 14,22 11,44 | 30,35 54,46 60,70 47,94 24,100 4,91 / 16,3 40,3 64,0",
        "62,2 38,3 17,4 | 14,24 11,45 | 30,36 54,46 60,70 46,95 22,100 4,90",
        "58,0 38,4 19,3 | 13,26 12,42 28,40 52,48 57,72 42,95 20,100 3,94",
        "14,6 12,28 13,47 | 34,40 56,52 57,78 38,98 18,99 4,92 / 14,5 36,4 58,5",
    ),
    (
        "48,0 26,20 10,50 7,76 22,98 46,95 59,76 49,58 28,58 11,76",
        "38,0 20,30 7,64 12,92 32,100 52,88 54,68 38,56 18,64 9,80",
        "54,4 34,8 16,34 6,66 14,92 34,100 54,88 57,68 42,55 22,60 8,76",
    ),
    (
        "5,4 32,4 62,2 | 44,36 30,68 22,100",
        "6,5 34,4 62,2 | 46,36 34,68 26,100 / 16,52 36,50 60,47",
        "5,18 7,3 | 34,5 64,2 | 46,34 34,66 30,100",
        "4,7 24,2 42,6 62,3 | 50,28 33,56 26,100",
        "6,16 8,3 | 36,5 64,2 | 44,40 26,100 / 17,55 36,51 58,50",
    ),
    (
        "54,13 34,0 13,12 18,34 38,49 59,70 54,92 32,100 9,90 9,70 30,50 52,32 56,16",
        "32,47 12,34 13,11 33,0 53,11 53,34 33,47 8,62 7,88 33,100 60,88 59,62 34,48",
        "58,8 36,0 15,12 20,36 42,52 58,74 48,96 24,99 9,84 18,62 44,40 58,16",
    ),
    (
        "57,14 36,1 14,12 7,32 21,48 42,42 57,16 | 55,50 53,100",
        "56,14 36,0 14,10 8,32 22,47 42,42 56,18 59,50 50,84 30,100 10,91",
        "54,8 32,1 11,16 11,38 28,48 48,36 56,10 | 48,54 34,100",
        "58,10 36,2 16,12 10,34 24,48 44,42 58,22 59,56 44,100",
        "50,14 36,1 22,10 24,24 38,28 50,14 44,30 56,52 60,76 46,97 26,99 8,80",
        "48,12 32,0 18,14 18,32 34,42 48,34 50,8 56,44 58,80 42,99 22,97 10,78",
    ),
)
STEP = 4.0  # between the points of a drawn path, in hundredths of the digit's height
SHIFT = 4  # fractional bits of the coordinates that OpenCV draws at
GAP = 0.04  # share of digits over which the pen lifts for a moment


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """One style of one digit, ready to be bent.

    Attributes:
        points: float64 (n, 2), its control points.
        crisp: float64 (m, n), what makes a path of m points of them, corners kept.
        fluent: float64 (m, n), the same as a hurried hand would round it.
        starts: where each stroke begins along the path, and at last m.
    """

    points: Points
    crisp: Points
    fluent: Points
    starts: tuple[int, ...]

    @classmethod
    def parse(cls, style: str) -> Self:
        """Read a line of `STYLES`."""
        strokes = [_spline(stroke) for stroke in style.split(" / ")]
        rows = np.cumsum([0, *(len(crisp) for _, crisp, _ in strokes)])
        columns = np.cumsum([0, *(len(points) for points, _, _ in strokes)])
        crisp = np.zeros((rows[-1], columns[-1]))
        fluent = crisp.copy()
        for (_, sharp, smooth), (top, bottom), (left, right) in zip(
            strokes, pairwise(rows), pairwise(columns), strict=True
        ):
            crisp[top:bottom, left:right], fluent[top:bottom, left:right] = sharp, smooth
        return cls(np.concatenate([points for points, _, _ in strokes]), crisp, fluent, tuple(rows.tolist()))


def _spline(stroke: str) -> tuple[Points, Points, Points]:
    """Give one stroke's control points, and the matrices that turn them into a path: Catmull-Rom between corners."""
    words = stroke.split()
    places = [word for word in words if word != "|"]
    points = np.array([place.split(",") for place in places], dtype=np.float64)
    corners = [i - 1 - words[:i].count("|") for i, word in enumerate(words) if word == "|"]
    last = len(points) - 1
    rows = []
    for first, end in pairwise([0, *corners, last]):
        for i in range(first, end):
            count = max(2, round(float(np.hypot(*(points[i + 1] - points[i]))) / STEP))
            t = np.linspace(0, 1, count, endpoint=False)[:, None]
            row = np.zeros((count, last + 1))
            row[:, [i]] += (3 * t**3 - 5 * t**2 + 2) / 2
            row[:, [i + 1]] += (-3 * t**3 + 4 * t**2 + t) / 2
            for weight, outer, near, far in (
                ((-(t**3) + 2 * t**2 - t) / 2, i - 1, i, i + 1),
                ((t**3 - t**2) / 2, i + 2, i + 1, i),
            ):
                if first <= outer <= end:
                    row[:, [outer]] += weight
                else:  # beyond the end: as far again as the last step
                    row[:, [near]] += 2 * weight
                    row[:, [far]] -= weight
            rows.append(row)
    crisp = np.vstack([*rows, np.eye(last + 1)[-1:]])
    padded = np.pad(crisp, ((2, 2), (0, 0)), mode="edge")
    fluent = np.mean([padded[k : k + len(crisp)] for k in range(5)], axis=0)
    return points, crisp, np.asarray(fluent)


GLYPHS = tuple(tuple(Glyph.parse(style) for style in styles) for styles in STYLES)
FLAGGED = range(2, len(STYLES[1]))  # styles of a 1 that begin with a stroke up


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """The habits of one hand.

    Attributes:
        styles: which of a digit's styles it uses, ten numbers.
        slant: how far it leans to the right, as a share of the height.
        aspect: its width, 1 is plain.
        haste: 0 corners kept and points placed with care, 1 rounded and loose.
        pressure: how much heavier strokes down are than strokes up.
        flick: how much thinner strokes end than they are.
    """

    styles: tuple[int, ...]
    slant: float
    aspect: float
    haste: float
    pressure: float
    flick: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> Self:
        """Choose anyone."""
        return cls(
            styles=tuple(int(rng.integers(len(glyphs))) for glyphs in GLYPHS),
            slant=float(np.clip(rng.normal(0.1, 0.13), -0.2, 0.4)),
            aspect=float(np.exp(rng.normal(0, 0.13))),
            haste=float(rng.beta(2, 2)),
            pressure=float(rng.uniform(0, 0.2)),
            flick=float(rng.uniform(0, 0.5)),
        )

    def with_flag(self, rng: np.random.Generator) -> Self:
        """Give the same hand, its 1s beginning with a stroke up."""
        return replace(self, styles=(self.styles[0], int(rng.choice(FLAGGED)), *self.styles[2:]))


def draw(digit: int, rng: np.random.Generator, height: float, pen: float, writer: Writer | None = None) -> Grey:
    """Draw one digit.

    Args:
        digit: 0 to 9.
        rng: decides everything; the same state gives the same picture.
        height: of the digit, in pixels, its strokes' width included.
        pen: width of its strokes in pixels; 0.04 to 0.15 of the height looks natural.
        writer: whose hand, or None for anyone's.

    Returns:
        uint8 (about `height`, its width), the share of each pixel that ink covers, 0 to 255; cropped to the ink.
    """
    writer = writer or Writer.random(rng)
    glyph = GLYPHS[digit][writer.styles[digit]]
    path = _write(glyph, writer, rng)
    path *= (height - pen) / max(1.0, float(np.ptp(path[:, 1])))
    return _ink(path, _widths(path, glyph, writer, rng) * pen, _breaks(glyph, rng), 4 if height <= 160 else 2)  # noqa: PLR2004 (large digits need fewer subpixels)


def _write(glyph: Glyph, writer: Writer, rng: np.random.Generator) -> Points:
    """Give the path that the pen takes this time, in hundredths of the digit's height: float64 (m, 2)."""
    points = glyph.points + rng.normal(0, 1 + 1.6 * writer.haste, glyph.points.shape)
    path = (glyph.crisp + writer.haste * (glyph.fluent - glyph.crisp)) @ points
    for first, end in pairwise(glyph.starts):  # strokes stop a little short or go a little too far
        for tip, before in ((first, first + 1), (end - 1, end - 2)):
            way = path[tip] - path[before]
            path[tip] += way / max(1e-6, float(np.hypot(*way))) * np.clip(rng.normal(0.5, 2.5), -3, 7)
    waves = rng.normal(0, 0.035, (2, 2))
    path += np.sin(path @ waves + rng.uniform(0, 2 * np.pi, 2)) * rng.uniform(0, 1.5 + 2 * writer.haste)
    slant = writer.slant + rng.normal(0, 0.04)
    aspect = writer.aspect * np.exp(rng.normal(0, 0.06))
    turn = rng.normal(0, 0.04)
    return np.asarray(path @ np.array([[aspect, turn], [-slant - turn, 1]]))


def _widths(path: Points, glyph: Glyph, writer: Writer, rng: np.random.Generator) -> Points:
    """Give the stroke's width at each point of the path, 1 is the pen's: float64 (m,)."""
    step = np.gradient(path, axis=0)
    down = step[:, 1] / (np.hypot(step[:, 0], step[:, 1]) + 1e-6)
    slow = np.interp(np.linspace(0, 5, len(path)), range(6), rng.normal(0, 0.07, 6))
    width = 1 + writer.pressure * down + slow
    for first, end in pairwise(glyph.starts):
        width[max(first, end - 4) : end] *= np.linspace(1, 1 - writer.flick, min(4, end - first))
    return np.asarray(width)


def _breaks(glyph: Glyph, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Give the stretches of the path that leave ink: [first, end) each."""
    stretches = list(pairwise(glyph.starts))
    if rng.random() < GAP:
        first, end = stretches[0]
        at = int(rng.integers(first + 2, end - 2))
        stretches[:1] = [(first, at), (at + 1, end)]
    return stretches


def _ink(path: Points, widths: Points, stretches: list[tuple[int, int]], fine: int) -> Grey:
    """Draw at `fine` times the size, a stroke's width constant between its changes by a subpixel, and shrink."""
    room = float(widths.max()) / 2 + 1
    low = path.min(axis=0) - room
    columns, rows = np.ceil(path.max(axis=0) + room - low).astype(int)
    canvas = np.zeros((rows * fine, columns * fine), np.uint8)
    fixed = np.rint(((path - low) * fine - 0.5) * (1 << SHIFT)).astype(np.int32)
    thick = np.maximum(1, np.rint(widths * fine)).astype(int)
    for first, end in stretches:
        changes = first + 1 + np.flatnonzero(np.diff(thick[first : end - 1]))
        for a, b in pairwise([first, *changes.tolist(), end - 1]):
            cv2.polylines(canvas, [fixed[a : b + 1]], isClosed=False, color=[255], thickness=int(thick[a]), shift=SHIFT)
    ink = cv2.resize(canvas, (int(columns), int(rows)), interpolation=cv2.INTER_AREA)
    x, y, w, h = cv2.boundingRect(ink)
    return np.ascontiguousarray(ink[y : y + h, x : x + w], dtype=np.uint8)


def draw_set(count: int, rng: np.random.Generator, height: float) -> tuple[list[Grey], NDArray[np.uint8]]:
    """Draw digits of all classes, each by a hand and a pen of its own.

    Returns:
        The pictures, as `draw` gives them, and uint8 (count,) labels.
    """
    labels = rng.permutation(np.arange(count, dtype=np.int64) % len(STYLES)).astype(np.uint8)
    pens = np.exp(rng.uniform(np.log(0.03), np.log(0.16), count)) * height
    return [draw(int(digit), rng, height, float(pen)) for digit, pen in zip(labels, pens, strict=True)], labels
