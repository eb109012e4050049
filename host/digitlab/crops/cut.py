"""Crops that the device itself cuts from scenes, and what they show.

Every part follows from its seed and number alone, so the number of processes changes nothing.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.config import ModelConfig
from digitcam.labels import DIGIT_CLASSES, NO_DIGIT
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.crop import inks_of
from digitcam.recognition.finder import Found, open_finder
from digitcam.recognition.look import Pyramid, Region
from digitcam.recognition.normalize import crops_of
from digitcam.recognition.params import HINT
from digitlab.crops.bar import is_bar
from digitlab.crops.batch import Crops
from digitlab.parallel import in_parallel
from digitlab.scenes.pool import Pool, PoolError
from digitlab.scenes.scene import Label, Mark, Scene

SCENES = 100  # scenes a job
WHOLE = 0.9  # share of a digit that shows
LEGIBLE = 11.0  # pixels: the longer side of the smallest digits that are learned
SAME = 0.7  # intersection over union from which a found box is a digit's, ...
APART = 0.1  # ... and below which it is no digit's
STRANGE = 12  # places of a scene that hold no digit: pages of text have hundreds
LOOKALIKE = 0.5  # probability that the published classifier gives a digit, from which it looks like one
# Probability that it gives the digit that stands there, below which nobody would read that: low, for what it refuses,
# 1s with a flag, digits in rings, its successor never learns (looked at: from 0.02 to 0.15 half of them are legible).
HOPELESS = 0.02
SHAKEN = 0.05  # of a digit's longer side: standard deviation of how far a box's sides are off


class Place(NamedTuple):
    """Where a crop is cut.

    Attributes:
        box: float32 (4,), left, top, right and bottom.
        label: the digit, or `NO_DIGIT` ...
        unlike: ... and then whether nobody takes it for a digit, as far as that is known.
    """

    box: NDArray[np.float32]
    label: int
    unlike: bool = False


def from_scenes(scenes: Pool, count: int, seed: int) -> Crops:
    """Cut what the device cuts from the first scenes: where its finder sees a digit, and digits that it misses.

    Args:
        scenes: whose.
        count: how many.
        seed: decides how far off the places of missed digits are.

    Raises:
        PoolError: there are not so many.
    """
    if count > len(scenes):
        raise PoolError(f"{scenes.folder}: holds {len(scenes):,} scenes, not {count:,}; run `digitlab scenes` for more")
    jobs = [(str(scenes.folder), range(start, min(start + SCENES, count)), seed) for start in range(0, count, SCENES)]
    return Crops.joined(list(in_parallel(_cut, jobs, "crops of scenes")))


def _cut(job: tuple[str, range, int]) -> Crops:
    folder, numbers, seed = job
    scenes, finder, classifier = Pool(Path(folder)), open_finder(ModelConfig()), open_classifier(ModelConfig())
    inks, known = [], []
    for number in numbers:
        rng = np.random.default_rng([seed, 4, number])
        drawn = scenes[number]
        pyramid = Pyramid(drawn.image)
        found = finder.find(pyramid.look(Region(0, 0, *drawn.image.shape[::-1])))
        places = list(_places(found.apart(HINT)[0], drawn, rng))
        boxes = np.array([place.box for place in places], np.float32).reshape(-1, 4)
        for ink, place in zip(inks_of(pyramid, boxes)[0], places, strict=True):
            if ink is not None:
                inks.append(ink)
                known.append(place)
    return _told_apart(crops_of(inks), known, classifier)


def _told_apart(images: NDArray[np.uint8], places: Sequence[Place], classifier: Classifier) -> Crops:
    """Leave out what only its surroundings tell apart, an O, an l, a slash, and digits that noise has eaten."""
    labels, unlike = np.array([place.label for place in places], np.uint8), [place.unlike for place in places]
    said = classifier.classify(images)
    likely = np.where(
        labels != NO_DIGIT,
        said[np.arange(len(said)), np.minimum(labels, DIGIT_CLASSES - 1)] >= HOPELESS,
        (unlike | (said[:, :DIGIT_CLASSES].max(axis=1) < LOOKALIKE)) & ~is_bar(images),
    )
    return Crops(images[likely], labels[likely])


def _places(found: Found, drawn: Scene, rng: np.random.Generator) -> Iterator[Place]:
    """Tell where digits and other marks stand, found or not; those of which the truth does not tell are left out."""
    labels = drawn.labels
    truth, marks = _corners(labels), _corners([mark for mark in drawn.marks if mark.unlike])
    shared, other = overlap(found.boxes, truth), overlap(found.boxes, marks)
    strange = 0
    for box, row, alike in zip(found.boxes, shared, other.max(axis=1, initial=0), strict=True):
        nearest = int(row.argmax()) if len(row) else -1
        if nearest < 0 or row[nearest] < APART:
            strange += 1
            if strange <= STRANGE:
                yield Place(box, NO_DIGIT, bool(alike > SAME))
        elif row[nearest] > SAME and is_clear(labels[nearest]):
            yield Place(box, labels[nearest].digit)

    def shaken(box: NDArray[np.float32]) -> NDArray[np.float32]:
        off = SHAKEN * (box[2:] - box[:2]).max()
        return np.asarray(box + rng.normal(0, off, 4), np.float32)

    for label, box, covered in zip(labels, truth, shared.max(axis=0, initial=0), strict=True):
        if covered <= SAME and is_clear(label):
            yield Place(shaken(box), label.digit)
    large = (marks[:, 2:] - marks[:, :2]).max(axis=1, initial=0) >= LEGIBLE
    lone = large & (other.max(axis=0, initial=0) <= SAME) & (overlap(marks, truth).max(axis=1, initial=0) < APART)
    for place in rng.permutation(np.flatnonzero(lone))[: max(0, STRANGE - strange)]:
        yield Place(shaken(marks[place]), NO_DIGIT, unlike=True)


def _corners(boxed: Sequence[Label] | Sequence[Mark]) -> NDArray[np.float32]:
    """Give left, top, right and bottom of each: float32 (n, 4)."""
    return np.array([[x, y, x + w, y + h] for (x, y, w, h), *_ in boxed], np.float32).reshape(-1, 4)


def is_clear(label: Label) -> bool:
    """Tell whether a person would read it for sure."""
    return not label.unsure and label.shown > WHOLE and max(label.box[2:]) >= LEGIBLE


def overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the intersection over union of each box with each other: float32 (n, m)."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.maximum(high - low, 0).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b)]
    return np.asarray(both / np.maximum(areas[0][:, None] + areas[1][None] - both, 1e-6), np.float32)
