"""Pages drawn with digits of shipped crops, and where each stands."""

from functools import cache
from importlib.resources import files

import cv2
import numpy as np

from digitcam.frame import Grey
from digitcam.reading import Box

WIDTH, HEIGHT = 640, 480


def paper(level: int = 210, *, noise: float = 2.0, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Grey:
    """Bare paper of a grey level, (width, height) pixels."""
    rng = np.random.default_rng(3)
    return np.clip(rng.normal(level, noise, size[::-1]), 0, 255).astype(np.uint8)


@cache
def _crops() -> tuple[Grey, Grey]:
    with np.load(str(files("digitcam") / "samples" / "digits.npz")) as shipped:
        return shipped["images"], shipped["labels"]


def glyph(digit: int, height: int, number: int = 0) -> Grey:
    """A digit's ink, uint8 (height, width), 255 where it is darkest."""
    images, labels = _crops()
    crop = images[np.flatnonzero(labels == digit)[number]]
    x, y, w, h = cv2.boundingRect((crop > 40).astype(np.uint8))
    size = max(3, round(w * height / h)), height
    how = cv2.INTER_CUBIC if height > h else cv2.INTER_AREA
    return np.asarray(cv2.resize(crop[y : y + h, x : x + w], size, interpolation=how), np.uint8)


def lay(page: Grey, drawn: Grey, x: int, y: int, ink: int = 60) -> Box:
    """Draw on a page, with the top left corner at (x, y); what lies outside the page is cut off."""
    h, w = drawn.shape
    x0, y0, x1, y1 = max(0, x), max(0, y), min(page.shape[1], x + w), min(page.shape[0], y + h)
    share = drawn[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.float32) / 255
    page[y0:y1, x0:x1] = (page[y0:y1, x0:x1] * (1 - share) + ink * share).astype(np.uint8)
    return Box(x, y, w, h)


def write(page: Grey, text: str, x: int, y: int, *, height: int = 60, ink: int = 60, gap: float = 0.35) -> list[Box]:
    """Write digits on a page, the top left corner of the first at (x, y); returns their boxes.

    `gap` is the paper between two, in heights; negative: they overlap.
    """
    boxes = []
    for number, character in enumerate(text):
        boxes.append(lay(page, glyph(int(character), height, number % 5), x, y, ink))
        x += boxes[-1].w + round(gap * height)
    return boxes
