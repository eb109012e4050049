"""Pages drawn with digits of shipped crops, and where each stands."""

from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from PIL import Image

from digitcam.frame import Grey
from digitcam.reading import Box

Colour = tuple[int, int, int]
WIDTH, HEIGHT = 640, 480
BLACK: Colour = (45, 45, 60)
MARKS: dict[str, Colour] = {"red": (205, 35, 45), "blue": (30, 60, 220), "green": (20, 130, 60)}
WORDS = (
    "its variables between",
    "relationship with the mean",
    "must be continuous and",
    "a linear relationship is",
    "the regression line and",
    "how the variables change",
    "between them and the mean",
)


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


def marked(marks: str, ink: Colour, pen: Colour = BLACK) -> Image.Image:
    """A page of writing, across which digits are written, larger and in another ink."""
    page = np.random.default_rng(4).normal(215, 2, (HEIGHT, WIDTH, 3))
    lines = [((20, 60 + 55 * number), text, 1.5, 2) for number, text in enumerate(WORDS)]
    digits = [((120 + 250 * number, 330), text, 6.0, 5) for number, text in enumerate(marks)]
    script, upright = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SIMPLEX
    for written, colour, font in ((lines, pen, script), (digits, ink, upright)):
        drawn: Grey = np.zeros((HEIGHT, WIDTH), np.uint8)
        for place, text, size, thick in written:
            cv2.putText(drawn, text, place, font, size, [255], thick, cv2.LINE_AA)
        page *= 1 - drawn[..., None] / 255 * (1 - np.array(colour) / 255)
    return Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))
