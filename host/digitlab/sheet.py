"""What is written on: paper of all kinds, what is printed on it, and where it ends."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.reading import Box

FINE = 2  # a page is drawn at this many times the frame's pixels

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Paper:
    """How bright it is, what is printed on it, how coarse it is; tones run from 0, black, to 1, white."""

    tone: float
    rules: float = 0
    """How much darker (or, below 0, lighter) printed lines are."""
    columns: bool = False
    """Whether lines run down the page too: a grid."""
    grain: float = 0.012
    cloud: float = 0.015
    """How uneven it is at large: a board's wiped chalk, paper that waves."""
    dotted: bool = False
    """Whether the lines are rows of dots."""
    cells: bool = False
    """Whether each digit stands in a printed cell: a form, a table, a sudoku."""
    every: float = 1
    """Distance of the rules, in lines of writing."""


def draw_sheet(rng: np.random.Generator, paper: Paper, grain: Float, ruling: tuple[float, float]) -> Float:
    """Empty paper, 0 to 1, with a rule at `ruling[0]` and every `ruling[1]` pixels up and down from there."""
    sheet = paper.tone + paper.grain * grain + paper.cloud * _cloud(rng, grain.shape)
    start, every = ruling[0], ruling[1] * paper.every / (2 if paper.columns else 1)
    if paper.rules and not paper.cells:
        for across in (sheet, sheet.T) if paper.columns else (sheet,):
            ink = _dots(across.shape[1]) if paper.dotted else np.float32(1)
            for at in np.arange(start % every, len(across) - FINE, every).round().astype(int):
                across[at : at + FINE] -= paper.rules * ink
    return sheet


def draw_cells(sheet: Float, xs: NDArray[np.int64], ys: NDArray[np.int64], thick: tuple[int, int], ink: float) -> None:
    """Print the lines of a table on a sheet.

    Args:
        sheet: changed in place.
        xs: where lines run down.
        ys: where lines run across.
        thick: width of the inner lines and of the outer ones, in pixels.
        ink: how much darker a line is.
    """
    lines = np.zeros(sheet.shape, np.uint8)
    for ends, down in ((xs, True), (ys, False)):
        for place in ends:
            width = thick[place in {ends[0], ends[-1]}]
            first, last = ((place, ys[0]), (place, ys[-1])) if down else ((xs[0], place), (xs[-1], place))
            cv2.line(lines, (int(first[0]), int(first[1])), (int(last[0]), int(last[1])), (255,), width, cv2.LINE_AA)
    sheet -= lines * np.float32(ink / 255)


def lay_on_table(rng: np.random.Generator, page: Float, sheet: Box, table: float) -> Float:
    """Let the sheet end, and show the table that it lies on.

    Args:
        rng: decides how the sheet lies and how the table looks.
        page: 0 to 1, the writing on paper that has no end.
        sheet: what of it is paper.
        table: how bright the table is.
    """
    x, y, w, h = sheet
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)
    corners += rng.normal(0, 0.015 * max(w, h), corners.shape)
    mask = np.zeros(page.shape, np.uint8)
    cv2.fillPoly(mask, [corners.round().astype(np.int32)], (255,), cv2.LINE_AA)
    shape = page.shape[0] // 8, page.shape[1] // 64
    wood = cv2.resize(rng.standard_normal(shape, dtype=np.float32), page.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    share = mask * np.float32(1 / 255)
    # the sheet's own shadow, which is soft, so that a small picture of it will do
    small = cv2.GaussianBlur(cv2.resize(mask, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA), (0, 0), FINE)
    shade = cv2.resize(small, page.shape[1::-1], interpolation=cv2.INTER_LINEAR) * np.float32(1 / 255)
    below = (table + float(rng.uniform(0, 0.03)) * wood) * (1 - np.float32(0.5) * shade)
    return np.asarray(below + share * (page - below), np.float32)


def bind(rng: np.random.Generator, page: Float, x: float, pitch: float) -> None:
    """Draw a notebook's spiral down a page at `x`, a hole every `pitch` pixels; changes it in place."""
    for y in np.arange(rng.uniform(0, pitch), len(page), pitch):
        hole = round(x), round(y)
        cv2.ellipse(page, hole, (round(0.22 * pitch), round(0.2 * pitch)), 0, 0, 360, (0.12,), -1, cv2.LINE_AA)
        wire = round(x - 0.5 * pitch), round(y - 0.1 * pitch)
        cv2.ellipse(page, wire, (round(0.55 * pitch), round(0.16 * pitch)), -8, 0, 360, (0.3,), 2 * FINE, cv2.LINE_AA)


def fine_grain(rng: np.random.Generator, shape: tuple[int, ...]) -> Float:
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


def _dots(length: int) -> Float:
    """A row of dots, 1 where there is ink: float32 (length,)."""
    return (np.arange(length) % (4 * FINE) < 2 * FINE).astype(np.float32)
