"""What stands on paper beside digits: letters, operators, doodles, crossed-out words, smudges.

None of it may be taken for a digit by a fair reader, so letters that look like one (O, l, S, Z, b, g, q) are left out.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey

LETTERS = "ACEFHKLMNPRTVWXcdefhkmnrtvwx"
OPERATORS = "+-=x*%#&?!@$:"
BRACKETS = "()[]/"  # which are told from a 1 by what they stand beside alone
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
CAPITAL = 21  # height of the fonts' capitals at scale 1, pixels
ALPHABET = "aabcdeeeefghiijklmnnoopqrrssttuuvwxyz"  # about as often as each is printed
BENT = 14.0  # pixels: what stands beside smaller digits is not worth bending
ROOM = 0.2  # of a digit's height: how far bending may lead ink out of where it was
PITCH = 1.7  # from line to line of print, in heights of a capital

Shape = Callable[[np.random.Generator], list[NDArray[np.float64]]]
"""A doodle: strokes, each float64 (n, 2) in a box about 1 high."""
Words = Callable[[np.random.Generator], str]


def character(char: str, rng: np.random.Generator, height: float, pen: float) -> Grey:
    """Draw a letter or operator as a hand would.

    Args:
        char: one of `LETTERS` and `OPERATORS`.
        rng: decides everything; the same state gives the same picture.
        height: of a capital letter, in pixels.
        pen: width of its strokes, in pixels.

    Returns:
        uint8 (h, w), the ink from 0 to 255, cropped.
    """
    font = FONTS[rng.integers(len(FONTS))]
    scale, thick = height / CAPITAL, max(1, round(pen))
    (width, tall), below = cv2.getTextSize(char, font, scale, thick)
    room = thick + round(0.35 * height)
    canvas = np.zeros((tall + below + 2 * room, width + 2 * room), np.uint8)
    cv2.putText(canvas, char, (room, room + tall), font, scale, (255,), thick, cv2.LINE_AA)
    return bent(canvas, rng, height)


def doodle(rng: np.random.Generator, height: float, pen: float) -> Grey:
    """Draw something that is neither digit nor letter: an arrow, a star, a heart, a scribble.

    Returns:
        uint8 (about `height`, its width), the ink from 0 to 255, cropped.
    """
    strokes = SHAPES[rng.integers(len(SHAPES))](rng)
    points = np.concatenate(strokes)
    low, span = points.min(axis=0), max(1e-6, float(np.ptp(points[:, 1])), float(np.ptp(points[:, 0])) / 2)
    room = pen + 2
    size = (np.ptp(points, axis=0) / span * height + 2 * room).astype(int)
    canvas = np.zeros((size[1], size[0]), np.uint8)
    for stroke in strokes:
        fixed = np.rint(((stroke - low) / span * height + room) * 16).astype(np.int32)
        cv2.polylines(canvas, [fixed], isClosed=False, color=[255], thickness=max(1, round(pen)), shift=4)
    return bent(np.asarray(cv2.GaussianBlur(canvas, (3, 3), 0), np.uint8), rng, height)


def print_block(
    rng: np.random.Generator, height: float, pen: float, *, lines: int | None = None, words: Words | None = None
) -> Grey:
    """Draw a few lines of small print, as a form or a newspaper has them around the writing.

    Args:
        rng: decides everything; the same state gives the same picture.
        height: of the whole block, in pixels.
        pen: is not what print is made with, and not used.
        lines: how many, or None for any number from 2 to 4.
        words: makes each word, or None for `word`.

    Returns:
        uint8 (about `height`, its width), the ink from 0 to 255, cropped.
    """
    del pen
    lines, words = lines or int(rng.integers(2, 5)), words or word
    scale = height / lines / PITCH / CAPITAL
    font, thick = FONTS[rng.integers(3)], max(1, round(2 * scale))
    texts = [" ".join(words(rng) for _ in range(int(rng.integers(1, 4)))) for _ in range(lines)]
    width = max(cv2.getTextSize(text, font, scale, thick)[0][0] for text in texts)
    canvas = np.zeros((round(1.5 * height), width + 8), np.uint8)
    for number, text in enumerate(texts, 1):
        cv2.putText(canvas, text, (4, round(number * height / lines)), font, scale, (255,), thick, cv2.LINE_AA)
    x, y, w, h = cv2.boundingRect(canvas)
    return np.ascontiguousarray(canvas[y : y + h, x : x + w], np.uint8)


def strike(rng: np.random.Generator, size: tuple[float, float], pen: float) -> tuple[Grey, int]:
    """Cross something out: a line, two, an X, or to and fro over it.

    Args:
        rng: decides everything; the same state gives the same picture.
        size: width and height of what is crossed out, in pixels.
        pen: width of the strokes, in pixels.

    Returns:
        uint8 (h, w), the ink from 0 to 255, and how many pixels it reaches beyond each side.
    """
    room = round(0.15 * size[1] + pen)
    canvas = np.zeros((round(size[1]) + 2 * room, round(size[0]) + 2 * room), np.uint8)
    for stroke in STRIKES[rng.integers(len(STRIKES))](rng):
        fixed = np.rint((stroke * size + room) * 16).astype(np.int32)
        cv2.polylines(canvas, [fixed], isClosed=False, color=[255], thickness=max(1, round(pen)), shift=4)
    return np.asarray(cv2.GaussianBlur(canvas, (3, 3), 0), np.uint8), room


def word(rng: np.random.Generator) -> str:
    """Give a few of `LETTERS`."""
    return "".join(LETTERS[i] for i in rng.integers(0, len(LETTERS), int(rng.integers(3, 7))))


def prose(rng: np.random.Generator) -> str:
    """Give a word as it is printed: any letters, perhaps a capital first."""
    letters = "".join(ALPHABET[i] for i in rng.integers(0, len(ALPHABET), int(rng.integers(2, 11))))
    return letters.capitalize() if rng.random() < 0.15 else letters  # noqa: PLR2004


def smudge(rng: np.random.Generator, height: float) -> Grey:
    """Draw a soft spot: dust out of focus, a stain, a fingerprint; uint8 (h, w), 0 to 255."""
    sigma = height / 5 * np.exp(rng.normal(0, 0.3, 2))
    y, x = np.mgrid[-height / 2 : height / 2, -height / 2 : height / 2]
    spot = np.exp(-(((x / sigma[0]) ** 2 + (y / sigma[1]) ** 2) ** rng.uniform(0.8, 3)))
    return np.asarray(255 * spot, np.uint8)


def bent(image: Grey, rng: np.random.Generator, height: float) -> Grey:
    """Lean and warp what was drawn too regularly, and crop it to its ink.

    Args:
        image: uint8 (h, w), the ink from 0 to 255.
        rng: decides everything; the same state gives the same picture.
        height: of a digit beside it, in pixels.
    """
    tall, wide = image.shape
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    waves = rng.normal(0, 0.06 * height, (4, 4, 2)).astype(np.float32)
    wave = cv2.resize(waves, (wide, tall), interpolation=cv2.INTER_CUBIC)
    x = x + np.float32(rng.normal(0.1, 0.15)) * (y - tall / 2) + wave[..., 0]
    bent = cv2.remap(image, x, y + wave[..., 1], cv2.INTER_LINEAR)
    left, top, w, h = cv2.boundingRect((bent > 32).astype(np.uint8))  # noqa: PLR2004 (an eighth of full ink)
    return np.ascontiguousarray(bent[top : top + h, left : left + w] if w else image, np.uint8)


def bent_glyph(glyph: Grey, rng: np.random.Generator, height: float, share: float = 1) -> Grey:
    """Bend a character that is cropped to its ink, as a font or a ruler draws it; a small one stays as it is.

    Args:
        glyph: uint8 (h, w), the ink from 0 to 255.
        rng: decides everything; the same state gives the same picture.
        height: of a digit beside it, in pixels.
        share: of what `bent` warps it by.
    """
    return bent(np.pad(glyph, round(ROOM * height)), rng, share * height) if height >= BENT else glyph


def _polyline(*points: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(points, np.float64)


def _arrow(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    end = rng.uniform(1, 2)
    return [_polyline((0, 0.5), (end, 0.5)), _polyline((end - 0.4, 0.15), (end, 0.5), (end - 0.4, 0.85))]


def _star(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    turn = np.pi * (0.5 + 0.8 * np.arange(6)) + rng.uniform(-0.2, 0.2)
    return [np.stack([np.cos(turn), -np.sin(turn)], axis=1)]


def _heart(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    t = np.linspace(0, 2 * np.pi, 40) + rng.uniform(0, 0.5)
    return [np.stack([16 * np.sin(t) ** 3, -13 * np.cos(t) + 5 * np.cos(2 * t) + 2 * np.cos(3 * t)], axis=1) / 30]


def _box(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    w = rng.uniform(0.9, 1.8)
    return [_polyline((0, 0), (w, 0), (w, 1), (0, 1), (0, 0))]


def _triangle(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    return [_polyline((rng.uniform(0.3, 0.7), 0), (1.1, 1), (0, 1), (0.5, 0))]


def _scribble(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Give a word crossed out: to and fro, over and over."""
    n = int(rng.integers(8, 24))
    x = np.linspace(0, rng.uniform(0.8, 2.5), n)
    return [np.stack([x + rng.normal(0, 0.12, n), np.arange(n) % 2 + rng.normal(0, 0.2, n)], axis=1)]


