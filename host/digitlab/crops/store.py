"""The crops that training learns from, as they are kept on the disk.

*mnist*: several variants of each of MNIST's pictures. *drawn*: digits and marks that digitlab draws, for hands that
MNIST lacks. *scenes*: what the device's own finder finds in scenes and its own `inks_of` and `normalize` make of it,
digits and what is none. *held*: the same, of scenes and digits that nothing is trained on: MNIST's validation split.
"""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import DigitcamError, OutputError
from digitcam.files import write_atomically
from digitlab.crops.batch import Crops
from digitlab.steps import read_manifest

KINDS = ("mnist", "drawn", "scenes", "held")


class CropsError(DigitcamError, RuntimeError):
    """The crops on the disk are missing or cannot be used."""


def load(folder: Path, kind: str) -> Crops:
    """Read one of `KINDS`.

    Raises:
        CropsError: it is missing or damaged.
    """
    path = folder / f"{kind}.npz"
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            return Crops(arrays["images"], arrays["labels"])
    except FileNotFoundError as error:
        raise CropsError(f"{path}: missing; run `digitlab crops --crops {folder}` first") from error
    except Exception as error:
        # a damaged zip raises whatever its parser meets
        raise CropsError(f"{path}: damaged ({error}); delete it and run `digitlab crops --crops {folder}`") from error


def amounts(folder: Path) -> dict[str, int]:
    """Tell how a folder's crops were made: `Amounts`, by name.

    Raises:
        CropsError: there are none, or nobody noted how they were made.
    """
    found: dict[str, int] = {}
    for kind in KINDS:
        path = folder / f"{kind}.npz"
        made = read_manifest(path)
        if made is None:
            raise CropsError(f"{path}: nobody noted how it was made; run `digitlab crops --crops {folder}` first")
        found |= made.parameters
    seed = found.pop("seed")
    return {**found, "seed": seed}


def save(path: Path, **arrays: NDArray[np.generic]) -> None:
    """Write arrays to a .npz, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path.parent}: cannot make this folder: {error.strerror}") from error
    data = io.BytesIO()
    np.savez(data, **arrays)
    write_atomically(path, data.getbuffer())
