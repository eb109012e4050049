"""Many scenes on the disk, drawn once on all cores; an interrupted drawing goes on where it stopped."""

import io
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from digitcam.errors import DigitcamError, OutputError
from digitcam.files import write_atomically
from digitlab.data.mnist import Split
from digitlab.parallel import in_parallel
from digitlab.scenes import scene
from digitlab.scenes.glyphs import HANDS, PRINTS, fonts
from digitlab.scenes.scene import Drawn, Label, Mark

SHARD = 500  # scenes in a file


MADE = "made.json"


class Made(Struct, frozen=True):
    """What decides the scenes of a folder, besides the code: seed, and names of the fonts that were installed."""

    seed: int
    fonts: list[str]


class PoolError(DigitcamError, RuntimeError):
    """Scenes on the disk are missing or damaged."""


class _Rows(NamedTuple):
    """What stands on the scenes of a file: rows of float32, and for each scene where its own end."""

    rows: NDArray[np.float32]
    ends: NDArray[np.int64]

    @classmethod
    def joined(cls, scenes: Sequence[Sequence[Sequence[float]]], width: int) -> "_Rows":
        """The rows of one scene after another."""
        rows = [row for scene_ in scenes for row in scene_]
        return cls(np.array(rows, np.float32).reshape(-1, width), np.cumsum([len(scene_) for scene_ in scenes]))

    def of(self, place: int) -> list[list[float]]:
        """Those of one scene."""
        found: list[list[float]] = self.rows[self.ends[place - 1] if place else 0 : self.ends[place]].tolist()
        return found


class Pool:
    """Scenes in files of as many each: NNNN.npy, uint8 (n, SIDE, SIDE), and NNNN.npz with what stands on them."""

    def __init__(self, folder: Path) -> None:
        """Take what `folder` holds.

        Raises:
            PoolError: it holds no scenes, or a damaged file.
        """
        self.folder = folder
        self._images: list[NDArray[np.uint8]] = []
        self._labels: list[_Rows] = []
        self._marks: list[_Rows] = []
        self.refresh()
        if not self._images:
            raise PoolError(f"{folder}: holds no scenes; run `digitlab scenes --pool {folder.parent}` first")

    def refresh(self) -> None:
        """Take what has been drawn since."""
        while (path := self.folder / f"{len(self._images):04}.npy").is_file():
            try:
                images = np.load(path, mmap_mode="r")
                with np.load(path.with_suffix(".npz")) as arrays:
                    self._labels.append(_Rows(arrays["labels"], arrays["ends"]))
                    self._marks.append(_Rows(arrays["marks"], arrays["marks_end"]))
            except Exception as error:
                raise PoolError(f"{path}: damaged ({error}); delete it and run `digitlab scenes`") from error
            self._images.append(images)

    def __len__(self) -> int:
        """How many scenes there are."""
        return sum(len(images) for images in self._images)

    def __getitem__(self, number: int) -> Drawn:
        """One scene."""
        shard, place = divmod(number, len(self._images[0]))
        labels = [
            Label((x, y, w, h), int(digit), shown, bool(printed), bool(unsure))
            for x, y, w, h, digit, shown, printed, unsure in self._labels[shard].of(place)
        ]
        marks = [Mark((x, y, w, h), bool(unlike)) for x, y, w, h, unlike in self._marks[shard].of(place)]
        return Drawn(np.asarray(self._images[shard][place]), labels, marks)

    def __iter__(self) -> Iterator[Drawn]:
        """All of them."""
        return (self[number] for number in range(len(self)))


def fill(split: Split, folder: Path, count: int, held: int, seed: int, processes: int | None = None) -> None:
    """Draw what is not there yet.

    Args:
        split: whose training digits are written, and whose validation digits for what is held out.
        folder: scenes go into its `seen`, held-out ones into its `held`.
        count: how many, rounded up to whole files.
        held: how many with the validation split's digits and another seed.
        seed: decides everything else but the installed fonts.
        processes: how many draw at a time; None for one a core.

    Raises:
        OutputError: `folder` cannot be written.
    """
    for name, amount, start, images, labels in (
        ("held", held, seed + 1, split.validation_images, split.validation_labels),
        ("seen", count, seed, split.train_images, split.train_labels),
    ):
        place = folder / name
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{place}: cannot make the folder: {error.strerror}") from error
        made = Made(start, _installed())
        if (place / MADE).is_file() and how_made(place) != made:
            raise PoolError(f"{place}: drawn with another seed or other fonts; delete it, or give another folder")
        write_atomically(place / MADE, msgspec.json.encode(made))
        shards = [n for n in range(-(-amount // SHARD)) if not (place / f"{n:04}.npy").is_file()]
        work = partial(_shard, count=SHARD, folder=place, seed=start, images=images, labels=labels)
        for _ in in_parallel(work, shards, f"{name} scenes, {SHARD} each", processes):
            pass
        print(f"{place}: {-(-amount // SHARD) * SHARD:,} scenes")


def how_made(folder: Path) -> Made:
    """What decided the scenes in one of a pool's folders.

    Raises:
        PoolError: nothing was drawn there, or the note is damaged.
    """
    path = folder / MADE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Made)
    except OSError as error:
        raise PoolError(f"{folder}: holds no scenes; run `digitlab scenes --pool {folder.parent}` first") from error
    except msgspec.MsgspecError as error:
        raise PoolError(f"{path}: damaged ({error}); delete {folder}, and run `digitlab scenes`") from error


def contents(scenes: "Pool") -> list[str] | None:
    """What stands in each of a pool's scenes, of `scene.CONTENTS`; None where other fonts are installed by now."""
    made = how_made(scenes.folder)
    if made.fonts != _installed():
        return None
    return [scene.content(made.seed, number) for number in range(len(scenes))]


def _installed() -> list[str]:
    """Names of the fonts that scenes are drawn with."""
    return [Path(font.path).stem for font in (*fonts(HANDS), *fonts(PRINTS))]


def _shard(
    number: int, count: int, folder: Path, seed: int, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> None:
    cv2.setNumThreads(1)
    drawn = list(scene.many(seed, number * count, count, images, labels))
    labelled = _Rows.joined([[[*label.box, *label[1:]] for label in one.labels] for one in drawn], 8)
    marked = _Rows.joined([[[*mark.box, mark.unlike] for mark in one.marks] for one in drawn], 5)
    data = io.BytesIO()
    np.savez(data, labels=labelled.rows, ends=labelled.ends, marks=marked.rows, marks_end=marked.ends)
    write_atomically(folder / f"{number:04}.npz", data.getvalue())
    images_data = io.BytesIO()
    np.save(images_data, np.stack([one.image for one in drawn]))
    write_atomically(folder / f"{number:04}.npy", images_data.getbuffer())  # the last: it says that both are there
