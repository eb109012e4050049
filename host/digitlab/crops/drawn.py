"""Crops of MNIST's pictures, varied, and of digits and marks that digitlab draws.

Every part follows from its seed and number alone, so the number of processes changes nothing.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from digitcam.labels import DIGIT_CLASSES, NO_DIGIT
from digitcam.recognition.normalize import BOX
from digitlab.crops.bar import bow, is_bar
from digitlab.crops.batch import Crops
from digitlab.data.augment import ENLARGE, as_seen, augment, photograph
from digitlab.parallel import in_parallel
from digitlab.render.marks import character, doodle
from digitlab.render.strokes import Writer, draw_set
from digitlab.render.strokes import draw as draw_one
from digitlab.scenes.glyphs import ALONE, UNLIKE

PART = 500  # pictures a job, a fifth of a second's work
MARKED = 0.25  # of the drawn pictures are no digits, ...
BOWED = 0.15  # ... and bowed 1s, which MNIST has few of and brackets are taken for
BARE = 0  # the style of a 1 that is nothing but a stroke


def vary(images: NDArray[np.uint8], labels: NDArray[np.uint8], variants: int, seed: int) -> Crops:
    """Give several variants of each picture, variant by variant in the pictures' order."""
    jobs = [
        (images[start : start + PART], [seed, 1, variant, start])
        for variant in range(variants)
        for start in range(0, len(images), PART)
    ]
    crops = np.concatenate(list(in_parallel(_vary, jobs, "variants of MNIST")))
    return Crops(crops, np.tile(labels, variants))


def _vary(job: tuple[NDArray[np.uint8], list[int]]) -> NDArray[np.uint8]:
    images, seed = job
    return augment(images, np.random.default_rng(seed))


def draw(count: int, seed: int) -> Crops:
    """Give at most so many digits and marks of digitlab's own: what only surroundings tell apart is left out."""
    jobs = [(min(PART, count - start), [seed, 2, start]) for start in range(0, count, PART)]
    return Crops.joined(list(in_parallel(_draw, jobs, "drawn digits")))


def _draw(job: tuple[int, list[int]]) -> Crops:
    count, seed = job
    rng = np.random.default_rng(seed)
    marked, bowed = round(MARKED * count), round(BOWED * count)
    height = BOX * ENLARGE
    digits, labels = draw_set(count - marked - bowed, rng, height=height)
    ones = [_bowed_one(rng, height, _pen(rng, height)) for _ in range(bowed)]
    marks = [_mark(rng, height, _pen(rng, height)) for _ in range(marked)]
    images = as_seen((photograph(np.pad(image, ENLARGE), rng) for image in [*digits, *ones, *marks]), count)
    labels = np.concatenate([labels, np.ones(bowed, np.uint8), np.full(marked, NO_DIGIT, np.uint8)])
    told_apart = (labels != NO_DIGIT) | ~is_bar(images)
    return Crops(images[told_apart], labels[told_apart])


def _pen(rng: np.random.Generator, height: float) -> float:
    return height * float(rng.uniform(0.04, 0.15))


def _bowed_one(rng: np.random.Generator, height: float, pen: float) -> NDArray[np.uint8]:
    bare = replace(Writer.random(rng), styles=(BARE,) * DIGIT_CLASSES)
    return bow(draw_one(1, rng, height, pen, bare), rng)


def _mark(rng: np.random.Generator, height: float, pen: float) -> NDArray[np.uint8]:
    if rng.random() < 0.5:  # noqa: PLR2004 (as many doodles as characters)
        return doodle(rng, height, pen)
    known = ALONE + UNLIKE
    return character(known[rng.integers(len(known))], rng, height, pen)
