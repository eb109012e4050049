"""Views made by other processes while the network learns from those before."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.errors import DigitcamError
from digitcam.recognition.finder import LEVELS
from digitcam.recognition.look import HEIGHT, WIDTH
from digitlab.parallel import interrupts_held_back
from digitlab.scenes import views
from digitlab.scenes.pool import Pool

AHEAD = 3  # batches that each process makes ahead
_slots: list[Any] = []
_shares: list[NDArray[np.float64]] = []  # of the scenes up to each, where they differ


class Batch(NamedTuple):
    """uint8 (n, HEIGHT, WIDTH), and for each level float16 (n, rows, columns, views.TARGETS)."""

    images: NDArray[np.uint8]
    targets: tuple[NDArray[np.float16], ...]


class Feed:
    """Processes, one a core, that make batches of views in memory which they share with this one."""

    def __init__(self, scenes: Path, batch: int, odds: NDArray[np.float64] | None = None) -> None:
        """Start them.

        Args:
            scenes: folder of the pool that views are taken from.
            batch: views at a time.
            odds: of each scene to be shown; None: the same for all.
        """
        shares = None
        if odds is not None:
            shares = np.cumsum(odds)
            shares /= shares[-1]  # the last is 1, above all chances
        self._scenes, self._batch = scenes, batch
        count = os.cpu_count() or 1
        self._memory = [RawArray("B", _size(batch)) for _ in range(AHEAD * count)]
        self._makers = ProcessPoolExecutor(
            count, multiprocessing.get_context("spawn"), initializer=_start, initargs=(self._memory, shares)
        )

    def batches(self, seed: list[int], batches: int, scenes: int) -> Iterator[Batch]:
        """Give so many batches; they follow from the seed and the number of scenes alone.

        Args:
            seed: of these batches.
            batches: how many.
            scenes: how many of the pool's scenes are shown.

        Raises:
            DigitcamError: a process was ended from outside, as happens to them where memory runs out.
        """
        free = list(range(len(self._memory)))
        coming: list[tuple[int, Future[None]]] = []
        for number in range(batches):
            slot = free.pop()
            with interrupts_held_back():
                made = self._makers.submit(_make, self._scenes, scenes, self._batch, [*seed, number], slot)
            coming.append((slot, made))
            if not free:
                yield self._taken(coming, free)
        while coming:
            yield self._taken(coming, free)

    def close(self) -> None:
        """End the processes."""
        self._makers.shutdown(cancel_futures=True)

    def _taken(self, coming: list[tuple[int, Future[None]]], free: list[int]) -> Batch:
        """Wait for the next batch, and free its memory."""
        slot, made = coming.pop(0)
        try:
            made.result()
        except BrokenProcessPool as error:
            raise DigitcamError("making views: a process was ended; is there memory enough?") from error
        free.append(slot)
        images, targets = _laid_out(self._memory[slot], self._batch)
        return Batch(images.copy(), tuple(target.copy() for target in targets))


def _start(memory: list[Any], shares: NDArray[np.float64] | None) -> None:
    cv2.setNumThreads(1)
    _slots[:] = memory
    _shares[:] = [] if shares is None else [shares]


def _make(folder: Path, scenes: int, batch: int, seed: list[int], slot: int) -> None:
    """Fill a slot."""
    rng = np.random.default_rng(seed)
    pool = _pool(folder)
    if len(pool) < scenes:
        pool.refresh()
    images, targets = _laid_out(_slots[slot], batch)
    for place in range(batch):
        view = views.take(pool[_choose(scenes, rng)], rng)
        images[place] = view.image
        for target, told in zip(targets, view.targets, strict=True):
            target[place] = told


def _choose(scenes: int, rng: np.random.Generator) -> int:
    """Choose one of so many scenes, some likelier than others."""
    return int(np.searchsorted(_shares[0], rng.random(), "right") if _shares else rng.integers(scenes))


@cache
def _pool(folder: Path) -> Pool:
    return Pool(folder)


def _shapes(batch: int) -> list[tuple[int, ...]]:
    return [(batch, HEIGHT // level.stride, WIDTH // level.stride, views.TARGETS) for level in LEVELS]


def _size(batch: int) -> int:
    return batch * HEIGHT * WIDTH + 2 * sum(int(np.prod(shape)) for shape in _shapes(batch))


def _laid_out(memory: Any, batch: int) -> Batch:  # noqa: ANN401  # multiprocessing ships no types of it
    """Give a slot's arrays."""
    bytes_ = np.frombuffer(memory, np.uint8)
    start = batch * HEIGHT * WIDTH
    images, targets = bytes_[:start].reshape(batch, HEIGHT, WIDTH), []
    for shape in _shapes(batch):
        end = start + 2 * int(np.prod(shape))
        targets.append(bytes_[start:end].view(np.float16).reshape(shape))
        start = end
    return Batch(images, tuple(targets))
