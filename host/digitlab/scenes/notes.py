"""A page of notes, as on a whiteboard: drawings, lists, sums and words, each in a part of it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitlab.scenes.canvas import Canvas
from digitlab.scenes.diagram import draw_diagram
from digitlab.scenes.glyphs import on_line
from digitlab.scenes.scene import SIDE
from digitlab.scenes.signs import draw_sign
from digitlab.scenes.writing import write_lines, write_lists, write_sums

SMALLEST, LARGEST = 8.0, 40.0  # height of a digit, pixels: several of them have room in a part
LEAST_PART = 0.2  # of the page's sides
DRAWN = 0.3  # share of the parts
ROOM = 0.7  # heights of a digit between two parts' writing
WORDS = (  # of headings, code and homework, whose letters only the word tells from digits
    *("Big O", "Input", "Output", "Order", "Option", "Solution", "Goal", "To do", "Total", "Cost", "Score", "Done"),
    *("Time", "Space", "Time O", "Space O", "Linear", "return", "null", "while", "for", "if", "else", "list", "node"),
    *("Sum", "Buzz", "Fizz", "Bill", "Size", "Zero", "Base", "Basis", "Give", "Glass", "Lösung", "Bob", "Oslo", "SOS"),
    *("Name", "Date", "Class", "Question", "Ill", "Solve", "Sol", "log", "goto", "bool", "loop", "pool", "Q", "TO DO"),
)
AROUND = ("", ":"), ("", ":"), ("", ""), ('"', '"'), ("[", "]"), ("(", ")"), ("", "()"), ("", "=")


def write_notes(canvas: Canvas) -> None:
    """Write drawings, lists, sums, words and lines of digits beside each other, by one hand."""
    rng, whole = canvas.rng, canvas.writable
    canvas.height = high = float(np.clip(canvas.height, SMALLEST, LARGEST))
    canvas.hand.choose_letters(rng)
    contents = write_words, write_words, write_lists, write_sums, write_lines
    for left, top, right, bottom in _parts(rng, (-0.5, -0.5, 0.5, 0.5)):
        canvas.middle = (left + right) / 2 * SIDE, (top + bottom) / 2 * SIDE
        half = (right - left) / 2 * SIDE, (bottom - top) / 2 * SIDE
        inner, outer = (_area(canvas, half, room * high) for room in (ROOM, 0))
        canvas.writable = inner if whole is None else np.minimum(inner, whole)
        before = canvas.ink.copy()
        if rng.random() < DRAWN:
            draw_diagram(canvas, half)
        else:
            contents[rng.integers(len(contents))](canvas)
        canvas.ink = np.where(outer, canvas.ink, before)  # what a drawing's lines reach of other parts
        if rng.random() < 0.15:
            canvas.line((-half[0], half[1]), half, canvas.hand.pen * high)
        canvas.height = high * rng.uniform(0.8, 1.25)
    canvas.middle, canvas.writable = (0.0, 0.0), whole


def write_words(canvas: Canvas) -> None:
    """Write words, with a sign before and after some, and few numbers."""
    rng, high = canvas.rng, canvas.height
    gap = rng.uniform(-0.02, 0.2) * high
    numbers = rng.choice([0, 0, 0.15, 0.4])
    y = -0.5 * SIDE + rng.uniform(0, 1.5) * high
    while y < 0.5 * SIDE:
        x = -0.5 * SIDE
        while x < 0.5 * SIDE:
            before, after = AROUND[rng.integers(len(AROUND))]
            for char in f"{before}{WORDS[rng.integers(len(WORDS))]}{after}":
                x = _write(canvas, char, x, y) + gap
            x += rng.uniform(0.3, 0.9) * high
            for _ in range(int(rng.integers(1, 4)) if rng.random() < numbers else 0):
                x += canvas.digit(x + 0.3 * high, y, high) + rng.uniform(0.03, 0.2) * high
            x += rng.uniform(0.3, 4) * high
        y += rng.uniform(1.4, 2.4) * high


def _write(canvas: Canvas, char: str, x: float, y: float) -> float:
    """Write a letter or sign from `x` on; gives where it ends."""
    high = canvas.height
    if char == " ":
        return x + 0.4 * high
    glyph = canvas.hand.letter(char, canvas.rng, high) if char.isalpha() else draw_sign(canvas, char, high)
    canvas.stamp(glyph, x + glyph.shape[1] / 2, on_line(char, glyph, y, high) if char.isalpha() else y)
    return x + glyph.shape[1]


def _parts(
    rng: np.random.Generator, page: tuple[float, float, float, float]
) -> list[tuple[float, float, float, float]]:
    """Divide a page, its left, top, right and lower end in its sides, into one part or more."""
    left, top, right, bottom = page
    across = rng.random() < (right - left) / (right - left + bottom - top)
    low, high = (left, right) if across else (top, bottom)
    if high - low < 2 * LEAST_PART or (rng.random() < 0.3 and high - low < 1):
        return [page]
    at = rng.uniform(low + LEAST_PART, high - LEAST_PART)
    one, other = (left, top, at, bottom), (at, top, right, bottom)
    if not across:
        one, other = (left, top, right, at), (left, at, right, bottom)
    return [*_parts(rng, one), *_parts(rng, other)]


def _area(canvas: Canvas, half: tuple[float, float], room: float) -> NDArray[np.uint8]:
    """Mark what lies around the middle of what is written on, less some room on every side: uint8 (SIDE, SIDE)."""
    area = np.zeros((SIDE, SIDE), np.uint8)
    w, h = (max(side - room, 1) for side in half)
    corners = [canvas.place(a * w, b * h) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return np.asarray(cv2.fillConvexPoly(area, np.rint(np.array(corners)).astype(np.int32), (1,)), np.uint8)
