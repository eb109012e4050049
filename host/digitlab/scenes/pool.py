"""Scenes on the disk."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from digitcam.errors import DigitcamError
from digitlab.scenes.scene import Label, Mark, Scene
from digitlab.steps import read_manifest


class Made(Struct, frozen=True):
    """What decides the scenes of a folder, besides the code: seed, and names of the fonts that were installed."""

    seed: int
    fonts: list[str]


class PoolError(DigitcamError, RuntimeError):
    """Scenes on the disk are missing or damaged."""


class Rows(NamedTuple):
    """What stands on the scenes of a file: rows of float32, and for each scene where its own end."""

    rows: NDArray[np.float32]
    ends: NDArray[np.int64]

    @classmethod
    def joined(cls, scenes: Sequence[Sequence[Sequence[float]]], width: int) -> "Rows":
        """Give the rows of one scene after another."""
        rows = [row for scene_ in scenes for row in scene_]
        return cls(np.array(rows, np.float32).reshape(-1, width), np.cumsum([len(scene_) for scene_ in scenes]))

    def of(self, place: int) -> list[list[float]]:
        """Give those of one scene."""
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
        self._labels: list[Rows] = []
        self._marks: list[Rows] = []
        self.refresh()
        if not self._images:
            raise PoolError(f"{folder}: holds no scenes; run `digitlab scenes --pool {folder.parent}` first")

    def refresh(self) -> None:
        """Take what has been drawn since."""
        while (path := self.folder / f"{len(self._images):04}.npy").is_file():
            try:
                images = np.load(path, mmap_mode="r")
                with np.load(path.with_suffix(".npz")) as arrays:
                    self._labels.append(Rows(arrays["labels"], arrays["ends"]))
                    self._marks.append(Rows(arrays["marks"], arrays["marks_end"]))
            except Exception as error:
                raise PoolError(f"{path}: damaged ({error}); delete it and run `digitlab scenes`") from error
            self._images.append(images)

    def __len__(self) -> int:
        """How many scenes there are."""
        return sum(len(images) for images in self._images)

    def __getitem__(self, number: int) -> Scene:
        """One scene."""
        shard, place = divmod(number, len(self._images[0]))
        labels = [
            Label((x, y, w, h), int(digit), shown, bool(printed), bool(unsure))
            for x, y, w, h, digit, shown, printed, unsure in self._labels[shard].of(place)
        ]
        marks = [Mark((x, y, w, h), bool(unlike)) for x, y, w, h, unlike in self._marks[shard].of(place)]
        return Scene(np.asarray(self._images[shard][place]), labels, marks)

    def __iter__(self) -> Iterator[Scene]:
        """All of them."""
        return (self[number] for number in range(len(self)))


def how_made(folder: Path) -> Made:
    """Tell what decided the scenes in one of a pool's folders.

    Raises:
        PoolError: nobody noted it.
    """
    made = read_manifest(folder)
    try:
        return msgspec.convert(made and made.parameters, Made)
    except msgspec.ValidationError as error:
        raise PoolError(
            f"{folder}: nobody noted how its scenes were drawn; run `digitlab scenes --pool {folder.parent}` first"
        ) from error
