"""Operators and other marks that are no digits."""

from collections.abc import Sequence

import cv2
import numpy as np

from digitcam.frame import Grey
from digitlab.render import marks
from digitlab.render.surfaces import Rng
from digitlab.scenes.canvas import Canvas
from digitlab.scenes.fonts import PRINTS, fonts, foreign, set_in
from digitlab.scenes.glyphs import ALONE, UNLIKE, Hand

Stroke = Sequence[tuple[float, float]]  # (x, y) of its corners, in heights of a sign


def put_mark(canvas: Canvas, x: float, y: float, high: float) -> float:
    """Put a mark that is no digit on the page, its left middle at (x, y); gives its width."""
    rng = canvas.rng
    kind = rng.random()
    unlike = kind < 0.7
    if kind < 0.35:
        glyph = canvas.hand.letter(ALONE[rng.integers(len(ALONE))], rng, high)
    elif kind < 0.7:
        glyph = draw_sign(canvas, UNLIKE[rng.integers(len(UNLIKE))], high * rng.uniform(0.7, 1.2))
    elif kind < 0.8:
        glyph = canvas.hand.doodle(rng, high)
    elif kind < 0.9:
        glyph, unlike = foreign(rng, high)
    else:  # a comma or a dot at the line's foot
        glyph, y = draw_strokes(rng, ",."[rng.integers(2)], high, canvas.hand), y + 0.5 * high
    wide = float(glyph.shape[1]) if glyph.size else high / 2
    canvas.stamp(glyph, x + wide / 2, y, unlike=unlike)
    return wide


def draw_sign(canvas: Canvas, sign: str, high: float) -> Grey:
    """Draw an operator: in a font's hand, or drawn as a few strokes."""
    rng = canvas.rng
    if rng.random() < 0.6 and sign in "+-=x*/()[]|<>÷∫,.":
        drawn = draw_strokes(rng, sign, high, canvas.hand)
        # nobody's strokes are as straight as these; half as much as letters, being plainer
        return marks.bent_glyph(drawn, rng, high, 0.5)
    glyph = canvas.hand.letter(sign, rng, high)
    if not glyph.size:
        prints = fonts(PRINTS)
        glyph = set_in(prints[rng.integers(len(prints))], sign, high) if prints else glyph
    return glyph


def draw_strokes(rng: Rng, sign: str, high: float, hand: Hand) -> Grey:
    """Draw an operator by strokes, at four times the size; a slash leans more than the hand's 1s."""
    leans = max(0.15, hand.writer.slant + rng.uniform(0.1, 0.9))
    r = rng.normal(0, 0.04, (8, 2))
    bow = rng.uniform(0.08, 0.35)
    t = np.linspace(-1, 1, 12)
    signs: dict[str, list[Stroke]] = {
        "+": [[(0, 0.5), (0.6, 0.5)], [(0.3, 0.2), (0.3, 0.8)]],
        "-": [[(0, 0.5), (0.6, 0.5)]],
        "=": [[(0, 0.38), (0.6, 0.38)], [(0, 0.62), (0.6, 0.62)]],
        "x": [[(0, 0.25), (0.5, 0.75)], [(0.5, 0.25), (0, 0.75)]],
        "*": [[(0, 0.3), (0.4, 0.7)], [(0.4, 0.3), (0, 0.7)], [(0.2, 0.25), (0.2, 0.75)]],
        "/": [[(leans, 0), (0, 1)]],
        "|": [[(0, -0.1), (0, 1.1)]],
        "(": [list(zip(bow * t * t, (t + 1) / 2, strict=True))],
        ")": [list(zip(-bow * t * t, (t + 1) / 2, strict=True))],
        "[": [[(0.25, 0), (0, 0), (0, 1), (0.25, 1)]],
        "]": [[(0, 0), (0.25, 0), (0.25, 1), (0, 1)]],
        "<": [[(0.5, 0.25), (0, 0.5), (0.5, 0.75)]],
        ">": [[(0, 0.25), (0.5, 0.5), (0, 0.75)]],
        "∫": [[(0.42, 0.1), (0.36, 0.01), (0.26, 0.1), (0.2, 0.5), (0.14, 0.9), (0.06, 0.99), (0, 0.9)]],
        ",": [[(rng.uniform(0, 0.12), 0), (0, rng.uniform(0.12, 0.3))]],
        ".": [[(0, 0), (0.01, 0.01)]],
        "÷": [[(0, 0.5), (0.6, 0.5)], [(0.3, 0.28), (0.3, 0.3)], [(0.3, 0.7), (0.3, 0.72)]],
    }
    fine = 4 if high < 60 else 1
    size = int(2 * high * fine) + 8
    canvas = np.zeros((size, size), np.uint8)
    for number, path in enumerate(signs[sign]):
        points = (np.array(path) + r[number] + 0.4) * high * fine
        cv2.polylines(
            canvas,
            [(points * 16).astype(np.int32)],
            isClosed=False,
            color=(255,),
            thickness=max(1, round(hand.pen * high * fine)),
            lineType=cv2.LINE_AA,
            shift=4,
        )
    x, y, w, h = cv2.boundingRect(canvas)
    cut = canvas[y : y + h, x : x + w]
    return np.asarray(cv2.resize(cut, (max(1, w // fine), max(1, h // fine)), interpolation=cv2.INTER_AREA), np.uint8)
