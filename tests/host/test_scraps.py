"""A large digit is read though scraps of other ink lie in the corners, as where a sheet is held up before a camera."""

import cv2
import numpy as np

from digitcam import Reader
from digitcam.frame import Grey
from digitlab.render import marks
from digitlab.render.strokes import Writer, draw

PAGES = 150
LEAST = 140  # of them are read right; if such a digit had to be as sure as one among others, it would be 137


def lay(page: Grey, ink: Grey, x: int, y: int) -> None:
    place = page[y : y + ink.shape[0], x : x + ink.shape[1]]
    place -= np.minimum(place, (0.75 * ink[: place.shape[0], : place.shape[1]]).astype(np.uint8))


def page(seed: int) -> tuple[Grey, str]:
    """A page with one digit, and which that is."""
    rng = np.random.default_rng(seed)
    digit, height = int(rng.integers(10)), float(rng.uniform(200, 330))
    ink = draw(digit, rng, height, height * rng.uniform(0.06, 0.25), Writer.random(rng))
    canvas = np.full((480, 640), 200, np.uint8)
    lay(canvas, ink, 320 - ink.shape[1] // 2, max(0, 240 - ink.shape[0] // 2))
    for x, y in ((10, 10), (550, 10), (10, 410), (550, 410)):
        lay(canvas, marks.doodle(rng, float(rng.uniform(30, 60)), 5.0), x, y)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 1.5), np.uint8), str(digit)


def test_a_large_digit_is_read_though_scraps_lie_around_it() -> None:
    reader = Reader()
    assert sum(reader.read(image).text == digit for image, digit in map(page, range(PAGES))) >= LEAST
