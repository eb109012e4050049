"""What is written with, on which papers, and how it is placed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from digitcam.frame import Grey
from digitlab.render.sheet import Paper, Table
from digitlab.render.strokes import Writer, draw

Ink = Callable[[int, np.random.Generator, float, float], Grey]
"""(digit, rng, height, pen) -> uint8 (h, w), ink from 0 to 255, cropped; heights and pens in pixels."""


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
    gaps: float = 0
    """Share of its strokes that a dry pen leaves out."""


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
DARK = Table(0.15)


@dataclass(frozen=True, slots=True, eq=False)
class Litter:
    """Marks strewn over a page: pictures of ink, uint8 (h, w), and how strong each is beside the writing, 0 to 1."""

    marks: Sequence[Grey] = ()
    strengths: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How the writing is placed; all but `pitch` in heights of a digit.

    Attributes:
        gap: between two digits, the least and the most; below 0 they touch. A writer keeps to one, more or less.
        pitch: from line to line, the least and the most.
        cell: width of the cell in whose middle each character stands, or None for one after the other.
        ragged: how far the lines' starts differ.
        uneven: how far a digit strays up and down, and its size from the others'.
        sheet: how far the sheet reaches beyond the writing, or None for paper that fills the frame.
        table: what it lies on.
        spiral: whether a notebook's spiral runs beside the writing.
        hand: whether a hand lies over some of the page.
        struck: share of the digits that are crossed out, and so none any more.
        fill: how much of the frame the writing takes at most: all lines' digits down it, a line's as wide as high
            across it.
    """

    gap: tuple[float, float] = (0.16, 0.34)
    pitch: tuple[float, float] = (1.35, 1.6)
    cell: float | None = None
    ragged: float = 0.25
    uneven: float = 1
    sheet: float | None = None
    table: Table = DARK
    spiral: bool = False
    hand: bool = False
    struck: float = 0
    fill: tuple[float, float] = (0.62, 0.85)


USUAL = Layout()


def by_hand(writer: Writer) -> Ink:
    """Give the ink of one writer's strokes."""
    return lambda digit, rng, height, pen: draw(digit, rng, height, pen, writer)
