"""The crops that training learns from: made once, on all cores, and kept on the disk.

Three kinds. *mnist*: several variants of each of MNIST's pictures. *drawn*: digits and marks that digitlab draws, for
hands that MNIST lacks. *scenes*: what the device's own `find` and `normalize` cut from rendered frames, digits and what
is none. Every part follows from its seed and number alone, so the number of processes changes nothing.
"""

import io
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass

from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.classify import NO_DIGIT
from digitcam.config import FindConfig
from digitcam.find import find
from digitcam.normalize import BOX, normalize
from digitcam.reading import Box
from digitlab.augment import ENLARGE, as_seen, augment, photograph
from digitlab.camera import Rendered
from digitlab.datasets import Split
from digitlab.hand import from_pictures
from digitlab.marks import LETTERS, OPERATORS, character, doodle
from digitlab.scene import render_mixed
from digitlab.strokes import draw_set

PART = 500  # pictures a job, a fifth of a second's work
FRAMES = 10  # frames a job
HANDS = 1000  # of MNIST's pictures that the digits of one job's frames are taken from
MARKED = 0.25  # of the drawn pictures are no digits
SCENE_VARIANTS = 4  # of each crop from a frame: as it is, and three times varied
SLACK = 3  # pixels: two boxes of the same ink may differ by so much at each side


class Crops(NamedTuple):
    """uint8 (n, 28, 28) crops and uint8 (n,) labels, 0 to 9 or `NO_DIGIT`."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All of them, in order."""
        return cls(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many of each kind.

    Attributes:
        variants: of each of MNIST's training pictures.
        drawn: pictures, a quarter of them no digits.
        frames: rendered for the scenes.
    """

    variants: int = 12
    drawn: int = 96_000
    frames: int = 5_000


def vary_mnist(split: Split, variants: int, seed: int) -> Crops:
    """Several variants of each picture of the training split, variant by variant in the split's order."""
    images = split.train_images
    jobs = [
        (images[start : start + PART], [seed, 1, variant, start])
        for variant in range(variants)
        for start in range(0, len(images), PART)
    ]
    crops = np.concatenate(list(in_parallel(_vary, jobs, "variants of MNIST")))
    return Crops(crops, np.tile(split.train_labels, variants))


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


def cut_scenes(split: Split, frames: int, seed: int) -> Crops:
    """What the device finds in rendered frames, variant by variant."""
    pick = np.random.default_rng([seed, 3])
    jobs = []
    for start in range(0, frames, FRAMES):
        hands = pick.choice(len(split.train_images), HANDS, replace=False)
        seeds = [[seed, 4, number] for number in range(start, min(start + FRAMES, frames))]
        jobs.append((split.train_images[hands], split.train_labels[hands], seeds))
    return Crops.joined(
        [
            Crops(images[variant::SCENE_VARIANTS], labels[variant::SCENE_VARIANTS])
            for images, labels in [Crops.joined(list(in_parallel(_cut_frames, jobs, "rendered scenes")))]
            for variant in range(SCENE_VARIANTS)
        ]
    )


def _cut_frames(job: tuple[NDArray[np.uint8], NDArray[np.uint8], list[list[int]]]) -> Crops:
    images, labels, seeds = job
    ink = from_pictures(images, labels)
    crops: list[NDArray[np.uint8]] = []
    known: list[int] = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        frame = render_mixed(rng, ink if rng.integers(2) else None)
        for blob in find(frame.image, FindConfig()).blobs:
            label = label_of(blob.box, frame)
            if label is not None:
                crop = normalize(blob.ink)
                varied = augment(np.repeat(crop[None], SCENE_VARIANTS - 1, axis=0), rng)
                crops += [crop, *varied]
                known += [label] * SCENE_VARIANTS
    return Crops(np.array(crops, np.uint8).reshape(-1, *images.shape[1:]), np.array(known, np.uint8))


def label_of(box: Box, frame: Rendered) -> int | None:
    """What a found box holds: a digit, `NO_DIGIT`, or None where the truth does not tell.

    Part of a digit is left out, since a 7 without its bar is a 1; unless the frame cut it, which it should be rejected
    for. Two digits in one box are none.
    """
    covers = [(_shared(box, label.box), label.digit) for label in frame.labels]
    whole = [digit for (cover, _), digit in covers if cover > 0.8]  # noqa: PLR2004 (nearly all of it)
    touched = [digit for (cover, _), digit in covers if cover > 0.15]  # noqa: PLR2004 (more than its neighbour's tip)
    if len(whole) > 1 or not touched:
        return NO_DIGIT
    if whole and len(touched) == 1:
        fill = next(fill for (cover, fill), _ in covers if cover > 0.8)  # noqa: PLR2004
        return whole[0] if fill > 0.6 else None  # noqa: PLR2004 (little else is in the box)
    return None


def _shared(a: Box, b: Box) -> tuple[float, float]:
    """Which share of `b` lies in `a`, and of `a` in `b`; both a little enlarged, for the sake of thin strokes."""
    across = min(a.x + a.w, b.x + b.w) - max(a.x, b.x) + 2 * SLACK
    down = min(a.y + a.h, b.y + b.h) - max(a.y, b.y) + 2 * SLACK
    both = max(0, across) * max(0, down)
    return both / ((b.w + 2 * SLACK) * (b.h + 2 * SLACK)), both / ((a.w + 2 * SLACK) * (a.h + 2 * SLACK))


def in_parallel(work: Callable[[Any], Any], jobs: Sequence[Any], title: str) -> Iterator[Any]:
    """Do jobs on all cores, with progress; the results come in the jobs' order."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    # Ctrl-C reaches every process at the terminal; this one ends the others
    quiet = (signal.SIGINT, signal.SIG_IGN)
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), signal.signal, quiet) as pool,
    ):
        try:
            yield from progress.track(pool.map(work, jobs), len(jobs), description=title)
        except BaseException:
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
