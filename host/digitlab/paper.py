"""Digits in lines on paper, before any camera has seen them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.reading import Box
from digitlab.strokes import Writer, draw

FINE = 2  # a page is drawn at this many times the frame's pixels
BLEED = 1.5  # and is larger than the frame by this, so that the camera may wander

Float = NDArray[np.float32]
Ink = Callable[[int, np.random.Generator, float, float], Grey]
"""(digit, rng, height, pen) -> uint8 (h, w), ink from 0 to 255, cropped; heights and pens in pixels."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on: how bright it is, what is printed on it, how coarse it is; 0 is black, 1 white."""

    tone: float
    rules: float = 0
    """How much darker (or lighter, on a board) printed lines are."""
    columns: bool = False
    """Whether lines run down the page too: a grid."""
    grain: float = 0.012
    cloud: float = 0.015
    """How uneven it is at large: a board's wiped chalk, paper that waves."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What is written with."""

    width: float
    """As a share of the digits' height."""
    strength: float
    """How much of the way from the paper to its own tone the ink goes."""
    tone: float = 0.06
    grain: float = 0.1
    """How much of the paper's grain it leaves bare: chalk and pencil much, ink little."""


PLAIN = Paper(0.9)
RULED = Paper(0.92, rules=0.16)
GRID = Paper(0.9, rules=0.13, columns=True)
BOARD = Paper(0.17, grain=0.01, cloud=0.035)
CARDBOARD = Paper(0.62, grain=0.03)
PAPERS = (PLAIN, RULED, GRID, CARDBOARD, BOARD)
BALLPOINT = Pen(0.06, 0.82)
FINELINER = Pen(0.085, 0.93)
FELT = Pen(0.13, 0.95, grain=0.05)
PENCIL = Pen(0.075, 0.7, tone=0.15, grain=0.3)
CHALK = Pen(0.11, 0.85, tone=0.93, grain=0.4)
PENS = (BALLPOINT, FINELINER, FELT, PENCIL)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page before any camera.

    Attributes:
        image: uint8 (h, w), what it reflects.
        lines: what it says.
        outlines: of each digit in reading order: what it is, its line, float32 (n, 1, 2) the hull of its ink.
    """

    image: Grey
    lines: tuple[str, ...]
    outlines: list[tuple[int, int, Float]]

    def boxes(self, matrix: NDArray[np.float64]) -> list[Box]:
        """Where each digit's ink comes to lie when `matrix`, float64 (3, 3), takes the page to a frame."""
        boxes = []
        for _, _, hull in self.outlines:
            spots = cv2.perspectiveTransform(hull + np.float32(0.5), matrix)[:, 0]
            (left, top), (right, bottom) = np.floor(spots.min(axis=0)), np.ceil(spots.max(axis=0))
            boxes.append(Box(int(left), int(top), int(right - left), int(bottom - top)))
        return boxes


def by_hand(writer: Writer) -> Ink:
    """The ink of one writer's strokes."""
    return lambda digit, rng, height, pen: draw(digit, rng, height, pen, writer)


def compose(
    rng: np.random.Generator,
    lines: Sequence[str],
    *,
    ink: Ink,
    paper: Paper,
    pen: Pen,
    height: float,
    size: tuple[int, int],
) -> Page:
    """Write lines of digits on paper.

    Args:
        rng: decides everything that the other arguments leave open.
        lines: digits only.
        ink: draws each digit.
        paper: what they stand on.
        pen: what they are written with.
        height: of a digit, as a share of the frame's height; less where a line would not fit.
        size: (width, height) of the frame that the middle of the page will fill.
    """
    width, tall = (round(side * FINE * BLEED) for side in size)
    high = FINE * min(size[1] * min(height, 0.62 / len(lines)), 0.85 * size[0] / max(map(len, lines)))
    pitch = high * rng.uniform(1.35, 1.6)
    first = (tall + high - pitch * (len(lines) - 1)) / 2 + rng.normal(0, 0.1) * high
    grain = _grain(rng, (tall, width))
    layer = np.zeros((tall, width), np.uint8)
    outlines = []
    for number, line in enumerate(lines):
        base = first + pitch * number
        inks = [ink(int(c), rng, high * np.exp(rng.normal(0, 0.04)), high * pen.width) for c in line]
        gaps = high * rng.uniform(0.16, 0.34) + high * rng.normal(0, 0.03, len(line))
        left = (width - sum(i.shape[1] for i in inks) - gaps.sum()) / 2 + rng.normal(0, 0.25) * high
        for char, shape, gap in zip(line, inks, gaps, strict=True):
            x, y = round(left), round(base + rng.normal(0, 0.025) * high) - shape.shape[0]
            place = layer[y : y + shape.shape[0], x : x + shape.shape[1]]
            np.maximum(place, shape, out=place)
            inked = cv2.findNonZero((shape > shape.max() // 3).astype(np.uint8))
            hull = np.asarray(cv2.convexHull(np.asarray(inked, np.float32)) + np.array([x, y]), dtype=np.float32)
            outlines.append((int(char), number, hull))
            left += shape.shape[1] + gap
    sheet = _sheet(rng, paper, grain, (first + 0.08 * high, pitch))
    cover = layer * np.float32(pen.strength / 255) * np.clip(1 - pen.grain * (0.4 + 0.6 * grain), 0, 1)
    return Page(to_grey(255 * (sheet + cover * (pen.tone - sheet))), tuple(lines), outlines)


def _sheet(rng: np.random.Generator, paper: Paper, grain: Float, ruling: tuple[float, float]) -> Float:
    """Empty paper, 0 to 1, with a rule at `ruling[0]` and every `ruling[1]` pixels up and down from there."""
    sheet = paper.tone + paper.grain * grain + paper.cloud * _cloud(rng, grain.shape)
    start, every = ruling[0], ruling[1] / (2 if paper.columns else 1)
    for across in (sheet, sheet.T) if paper.columns else (sheet,):
        for at in np.arange(start % every, len(across) - FINE, every).round().astype(int):
            across[at : at + FINE] -= paper.rules
    return sheet


def _grain(rng: np.random.Generator, shape: tuple[int, ...]) -> Float:
    """The fine structure of paper: unit variance, float32; one patch over and over, for drawing it is slow."""
    patch = cv2.GaussianBlur(rng.standard_normal((512, 512), dtype=np.float32), (0, 0), 1.2)
    times = [-(-side // 512) for side in shape]
    return np.asarray(np.tile(patch / patch.std(), times)[: shape[0], : shape[1]], dtype=np.float32)


def _cloud(rng: np.random.Generator, shape: tuple[int, ...]) -> Float:
    """Soft patches, wider than high as a hand wipes: unit variance, float32."""
    coarse = cv2.GaussianBlur(
        rng.standard_normal((shape[0] // 16, shape[1] // 16), dtype=np.float32), (0, 0), 7, None, 3
    )
    return np.asarray(cv2.resize(coarse / coarse.std(), shape[1::-1], interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def to_grey(values: Float) -> Grey:
    """Round grey levels to uint8, cut off at 0 and 255."""
    return np.asarray(cv2.convertScaleAbs(np.clip(values, 0, 255)), dtype=np.uint8)
