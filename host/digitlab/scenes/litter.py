"""What lies beside the writing or over it: rules, print, dust, show-through, rings, strokes that cross out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitlab.scenes.canvas import Canvas
from digitlab.scenes.fonts import PRINTS, fonts, set_in
from digitlab.scenes.glyphs import LETTERS
from digitlab.scenes.scene import SIDE, Mark


def rule(canvas: Canvas) -> None:
    """Print rules, squares or dots over all of the page."""
    rng = canvas.rng
    every = max(5.0, canvas.height * rng.uniform(0.35, 2.5))
    thick = rng.uniform(0.5, 1 + 0.06 * every)
    reach = 0.8 * SIDE
    strength = np.float32(rng.uniform(0.1, 1.0))
    before = canvas.print_.copy()
    kind = rng.random()
    start = rng.uniform(0, every)
    for at in np.arange(-reach + start, reach, every):
        if kind < 0.85:
            canvas.line((-reach, at), (reach, at), thick, printed=True)
        if kind > 0.45:
            canvas.line((at, -reach), (at, reach), thick, printed=True)
    canvas.print_ = np.maximum(before, canvas.print_ * strength)


def strew(canvas: Canvas) -> None:
    """Print beside the writing, dust, show-through, rings, strokes that cross out."""
    rng = canvas.rng
    if rng.random() < 0.16:
        _print_captions(canvas)
    if rng.random() < 0.1:
        _strew_dust(canvas)
    if rng.random() < 0.1 and canvas.labels:  # the page's back shows through
        ghost = cv2.GaussianBlur(np.ascontiguousarray(canvas.ink[:, ::-1]), (0, 0), float(rng.uniform(0.8, 3)))
        canvas.ink = np.maximum(canvas.ink, ghost * np.float32(rng.uniform(0.03, 0.25)))
    if rng.random() < 0.05 and canvas.labels:
        _circle(canvas)
    if rng.random() < 0.07 and canvas.labels:
        _cross_out(canvas)


def _print_captions(canvas: Canvas) -> None:
    """Print words where no digit stands."""
    rng = canvas.rng
    prints = fonts(PRINTS)
    free = _find_free(canvas)
    for _ in range(int(rng.integers(1, 7)) if prints else 0):
        font = prints[rng.integers(len(prints))]
        h = float(np.exp(rng.uniform(np.log(4), np.log(26))))
        x, y = rng.uniform(-0.5, 0.3, 2) * SIDE
        for _ in range(int(rng.integers(3, 30))):
            glyph = set_in(font, LETTERS[rng.integers(len(LETTERS))], h)
            cx, cy = canvas.place(x, y)
            if 0 <= cx < SIDE and 0 <= cy < SIDE and free[int(cy), int(cx)]:
                canvas.stamp(glyph, x, y, printed=True)
            x += (glyph.shape[1] if glyph.size else h / 2) + h * 0.1 + (h * 0.5 if rng.random() < 0.18 else 0)


def _strew_dust(canvas: Canvas) -> None:
    rng = canvas.rng
    dust = np.zeros((SIDE, SIDE), np.float32)
    largest = int(max(2, canvas.height * 0.12))
    for _ in range(int(rng.integers(4, 120))):
        x, y = (int(v) for v in rng.integers(0, SIDE, 2))
        cv2.circle(dust, (x, y), int(rng.integers(0, largest)), (float(rng.uniform(0.2, 1)),), -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(dust, (0, 0), float(rng.uniform(0.4, 2)))
    canvas.ink = np.maximum(canvas.ink, soft * np.float32(rng.uniform(0.1, 1)))


def _cross_out(canvas: Canvas) -> None:
    """Cross out a few digits: by several strokes, which leave none, or by one, and then nobody has to see it."""
    rng = canvas.rng
    out: list[int] = []
    for place in rng.permutation(len(canvas.labels))[: int(rng.integers(1, 6))].tolist():
        label = canvas.labels[place]
        x, y, w, h = label.box
        strokes = int(rng.integers(2, 8)) if rng.random() < 0.6 else 1
        for _ in range(strokes):
            a = (int(x - 0.2 * w), int(y + rng.uniform(0, 1) * h))
            b = (int(x + 1.2 * w), int(y + rng.uniform(0, 1) * h))
            cv2.line(canvas.ink, a, b, (1.0,), max(1, round(canvas.hand.pen * h)), cv2.LINE_AA)
        if strokes > 1:
            out.append(place)
            canvas.marks.append(Mark(label.box, unlike=True))
        else:
            canvas.labels[place] = label._replace(unsure=True)  # a 7 has such a stroke, a 0 may
    canvas.labels = [label for place, label in enumerate(canvas.labels) if place not in out]


def _circle(canvas: Canvas) -> None:
    """Circle a few digits, tightly or widely."""
    rng = canvas.rng
    for place in rng.permutation(len(canvas.labels))[: int(rng.integers(1, 6))]:
        x, y, w, h = canvas.labels[place].box
        side = max(w, h)
        middle = x + w / 2 + rng.normal(0, 0.06) * side, y + h / 2 + rng.normal(0, 0.06) * side
        axes = side * rng.uniform(0.55, 1.0), side * rng.uniform(0.55, 1.0)
        canvas.ring(middle, axes, canvas.hand.pen * side * rng.uniform(0.4, 1))


def _find_free(canvas: Canvas) -> NDArray[np.bool_]:
    """Tell where no digit stands."""
    free = np.ones((SIDE, SIDE), np.bool_)
    for label in canvas.labels:
        x, y, w, h = (int(n) for n in label.box)
        margin = int(0.35 * h) + 2
        free[max(0, y - margin) : y + h + margin, max(0, x - margin) : x + w + margin] = False
    return free
