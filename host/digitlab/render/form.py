"""What is printed around digits: tables, sudokus, the boxes of forms, lines to write on, rings, tiles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from digitcam.reading import Box


@dataclass(frozen=True, slots=True)
class Cells:
    """Where printed lines run around each digit; all but `block` in heights of a digit."""

    tall: float | None = None
    """How high each digit's own box is; None for a table, whose cells share their lines."""
    apart: float = 0
    """How far two boxes of a row are apart."""
    open: bool = False
    """Whether only the lower side of a box is printed: a line to write on."""
    round: bool = False
    """Whether a ring is printed in place of a box, as wide as that and `tall`."""
    filled: bool = False
    """Whether a box is a tile: all of it is printed."""
    block: int | None = None
    """Every how many cells a table's lines are thick: a sudoku's 3; None for the outer ones alone."""


class Place(NamedTuple):
    """Where the writing stands, in pixels of the page: the first line's base, and steps down and across."""

    base: float
    down: float
    across: float
    high: float
    """Of a digit."""


class Rule(NamedTuple):
    """A printed line from one end (x, y) to the other, and its width; pixels of the page."""

    first: tuple[int, int]
    last: tuple[int, int]
    width: int


def print_cells(
    rng: np.random.Generator, sheet: NDArray[np.float32], lines: Sequence[str], cells: Cells, place: Place, ink: float
) -> None:
    """Print lines around each digit, or a tile below it.

    Args:
        rng: decides how thick lines are.
        sheet: float32 (h, w), 0 to 1, changed in place.
        lines: what will be written, each line in the middle of the sheet.
        cells: what is printed.
        place: where it will be written.
        ink: how much darker that is.
    """
    drawn, middle = np.zeros(sheet.shape, np.uint8), sheet.shape[1] / 2
    if cells.round or cells.filled:
        width = -1 if cells.filled else int(rng.integers(2, 6))
        for x, y, w, h in _boxes(middle, lines, cells, place):
            if cells.round:
                cv2.ellipse(drawn, (x + w // 2, y + h // 2), (w // 2, h // 2), 0, 0, 360, (255,), width, cv2.LINE_AA)
            else:
                cv2.rectangle(drawn, (x, y, w, h), (255,), width)
    else:
        for rule in (_sides if cells.tall else _table)(rng, middle, lines, cells, place):
            cv2.line(drawn, rule.first, rule.last, (255,), rule.width, cv2.LINE_AA)
    sheet -= drawn * np.float32(ink / 255)


def _table(rng: np.random.Generator, middle: float, lines: Sequence[str], cells: Cells, place: Place) -> list[Rule]:
    columns = max(map(len, lines))
    xs = whole(middle + place.across * (np.arange(columns + 1) - columns / 2))
    ys = whole(place.base - place.high / 2 + place.down * (np.arange(len(lines) + 1) - 0.5))
    thin = int(rng.integers(1, 4))
    widths = thin, thin * int(rng.integers(2 if cells.block else 1, 4))
    down = [Rule((x, ys[0]), (x, ys[-1]), widths[heavy]) for x, heavy in zip(xs, _heavy(xs, cells), strict=True)]
    across = [Rule((xs[0], y), (xs[-1], y), widths[heavy]) for y, heavy in zip(ys, _heavy(ys, cells), strict=True)]
    return down + across


def _heavy(places: Sequence[int], cells: Cells) -> list[bool]:
    """Tell which lines of a table are thick."""
    return [n % (cells.block or len(places) - 1) == 0 for n in range(len(places))]


def _boxes(middle: float, lines: Sequence[str], cells: Cells, place: Place) -> list[Box]:
    apart, tall = cells.apart * place.high, (cells.tall or 0) * place.high
    return [
        Box(*whole([middle + place.across * (n - len(line) / 2) + apart / 2, top, place.across - apart, tall]))
        for line, top in zip(lines, _tops(lines, tall, place), strict=True)
        for n in range(len(line))
    ]


def _sides(rng: np.random.Generator, middle: float, lines: Sequence[str], cells: Cells, place: Place) -> list[Rule]:
    width, boxes = int(rng.integers(2, 6)), _boxes(middle, lines, cells, place)
    # the lower side first: it is all that an open box has
    corners = [((x, y + h), (x + w, y + h), (x + w, y), (x, y), (x, y + h)) for x, y, w, h in boxes]
    return [Rule(*side, width) for box in corners for side in list(pairwise(box))[: 1 if cells.open else None]]


def _tops(lines: Sequence[str], tall: float, place: Place) -> Iterable[float]:
    """Tell where each line's boxes begin, so that their digits stand in their middle."""
    return (place.base - (place.high + tall) / 2 + place.down * n for n in range(len(lines)))


def whole(values: ArrayLike) -> list[int]:
    """Round to whole pixels."""
    rounded: list[int] = np.rint(values).astype(int).tolist()
    return rounded
