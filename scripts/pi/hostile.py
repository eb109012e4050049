"""Pictures that cost a reader most: full of what might be a digit and is none; a blank one; a large photograph."""

from collections.abc import Callable

import cv2
import numpy as np

from digitcam.frame import Grey

WIDTH, HEIGHT = 640, 480
PAPER, INK = 215, (45,)
RARE = 2  # standard deviations: a pore of wood for some forty spots
PHOTOGRAPH = (3000, 4000)  # of 12 megapixels: height, width
SEED = 20
NEWS = (
    "The council met on Tuesday evening to hear what had become of the bridge, and of the 40 trees beside it. "
    "Nobody could say. A report, 212 pages long, had been asked for in May and was promised for the autumn, but the "
    "engineer who was to write it has moved to the coast and answers no letters. Traffic goes round by the mill."
)


def blank() -> Grey:
    """A page with nothing on it, and a sensor's noise."""
    return _noisy(_page(), 1.5)


def dots() -> Grey:
    """Dotted paper, strong."""
    page = _page()
    for y in range(8, HEIGHT, 12):
        for x in range(8, WIDTH, 12):
            cv2.circle(page, (x, y), 2, INK, cv2.FILLED)
    return _noisy(page, 1.5)


def squares() -> Grey:
    """Squares of 8 pixels."""
    page = _page()
    for y in range(4, HEIGHT - 8, 16):
        for x in range(4, WIDTH - 8, 16):
            cv2.rectangle(page, (x, y), (x + 7, y + 7), INK, cv2.FILLED)
    return _noisy(page, 1.5)


def newspaper() -> Grey:
    """Columns of small print, of letters 9 pixels high."""
    page = _page()
    words = NEWS.split() * 20
    font, scale, leading, gutter = cv2.FONT_HERSHEY_COMPLEX_SMALL, 0.55, 14, 10
    for left in range(gutter, WIDTH - gutter, (WIDTH - gutter) // 3):
        for y in range(2 * leading, HEIGHT - leading, leading):
            x = left
            while x < left + (WIDTH - gutter) // 3 - 4 * gutter:
                word = words.pop(0)
                words.append(word)
                cv2.putText(page, word, (x, y), font, scale, INK, 1, cv2.LINE_AA)
                x += cv2.getTextSize(f"{word} ", font, scale, 1)[0][0]
    return _noisy(page, 1.5)


def wood() -> Grey:
    """A table's grain: long streaks, and pores."""
    rng = np.random.default_rng(SEED)
    streaks = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 40, None, 1.2)
    pores = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 7, None, 0.8)
    grain = 130 + 28 * streaks / streaks.std() - 45 * (pores / pores.std() > RARE)
    return _noisy(np.clip(grain, 0, 255).astype(np.uint8), 2)


def noise() -> Grey:
    """Nothing but that, in grains of two pixels."""
    grains = np.random.default_rng(SEED).integers(0, 256, (HEIGHT // 2, WIDTH // 2), np.uint8)
    return np.asarray(cv2.resize(grains, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST), np.uint8)


def fence() -> Grey:
    """Tally marks: hundreds that look like a 1 each, half of the groups with the fifth across them."""
    page = _page()
    rng = np.random.default_rng(SEED)
    for row, top in enumerate(range(14, HEIGHT - 40, 44)):
        for column, left in enumerate(range(16, WIDTH - 50, 62)):
            for stroke in range(4):
                x = left + 11 * stroke
                lean, up, down = rng.integers(-2, 3, 3).tolist()
                cv2.line(page, (x, top + up), (x + lean, top + 34 + down), INK, 3, cv2.LINE_AA)
            if (row + column) % 2:
                cv2.line(page, (left - 8, top + 30), (left + 42, top + 6), INK, 3, cv2.LINE_AA)
    return _noisy(page, 1.5)


def photograph(frame: Grey) -> Grey:
    """A frame four times on a page of 12 megapixels, enlarged."""
    height, width = PHOTOGRAPH
    large = cv2.resize(frame, (width // 2, height // 2), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.tile(large, (2, 2)), np.uint8)


HOSTILE: tuple[Callable[[], Grey], ...] = (blank, dots, squares, newspaper, wood, noise, fence)


def _page() -> Grey:
    return np.full((HEIGHT, WIDTH), PAPER, np.uint8)


def _noisy(page: Grey, sigma: float) -> Grey:
    noise = np.random.default_rng(SEED).normal(0, sigma, page.shape)
    return np.asarray(np.clip(np.rint(page + noise), 0, 255), np.uint8)
