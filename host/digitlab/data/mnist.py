"""MNIST: found, checked and split.

The pictures come from a folder's files, or are downloaded by Keras' own loader. Either way the content is checked, so
that a truncated, swapped or foreign file never trains a model.
"""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitlab.data import mnist_files
from digitlab.data.mnist_files import IDX, DataError, encode

Pictures = NDArray[np.uint8]
Labels = NDArray[np.uint8]

ENVIRONMENT = "DIGITLAB_DATA"
# Of the uncompressed idx files, headers included, as yann.lecun.com published them.
SHA256 = {
    IDX[0]: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    IDX[1]: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    IDX[2]: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    IDX[3]: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
VALIDATION = 5000


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
    """Read MNIST from `folder`, or a .npz, else from what `$DIGITLAB_DATA` names, else download it.

    Raises:
        DataError: a file is missing, truncated or not MNIST's, or nothing could be downloaded.
    """
    named = folder or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    return _read(named) if named else _downloaded()


def split(mnist: Mnist, seed: int = 1) -> Split:
    """Set `VALIDATION` pictures of the training set aside, drawn by `seed`: the same for every training."""
    order = np.random.default_rng(seed).permutation(len(mnist.train_images))
    rest, aside = order[VALIDATION:], order[:VALIDATION]
    images, labels = mnist.train_images, mnist.train_labels
    return Split(images[rest], labels[rest], images[aside], labels[aside])


def _read(place: Path) -> Mnist:
    parts = mnist_files.read(place)
    for name, (path, array) in zip(SHA256, parts, strict=True):
        _check(path, name, encode(array))
    return Mnist(*(array for _, array in parts))


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
        command = [sys.executable, "-P", "-c", loader]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603  # our own
        if done.returncode != 0 or not path.is_file():
            why = done.stderr.strip().rpartition("\n")[2]
            raise DataError(
                f"MNIST could not be downloaded ({why}); put {mnist_files.KNOWN} in a folder "
                f"and name it with --data or ${ENVIRONMENT}"
            )
    try:
        return _read(path)
    except DataError as error:
        raise DataError(f"{error}; delete it to download it again") from error
