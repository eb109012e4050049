"""What is written on: paper of all kinds, what is printed on it, and where it ends."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.reading import Box
from digitlab.render.form import Cells
from digitlab.render.surfaces import cover_by_hand

FINE = 2  # a page is drawn at this many times the frame's pixels

Float = NDArray[np.float32]
Surface = Callable[[np.random.Generator, int], Float]
"""(rng, side) -> float32 (side, side): how much lighter than its tone each place is, in pixels of the frame."""


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
    cells: Cells | None = None
    """What is printed around each digit: a form, a table, a sudoku."""
    every: float = 1
    """Distance of the rules, in lines of writing."""
    surface: Surface | None = None
    """What else there is to see: wood, a board's stains, a newspaper's print."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a sheet lies on."""

    tone: float
    """How bright it is, 0 to 1."""
    surface: Surface | None = None
    """What it is made of; None for a plain one."""
    sheets: int = 0
    """How many other sheets lie there."""


def draw_sheet(rng: np.random.Generator, paper: Paper, grain: Float, ruling: tuple[float, float]) -> Float:
    """Give empty paper, 0 to 1, with a rule at `ruling[0]` and every `ruling[1]` pixels up and down from there."""
    sheet = paper.tone + paper.grain * grain + paper.cloud * _cloud(rng, grain.shape)
    if paper.surface:
        sheet += spread(rng, paper.surface, sheet.shape)
    start, every = ruling[0], ruling[1] * paper.every / (2 if paper.columns else 1)
    if paper.rules and not paper.cells:
        for across in (sheet, sheet.T) if paper.columns else (sheet,):
            ink = _dots(across.shape[1]) if paper.dotted else np.float32(1)
            for at in np.arange(start % every, len(across) - FINE, every).round().astype(int):
                across[at : at + FINE] -= paper.rules * ink
    return sheet


def lay_on_table(rng: np.random.Generator, page: Float, sheet: Box, table: Table) -> Float:
    """Let the sheet end, and show the table that it lies on.

    Args:
        rng: decides how the sheet lies and how the table looks.
        page: 0 to 1, the writing on paper that has no end.
        sheet: what of it is paper.
        table: what is seen around it.
    """
    x, y, w, h = sheet
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)
    corners += rng.normal(0, 0.015 * max(w, h), corners.shape)
    if table.surface:
        below = np.clip(table.tone + spread(rng, table.surface, page.shape), 0, 1)
    else:
        shape = page.shape[0] // 8, page.shape[1] // 64
        coarse = rng.standard_normal(shape, dtype=np.float32)
        wood = cv2.resize(coarse, page.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        below = np.asarray(table.tone + float(rng.uniform(0, 0.03)) * wood, np.float32)
    for _ in range(table.sheets):
        below = _lay(below, _astray(rng, corners), np.float32(rng.uniform(0.55, 0.95)))
    return _lay(below, corners, page)


def _lay(below: Float, corners: NDArray[np.float64], above: Float | np.float32) -> Float:
    """Lay a sheet with its shadow on what is below it."""
    mask = np.zeros(below.shape, np.uint8)
    cv2.fillPoly(mask, [corners.round().astype(np.int32)], (255,), cv2.LINE_AA)
    share = mask * np.float32(1 / 255)
    # the sheet's own shadow, which is soft, so that a small picture of it will do
    small = cv2.GaussianBlur(cv2.resize(mask, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA), (0, 0), FINE)
    shade = cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) * np.float32(1 / 255)
    shaded = below * (1 - np.float32(0.5) * shade)
    return np.asarray(shaded + share * (above - shaded), np.float32)


def _astray(rng: np.random.Generator, corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell where another sheet lies of about the same size: turned, and moved so far that some of it shows."""
    middle = corners.mean(axis=0)
    angle, aside = rng.normal(0, 0.5), rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = rng.uniform(0.3, 0.9) * np.ptp(corners, axis=0) * np.array([np.cos(aside), np.sin(aside)])
    return np.asarray((corners - middle) @ turn * rng.uniform(0.7, 1.3) + middle + moved)


def lay_hand(rng: np.random.Generator, page: Float, side: int) -> NDArray[np.uint8]:
    """Lay a hand over a page.

    Args:
        rng: decides how.
        page: 0 to 1, changed in place.
        side: of the square in the page's middle that the hand reaches into, in pixels.

    Returns:
        uint8 of the page's shape, 1 where the hand hides it.
    """
    hand = np.zeros((side // FINE, side // FINE), np.float32)
    drawn = cover_by_hand(rng, hand), hand
    # the arm goes on beyond the square
    (top, bottom), (left, right) = (((whole - side) // 2, whole - side - (whole - side) // 2) for whole in page.shape)
    mask, skin = (
        cv2.copyMakeBorder(cv2.resize(one, (side, side)), top, bottom, left, right, cv2.BORDER_REPLICATE)
        for one in drawn
    )
    share = np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), FINE), np.float32)
    page *= 1 - share
    page += np.asarray(skin, np.float32)
    return np.asarray(mask, np.uint8)


def spread(rng: np.random.Generator, surface: Surface, shape: tuple[int, ...]) -> Float:
    """Spread a surface over all of a page, float32 of that shape, as fine as the frame will show it."""
    side = max(shape)
    drawn = cv2.resize(surface(rng, side // FINE), (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(drawn[: shape[0], : shape[1]], np.float32)


def bind(rng: np.random.Generator, page: Float, x: float, pitch: float) -> None:
    """Draw a notebook's spiral down a page at `x`, a hole every `pitch` pixels; changes it in place."""
    for y in np.arange(rng.uniform(0, pitch), len(page), pitch):
        hole = round(x), round(y)
        cv2.ellipse(page, hole, (round(0.22 * pitch), round(0.2 * pitch)), 0, 0, 360, (0.12,), -1, cv2.LINE_AA)
        wire = round(x - 0.5 * pitch), round(y - 0.1 * pitch)
        cv2.ellipse(page, wire, (round(0.55 * pitch), round(0.16 * pitch)), -8, 0, 360, (0.3,), 2 * FINE, cv2.LINE_AA)


def fine_grain(rng: np.random.Generator, shape: tuple[int, ...]) -> Float:
    """Give the fine structure of paper: unit variance, float32; one patch over and over, for drawing it is slow."""
    patch = cv2.GaussianBlur(rng.standard_normal((512, 512), dtype=np.float32), (0, 0), 1.2)
    times = [-(-side // 512) for side in shape]
    return np.asarray(np.tile(patch / patch.std(), times)[: shape[0], : shape[1]], dtype=np.float32)


def _cloud(rng: np.random.Generator, shape: tuple[int, ...]) -> Float:
    """Give soft patches, wider than high as a hand wipes: unit variance, float32."""
    coarse = cv2.GaussianBlur(
        rng.standard_normal((shape[0] // 16, shape[1] // 16), dtype=np.float32), (0, 0), 7, None, 3
    )
    return np.asarray(cv2.resize(coarse / coarse.std(), shape[1::-1], interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _dots(length: int) -> Float:
    """Give a row of dots, 1 where there is ink: float32 (length,)."""
    return (np.arange(length) % (4 * FINE) < 2 * FINE).astype(np.float32)
