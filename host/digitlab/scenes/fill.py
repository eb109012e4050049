"""Drawing many scenes to the disk, on all cores; an interrupted drawing goes on where it stopped."""

import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitlab.parallel import in_parallel
from digitlab.scenes import draw
from digitlab.scenes.fonts import HANDS, PRINTS, fonts, noto
from digitlab.scenes.pool import Pool, PoolError, Rows, how_made
from digitlab.scenes.scene import Scene

SHARD = 500  # scenes in a file


def fill(
    folder: Path,
    count: int,
    seed: int,
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    processes: int | None = None,
) -> None:
    """Draw what is not there yet.

    Args:
        folder: where the scenes go.
        count: how many, rounded up to whole files.
        seed: decides everything else but the installed fonts.
        images: uint8 (n, 28, 28), MNIST's pictures whose hands write.
        labels: uint8 (n,), their digits.
        processes: how many draw at a time; None for one a core.

    Raises:
        OutputError: `folder` cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot make the folder: {error.strerror}") from error
    shards = [n for n in range(-(-count // SHARD)) if not (folder / f"{n:04}.npy").is_file()]
    work = partial(_shard, count=SHARD, folder=folder, seed=seed, images=images, labels=labels)
    for _ in in_parallel(work, shards, f"{folder.name} scenes, {SHARD} each", processes):
        pass
    print(f"{folder}: {-(-count // SHARD) * SHARD:,} scenes")


def tell_contents(scenes: Pool) -> list[str] | None:
    """Tell what stands in each of a pool's scenes, of `draw.CONTENTS`.

    None where that cannot be told: other fonts are installed by now, or nobody noted how they were drawn.
    """
    try:
        made = how_made(scenes.folder)
    except PoolError:
        return None
    if made.fonts != installed_fonts():
        return None
    return [draw.tell_content(made.seed, number) for number in range(len(scenes))]


def installed_fonts() -> list[str]:
    """Name the fonts that scenes are drawn with."""
    return [Path(font.path).stem for font in (*fonts(HANDS), *fonts(PRINTS), *noto())]


def _shard(
    number: int, count: int, folder: Path, seed: int, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> None:
    cv2.setNumThreads(1)
    write(list(draw.draw_many(seed, number * count, count, images, labels)), folder, number)


def write(scenes: Sequence[Scene], folder: Path, number: int) -> None:
    """Write a pool's file of scenes, as many as each of its files holds.

    Raises:
        OutputError: it cannot be written.
    """
    labelled = Rows.joined([[[*label.box, *label[1:]] for label in one.labels] for one in scenes], 8)
    marked = Rows.joined([[[*mark.box, mark.unlike] for mark in one.marks] for one in scenes], 5)
    data = io.BytesIO()
    np.savez(data, labels=labelled.rows, ends=labelled.ends, marks=marked.rows, marks_end=marked.ends)
    write_atomically(folder / f"{number:04}.npz", data.getvalue())
    images = io.BytesIO()
    np.save(images, np.stack([one.image for one in scenes]))
    write_atomically(folder / f"{number:04}.npy", images.getbuffer())  # the last: it says that both are there
