"""Pages without a digit: patterns of dots, squares and strokes, doodles, other marks, or nothing at all."""

from collections.abc import Iterator

import cv2
import numpy as np

from digitlab.scenes.canvas import Canvas
from digitlab.scenes.scene import SIDE
from digitlab.scenes.signs import put_mark


def write_nothing(canvas: Canvas) -> None:
    """Write no digit: dots, squares, tally marks, hatching, doodles, or nothing at all."""
    rng = canvas.rng
    kind = rng.integers(len(_PATTERNS) + 1)
    step = float(np.exp(rng.uniform(np.log(5), np.log(60))))
    thick = max(1.0, step * rng.uniform(0.03, 0.2))
    if kind < len(_PATTERNS):
        _PATTERNS[kind](canvas, step, thick)


def _places(canvas: Canvas, step: float) -> Iterator[tuple[int, int]]:
    """Give places so far apart, all over the page, in pixels of the scene."""
    for x in np.arange(-0.7 * SIDE, 0.7 * SIDE, step):
        for y in np.arange(-0.7 * SIDE, 0.7 * SIDE, step):
            cx, cy = canvas.place(x, y)
            yield int(cx), int(cy)


def _draw_dots(canvas: Canvas, step: float, thick: float) -> None:  # noqa: ARG001  # as all of these are called
    line = -1 if step % 2 < 1.4 else 1
    for place in _places(canvas, step):
        cv2.circle(canvas.ink, place, max(1, int(step * 0.2)), (1.0,), line, cv2.LINE_AA)


def _draw_squares(canvas: Canvas, step: float, thick: float) -> None:  # noqa: ARG001
    rng = canvas.rng
    for x, y in _places(canvas, step):
        half = int(step * rng.uniform(0.2, 0.35))
        cv2.rectangle(canvas.ink, (x - half, y - half), (x + half, y + half), (1.0,), int(rng.choice([-1, 1])))


def _draw_fence(canvas: Canvas, step: float, thick: float) -> None:
    """Draw tally marks, bars, hatching."""
    rng = canvas.rng
    for y in np.arange(-0.5 * SIDE, 0.5 * SIDE, step * 3):
        lean = rng.normal(0, 0.2)
        for x in np.arange(-0.6 * SIDE, 0.6 * SIDE, step):
            canvas.line((x, y), (x + lean * step, y + 2 * step), thick)
            if rng.random() < 0.15:
                canvas.line((x - 3 * step, y + 1.6 * step), (x + step, y + 0.3 * step), thick)


def _draw_doodles(canvas: Canvas, step: float, thick: float) -> None:  # noqa: ARG001
    rng = canvas.rng
    for _ in range(int(rng.integers(1, 25))):
        x, y = rng.uniform(-0.5, 0.5, 2) * SIDE
        canvas.stamp(canvas.hand.doodle(rng, step * rng.uniform(0.6, 3)), x, y)


def _scatter_marks(canvas: Canvas, step: float, thick: float) -> None:  # noqa: ARG001
    rng = canvas.rng
    for _ in range(int(rng.integers(3, 80))):
        x, y = rng.uniform(-0.5, 0.5, 2) * SIDE
        put_mark(canvas, x, y, step)


def _scrawl(canvas: Canvas, step: float, thick: float) -> None:
    rng = canvas.rng
    path = np.cumsum(rng.normal(0, step, (int(rng.integers(8, 80)), 2)), axis=0) + SIDE / 2
    points = (cv2.blur(path.astype(np.float32), (1, 5)) * 16).astype(np.int32)
    cv2.polylines(
        canvas.ink, [points], isClosed=False, color=(1.0,), thickness=max(1, int(thick)), lineType=cv2.LINE_AA, shift=4
    )


_PATTERNS = (_draw_dots, _draw_squares, _draw_fence, _draw_doodles, _scatter_marks, _scrawl)
