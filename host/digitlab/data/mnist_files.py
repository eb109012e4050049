"""MNIST's files under their usual names: four idx files, Keras' mnist.npz, or two CSV files as Kaggle has them.

What they hold is checked by whoever asked for it.
"""

import gzip
import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import DigitcamError

Array = NDArray[np.uint8]
Part = tuple[Path, Array]
"""An array and the file that it was read from."""

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
NPZ = "mnist.npz"
KEYS = ("x_train", "y_train", "x_test", "y_test")
CSV = (("mnist_train.csv", "train.csv"), ("mnist_test.csv", "test.csv"))
SIDE = 28
KNOWN = "MNIST's four idx files (gzipped or not), mnist.npz, or mnist_train.csv and mnist_test.csv"


class DataError(DigitcamError, ValueError):
    """MNIST cannot be had, or is not what it should be."""


def read(place: Path) -> list[Part]:
    """Read what is in a folder, or a .npz.

    Args:
        place: a folder, torchvision's with MNIST/raw inside as well, or a file like mnist.npz.

    Returns:
        Training pictures, training labels, test pictures and test labels, as `Mnist` holds them.

    Raises:
        DataError: nothing of the kind is there, or a file is missing, truncated or of another format.
    """
    if place.suffix == ".npz":
        return _npz(place)
    if not place.is_dir():
        raise DataError(f"{place}: no such folder; it should hold {KNOWN}, or leave it out to download")
    for folder in (place, place / "MNIST" / "raw"):
        if any(_found(folder, _idx_names(name)) for name in IDX):
            return [_idx(folder, name) for name in IDX]
        if (folder / NPZ).is_file():
            return _npz(folder / NPZ)
        if any(_found(folder, names) for names in CSV):
            return [part for names in CSV for part in _csv(folder, names)]
    raise DataError(f"{place}: holds none of {KNOWN}")


def _found(folder: Path, names: Sequence[str]) -> Path | None:
    return next((path for name in names if (path := folder / name).is_file()), None)


def _wanted(folder: Path, names: Sequence[str]) -> Path:
    path = _found(folder, names)
    if not path:
        raise DataError(f"{folder / names[0]}: missing; {folder} should hold {KNOWN}")
    return path


def _idx_names(name: str) -> list[str]:
    """Name what `train-images-idx3-ubyte` may be called: a dot before `idx3`, gzipped, in a folder of its name."""
    dotted = name.replace("-idx", ".idx")
    return [f"{name}.gz", name, f"{dotted}.gz", dotted, f"{name}/{name}", f"{dotted}/{dotted}"]


def _idx(folder: Path, name: str) -> Part:
    path = _wanted(folder, _idx_names(name))
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: truncated or no gzip file; copy or download it again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror}") from error
    try:
        return path, decode(data)
    except (ValueError, IndexError) as error:
        raise DataError(f"{path}: not MNIST's {name}: truncated, or no idx file; get it again") from error


def decode(data: bytes) -> Array:
    """Give an idx file's content as an array.

    Raises:
        ValueError: it is truncated, or of another kind.
    """
    if data[:3] != bytes([0, 0, 8]):
        raise ValueError("no idx file of bytes")
    dimensions = data[3]
    shape = np.frombuffer(data, ">i4", count=dimensions, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def encode(array: Array) -> bytes:
    """Give an array as an idx file's content."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


def _npz(path: Path) -> list[Part]:
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            return [(path, np.asarray(arrays[key], np.uint8)) for key in KEYS]
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror or error}") from error
    except Exception as error:
        # a damaged zip raises whatever its parser meets
        raise DataError(f"{path}: damaged or without {', '.join(KEYS)} ({error})") from error


def _csv(folder: Path, names: Sequence[str]) -> list[Part]:
    """Read a file of a row a picture: its label and 784 grey levels, with or without a line of names."""
    path = _wanted(folder, names)
    try:
        with path.open(encoding="utf-8-sig") as file:
            named = not file.readline().partition(",")[0].strip().isdecimal()
            file.seek(0)
            with warnings.catch_warnings(action="error"):  # of a file without rows
                rows = np.loadtxt(file, np.uint8, delimiter=",", skiprows=int(named), ndmin=2)
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror}") from error
    except (ValueError, UserWarning) as error:
        raise DataError(f"{path}: no table of a label and 784 grey levels a row: {error}; get it again") from error
    if rows.shape[1] != 1 + SIDE * SIDE:
        raise DataError(
            f"{path}: has {rows.shape[1]} columns, not a label and 784 grey levels; Kaggle's Digit Recognizer holds a "
            'part of MNIST, its "MNIST in CSV" all of it'
        )
    return [(path, rows[:, 1:].reshape(-1, SIDE, SIDE)), (path, rows[:, 0])]
