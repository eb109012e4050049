"""MNIST: found, checked and split.

The pictures come from the four idx files of a folder, or are downloaded by Keras' own loader. Either way the content
is checked, so that a truncated, swapped or foreign file never trains a model.
"""

import gzip
import hashlib
import os
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import DigitcamError

Pictures = NDArray[np.uint8]
Labels = NDArray[np.uint8]

ENVIRONMENT = "DIGITLAB_DATA"
# Of the uncompressed idx files, headers included, as yann.lecun.com published them.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
VALIDATION = 5000


class DataError(DigitcamError, ValueError):
    """MNIST cannot be had, or is not what it should be."""


@dataclass(frozen=True, slots=True, eq=False)
class Mnist:
    """MNIST as published: uint8 (n, 28, 28) pictures, bright ink on black, and uint8 (n,) labels."""

    train_images: Pictures
    train_labels: Labels
    test_images: Pictures
    test_labels: Labels


class Split(NamedTuple):
    """The training set, cut into what is learned from and what every choice is made on."""

    train_images: Pictures
    train_labels: Labels
    validation_images: Pictures
    validation_labels: Labels


def load(folder: Path | None = None) -> Mnist:
    """Read MNIST from `folder`, else from `$DIGITLAB_DATA`, else download it.

    Raises:
        DataError: a file is missing, truncated or not MNIST's, or nothing could be downloaded.
    """
    named = folder or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    return _from_folder(named) if named else _downloaded()


def split(mnist: Mnist, seed: int = 1) -> Split:
    """Set `VALIDATION` pictures of the training set aside, drawn by `seed`: the same for every training."""
    order = np.random.default_rng(seed).permutation(len(mnist.train_images))
    rest, aside = order[VALIDATION:], order[:VALIDATION]
    images, labels = mnist.train_images, mnist.train_labels
    return Split(images[rest], labels[rest], images[aside], labels[aside])


def _from_folder(folder: Path) -> Mnist:
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; it should hold MNIST's four idx files, or leave it out to download")
    return Mnist(*(_idx(folder, name) for name in SHA256))


def _idx(folder: Path, name: str) -> NDArray[np.uint8]:
    """One idx file, plain or gzipped, as an array."""
    packed, plain = folder / f"{name}.gz", folder / name
    path = packed if packed.is_file() else plain
    try:
        data = gzip.decompress(path.read_bytes()) if path == packed else path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{packed}: missing; {folder} should hold MNIST's four idx files, gzipped or not") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: truncated or no gzip file; copy or download it again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror}") from error
    _check(path, name, data)
    return _decode(data)


def _decode(data: bytes) -> NDArray[np.uint8]:
    dimensions = data[3]
    shape = np.frombuffer(data, ">i4", count=dimensions, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def _encode(array: NDArray[np.uint8]) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


def _check(path: Path, name: str, data: bytes) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found == SHA256[name]:
        return
    for other, expected in SHA256.items():
        if found == expected:
            raise DataError(f"{path}: holds {other}, not {name}; the files are swapped, rename them")
    hashes = f"SHA-256 {found[:16]}..., expected {SHA256[name][:16]}..."
    raise DataError(f"{path}: not MNIST's {name} ({hashes}); get it again")


def _downloaded() -> Mnist:
    """MNIST as Keras' loader keeps it, fetched first if need be.

    The loader runs in a process of its own: it imports TensorFlow, after which tflite-runtime cannot run.
    """
    path = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets" / "mnist.npz"
    if not path.is_file():
        print("MNIST: downloading ...", file=sys.stderr)
        loader = "from keras.datasets import mnist; mnist.load_data()"
        command = [sys.executable, "-c", loader]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603  # our own
        if done.returncode != 0 or not path.is_file():
            why = done.stderr.strip().rpartition("\n")[2]
            raise DataError(
                f"MNIST could not be downloaded ({why}); put its four idx files in a folder "
                f"and name it with --data or ${ENVIRONMENT}"
            )
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            parts = [arrays[key] for key in ("x_train", "y_train", "x_test", "y_test")]
    except Exception as error:
        # a damaged zip raises whatever its parser meets
        raise DataError(f"{path}: damaged ({error}); delete it to download it again") from error
    for name, part in zip(SHA256, parts, strict=True):
        _check(path, name, _encode(part))
    return Mnist(*parts)
