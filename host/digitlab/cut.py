"""Where training's crops come from: MNIST varied, digits drawn, and what the device itself cuts from rendered frames.

Every part follows from its seed and number alone, so the number of processes changes nothing.
"""

import numpy as np
from numpy.typing import NDArray

from digitcam.classify import NO_DIGIT
from digitcam.config import FindConfig
from digitcam.find import find
from digitcam.normalize import BOX, SIDE, normalize
from digitcam.reading import Box
from digitlab.augment import ENLARGE, as_seen, augment, photograph
from digitlab.camera import Rendered
from digitlab.conditions import render_mixed
from digitlab.crops import Crops
from digitlab.hand import from_pictures
from digitlab.marks import LETTERS, OPERATORS, character, doodle
from digitlab.parallel import in_parallel
from digitlab.strokes import draw_set

PART = 500  # pictures a job, a fifth of a second's work
FRAMES = 10  # frames a job
HANDS = 1000  # of MNIST's pictures that the digits of one job's frames are taken from
MARKED = 0.25  # of the drawn pictures are no digits
WHOLE = 0.8  # of a digit's box: nearly all of it was found
TOUCHED = 0.15  # likewise: more than the tip of a neighbour
FILLED = 0.6  # of what was found is the digit; little else is in the box
SLACK = 3  # pixels: two boxes of the same ink may differ by so much at each side


def vary(images: NDArray[np.uint8], labels: NDArray[np.uint8], variants: int, seed: int) -> Crops:
    """Several variants of each picture, variant by variant in the pictures' order."""
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
    """Digits and marks of digitlab's own, in random order."""
    jobs = [(min(PART, count - start), [seed, 2, start]) for start in range(0, count, PART)]
    return Crops.joined(list(in_parallel(_draw, jobs, "drawn digits")))


def _draw(job: tuple[int, list[int]]) -> Crops:
    count, seed = job
    rng = np.random.default_rng(seed)
    marked = round(MARKED * count)
    height = BOX * ENLARGE
    digits, labels = draw_set(count - marked, rng, height=height)
    marks = [_mark(rng, height, height * float(rng.uniform(0.04, 0.15))) for _ in range(marked)]
    images = as_seen((photograph(np.pad(image, ENLARGE), rng) for image in [*digits, *marks]), count)
    return Crops(images, np.concatenate([labels, np.full(marked, NO_DIGIT, np.uint8)]))


def _mark(rng: np.random.Generator, height: float, pen: float) -> NDArray[np.uint8]:
    if rng.random() < 0.5:  # noqa: PLR2004 (as many doodles as characters)
        return doodle(rng, height, pen)
    known = LETTERS + OPERATORS
    return character(known[rng.integers(len(known))], rng, height, pen)


def from_scenes(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], frames: int, seed: int, *, variants: int
) -> Crops:
    """What the device finds in rendered frames: each crop as it is and, after all of them, varied."""
    pick = np.random.default_rng([seed, 3])
    jobs = []
    for start in range(0, frames, FRAMES):
        hands = pick.choice(len(images), min(HANDS, len(images)), replace=False)
        numbers = range(start, min(start + FRAMES, frames))
        jobs.append((Crops(images[hands], labels[hands]), [[seed, 4, number] for number in numbers], variants))
    parts = list(in_parallel(_cut, jobs, "rendered scenes"))
    return Crops.joined([part for variant in zip(*parts, strict=True) for part in variant])


def _cut(job: tuple[Crops, list[list[int]], int]) -> list[Crops]:
    """The crops of a few frames, and as many again for each further variant."""
    hands, seeds, variants = job
    ink = from_pictures(*hands)
    crops, labels = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        frame = render_mixed(rng, ink if rng.integers(2) else None)
        for blob in find(frame.image, FindConfig()).blobs:
            label = label_of(blob.box, frame)
            if label is not None:
                crops.append(normalize(blob.ink))
                labels.append(label)
    images, known = np.array(crops, np.uint8).reshape(-1, SIDE, SIDE), np.array(labels, np.uint8)
    rng = np.random.default_rng([*seeds[0], 1])
    return [Crops(augment(images, rng) if variant else images, known) for variant in range(variants)]


def label_of(box: Box, frame: Rendered) -> int | None:
    """What a found box holds: a digit, `NO_DIGIT`, or None where the truth does not tell.

    Part of a digit is left out, since a 7 without its bar is a 1; unless the frame cut it, which it should be rejected
    for. Two digits in one box are none.
    """
    covers = [(_shared(box, label.box), label.digit) for label in frame.labels]
    whole = [digit for (cover, _), digit in covers if cover > WHOLE]
    touched = [digit for (cover, _), digit in covers if cover > TOUCHED]
    if len(whole) > 1 or not touched:
        return NO_DIGIT
    if whole and len(touched) == 1:
        fill = next(fill for (cover, fill), _ in covers if cover > WHOLE)
        return whole[0] if fill > FILLED else None
    return None


def _shared(a: Box, b: Box) -> tuple[float, float]:
    """Which share of `b` lies in `a`, and of `a` in `b`; both a little enlarged, for the sake of thin strokes."""
    across = min(a.x + a.w, b.x + b.w) - max(a.x, b.x) + 2 * SLACK
    down = min(a.y + a.h, b.y + b.h) - max(a.y, b.y) + 2 * SLACK
    both = max(0, across) * max(0, down)
    return both / ((b.w + 2 * SLACK) * (b.h + 2 * SLACK)), both / ((a.w + 2 * SLACK) * (a.h + 2 * SLACK))
