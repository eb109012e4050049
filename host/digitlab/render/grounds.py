"""What fills a picture without any digit: patterns, print, noise, stains.

Each is a `sheet.Surface`: (rng, side) -> float32 (side, side), how much lighter than its tone each place is. Wood,
cloth and a room full of things come from `finding.surfaces`.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitlab.render.marks import FONTS, prose
from digitlab.render.sheet import Float
from digitlab.render.surfaces import soft

Rng = np.random.Generator


def dots(rng: Rng, side: int) -> Float:
    """Draw a raster of dots."""
    step = _step(rng, 9, 70)
    radius = step * rng.uniform(0.1, 0.32)
    seen = np.zeros((side, side), np.float32)
    for x, y in _raster(rng, side, step):
        cv2.circle(seen, (round(16 * x), round(16 * y)), round(16 * radius), (1.0,), -1, cv2.LINE_AA, 4)
    return _ink(rng, seen)


def squares(rng: Rng, side: int) -> Float:
    """Draw a raster of squares, filled or not."""
    step = _step(rng, 14, 90)
    half, thick = step * rng.uniform(0.2, 0.4), int(rng.choice([-1, 1, 2, 3]))
    seen = np.zeros((side, side), np.float32)
    for x, y in _raster(rng, side, step):
        corners = (round(x - half), round(y - half)), (round(x + half), round(y + half))
        cv2.rectangle(seen, *corners, (1.0,), thick)
    return _ink(rng, seen)


def tally(rng: Rng, side: int) -> Float:
    """Draw rows of tally marks: four strokes and a fifth across them, or strokes without end, as a fence has them."""
    step, high, endless = _step(rng, 7, 24), rng.uniform(2.2, 5), rng.random() < 0.4  # noqa: PLR2004
    thick = max(1, round(step * rng.uniform(0.1, 0.35)))
    seen = np.zeros((side, side), np.float32)
    for top in np.arange(0, side, step * high * rng.uniform(1.15, 1.6)):
        left, lean = rng.uniform(-2, 0) * step, rng.normal(0, 0.1)
        while left < side:
            ends = rng.normal(0, 0.12, (4, 2, 2)) * step
            for n in range(4):
                x = left + n * step
                _stroke(seen, (x, top) + ends[n, 0], (x + lean * high * step, top + high * step) + ends[n, 1], thick)
            if not endless:
                slope = step * np.array([4, -rng.uniform(0.3, 0.8) * high])
                start = np.array([left - 0.6 * step, top + 0.8 * high * step])
                _stroke(seen, start, start + slope, thick)
            left += step * (4 if endless else rng.uniform(5.5, 7))
    return _ink(rng, seen)


def newspaper(rng: Rng, side: int) -> Float:
    """Draw columns of print with headings, and a picture or two."""
    seen = np.zeros((side, side), np.float32)
    font, wide = FONTS[rng.integers(3)], side / rng.uniform(3, 7)
    scale = rng.uniform(0.28, 0.55)
    pitch = 21 * scale * rng.uniform(1.6, 2)
    for left in np.arange(0, side, wide):
        y = rng.uniform(0, 3) * pitch
        while y < side:
            what = rng.random()
            if what < 0.04:  # noqa: PLR2004
                _picture(rng, seen, (round(left), round(y), round(0.94 * wide), round(wide * rng.uniform(0.4, 1))))
                y += wide
            heading = 2 if what > 0.94 else 1  # noqa: PLR2004
            y += pitch * heading
            _print_line(rng, seen, (left, y), 0.94 * wide, (font, heading * scale))
            y += pitch * (rng.random() < 0.05)  # noqa: PLR2004
    return _ink(rng, seen)


def static(rng: Rng, side: int) -> Float:
    """Draw noise of any grain, as of no picture at all."""
    cells = side / np.exp(rng.uniform(0, np.log(12)))
    seen = soft(rng, side, cells)
    return np.asarray((np.sign(seen) if rng.random() < 0.4 else seen) * rng.uniform(0.1, 0.5), np.float32)  # noqa: PLR2004


def stains(rng: Rng, side: int) -> Float:
    """Draw what a whiteboard keeps: smears of what was wiped off, spots, scratches."""
    smears = np.maximum(0, soft(rng, side, rng.uniform(8, 30), rng.uniform(2, 6)) - 0.2) * rng.uniform(0.05, 0.3)
    spots, lines = np.zeros((side, side), np.float32), np.zeros((side, side), np.float32)
    for x, y, size in zip(*rng.uniform(0, side, (2, 40)), np.exp(rng.normal(0.5, 0.8, 40)), strict=True):
        cv2.circle(spots, (round(x), round(y)), max(1, round(size)), (float(rng.uniform(0.1, 0.9)),), -1, cv2.LINE_AA)
    for _ in range(int(rng.integers(2, 9))):
        path = rng.uniform(0, side, 2) + np.cumsum(rng.normal(0, 30, (6, 2)), axis=0)
        cv2.polylines(lines, [path.astype(np.int32)], isClosed=False, color=[1.0], thickness=int(rng.integers(2, 9)))
    wiped = cv2.GaussianBlur(lines, (0, 0), float(rng.uniform(2, 6))) * rng.uniform(0.05, 0.25)
    return np.asarray(-smears - wiped - cv2.GaussianBlur(spots, (0, 0), float(rng.uniform(0.6, 2))), np.float32)


def _step(rng: Rng, least: float, most: float) -> float:
    """Choose any size between two, small ones as likely as large ones, pixels."""
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))


def _raster(rng: Rng, side: int, step: float) -> list[list[float]]:
    """Give places `step` apart, in rows or like bricks."""
    brick = 0.5 * rng.integers(2)
    y, x = np.mgrid[0 : side + step : step, 0 : side + step : step]
    x = x + brick * (np.arange(len(x)) % 2)[:, None] * step
    places: list[list[float]] = np.stack([x.ravel(), y.ravel()], axis=1).tolist()
    return places


def _ink(rng: Rng, seen: Float) -> Float:
    """Give ink, 0 to 1, as it darkens paper."""
    return np.asarray(seen * -rng.uniform(0.2, 0.8), np.float32)


def _stroke(seen: Float, first: NDArray[np.float64], last: NDArray[np.float64], thick: int) -> None:
    ends = np.rint(16 * np.stack([first, last])).astype(np.int32)
    cv2.polylines(seen, [ends], isClosed=False, color=[1.0], thickness=thick, lineType=cv2.LINE_AA, shift=4)


def _print_line(rng: Rng, seen: Float, at: tuple[float, float], wide: float, font: tuple[int, float]) -> None:
    """Draw a line of words that ends where its column does."""
    text = ""
    while len(text) < 200:  # noqa: PLR2004
        longer = f"{text}{prose(rng)} "
        if cv2.getTextSize(longer, *font, 1)[0][0] > wide:
            break
        text = longer
    print_ = np.zeros(seen.shape, np.uint8)
    cv2.putText(print_, text, (round(at[0]), round(at[1])), *font, (255,), 1)
    seen[print_ > 0] = 1


def _picture(rng: Rng, seen: Float, box: tuple[int, int, int, int]) -> None:
    x, y, w, h = box
    place = seen[y : y + h, x : x + w]
    place[:] = (0.5 + 0.5 * soft(rng, max(w, h), rng.uniform(3, 12)))[: place.shape[0], : place.shape[1]]
