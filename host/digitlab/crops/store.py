"""The crops that training learns from, made once and kept on the disk.

*mnist*: several variants of each of MNIST's pictures. *drawn*: digits and marks that digitlab draws, for hands that
MNIST lacks. *scenes*: what the device's own finder finds in scenes and its own `inks_of` and `normalize` make of it,
digits and what is none. *held*: the same, of scenes and digits that nothing is trained on: MNIST's validation split.
"""

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import DigitcamError, OutputError
from digitcam.files import write_atomically
from digitlab.crops import cut
from digitlab.crops.batch import Crops
from digitlab.data.mnist import Split
from digitlab.scenes.pool import Pool

KINDS = ("mnist", "drawn", "scenes", "held")


class CropsError(DigitcamError, RuntimeError):
    """The crops on the disk are missing or cannot be used."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many of each kind.

    Attributes:
        variants: of each of MNIST's training pictures.
        drawn: pictures, a quarter of them no digits.
        scenes: that crops are cut from.
        held: the same, of scenes with the validation split's digits.
        seed: decides everything else.
    """

    variants: int = 8
    drawn: int = 64_000
    scenes: int = 12_000
    held: int = 1_000
    seed: int = 1


def make(split: Split, scenes: Path, folder: Path, amounts: Amounts) -> None:
    """Make what is not there yet, or was made otherwise.

    Args:
        split: MNIST.
        scenes: folder that `digitlab scenes` drew to.
        folder: where the crops are written.
        amounts: how many of each kind.

    Raises:
        OutputError: `folder` cannot be written.
        PoolError: there are no scenes.
    """
    made = json.dumps(asdict(amounts))
    for kind in KINDS:
        if _made(folder / f"{kind}.npz") == made:
            print(f"{folder / kind}.npz: there already")
            continue
        images, labels = _make(kind, split, scenes, amounts)
        save(folder / f"{kind}.npz", images=images, labels=labels, made=np.array(made))
        print(f"{folder / kind}.npz: {len(labels):,} crops")


def _make(kind: str, split: Split, scenes: Path, amounts: Amounts) -> Crops:
    match kind:
        case "mnist":
            return cut.vary(split.train_images, split.train_labels, amounts.variants, amounts.seed)
        case "drawn":
            return cut.draw(amounts.drawn, amounts.seed)
        case "scenes":
            return cut.from_scenes(Pool(scenes / "seen"), amounts.scenes, amounts.seed)
        case _:
            return cut.from_scenes(Pool(scenes / "held"), amounts.held, amounts.seed + 1)


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
    """What a folder's crops were made with.

    Raises:
        CropsError: there are none.
    """
    made = _made(folder / f"{KINDS[0]}.npz")
    if not made:
        raise CropsError(f"{folder}: holds no crops; run `digitlab crops --crops {folder}` first")
    found: dict[str, int] = json.loads(made)
    return found


def _made(path: Path) -> str:
    """How a file of crops was made; empty where there is none, or no whole one."""
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            return str(arrays["made"])
    except Exception:  # noqa: BLE001  # a damaged zip raises whatever its parser meets, and is made again
        return ""


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