def _wave(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    t = np.linspace(0, rng.uniform(3, 6) * np.pi, 60)
    return [np.stack([t / 3, 0.5 * np.sin(t)], axis=1)]


def _hash(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Give lines across lines: hatching, a tally."""
    n = int(rng.integers(3, 6))
    down = [_polyline((0.3 * i, 0), (0.3 * i + rng.normal(0, 0.05), 1)) for i in range(n)]
    return [*down, _polyline((-0.2, rng.uniform(0.3, 0.9)), (0.3 * n, rng.uniform(0.1, 0.7)))]


def _asterisk(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    angles = np.arange(3) * np.pi / 3 + rng.uniform(0, 1)
    return [np.array([(np.cos(a), np.sin(a)), (-np.cos(a), -np.sin(a))]) for a in angles]


def _lines_across(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Give one line across, or two."""
    return [_polyline((-0.15, y), (1.15, y + rng.normal(0, 0.1))) for y in ((0.5,), (0.35, 0.65))[rng.integers(2)]]


def _crossed(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    low, high = rng.uniform(-0.1, 0.15, 2)
    return [_polyline((-0.1, low), (1.1, 1 - low)), _polyline((1.1, high), (-0.1, 1 - high))]


def _to_and_fro(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    n = int(rng.integers(6, 14))
    across = np.where(np.arange(n) % 2, -0.1, 1.1) + rng.normal(0, 0.06, n)
    return [np.stack([across, np.linspace(0.05, 0.95, n) + rng.normal(0, 0.04, n)], axis=1)]


STRIKES: tuple[Shape, ...] = (_lines_across, _crossed, _to_and_fro)
SHAPES: tuple[Shape, ...] = (_arrow, _star, _heart, _box, _triangle, _scribble, _wave, _hash, _asterisk)
