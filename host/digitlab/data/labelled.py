"""Pictures of single digits, letters or signs, and what each is: a folder for each, or MNIST's own kind of files."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.pictures import image_file
from digitcam.pictures.names import list_pictures
from digitcam.recognition.normalize import crop_ink
from digitlab.data import mnist_files
from digitlab.data.mnist_files import DataError

MID_GREY = 127
FAINTEST = 0.1  # of the darkest ink: what differs less is the paper's own grain
KINDS = f"a folder for each label with pictures of it (A/1.png), or {mnist_files.KNOWN}"


class Labelled(NamedTuple):
    """Pictures, uint8 (h, w) each, bright ink on black, and uint8 (n,), which label each is."""

    images: Sequence[NDArray[np.uint8]]
    labels: NDArray[np.uint8]


def read(place: Path, texts: Sequence[str]) -> Labelled:
    """Read a folder of pictures.

    Args:
        place: with a folder for each label that pictures there show, any of `texts`, dark ink on light paper or the
            other way round; or with MNIST's files, whose test pictures are taken.
        texts: the labels that may be there.

    Raises:
        DataError: it holds none, a folder is no label's, or a picture holds no ink.
        ImageError: a picture cannot be read.
    """
    if not place.is_dir():
        raise DataError(f"{place}: no such folder; it should hold {KINDS}")
    folders = sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not folders or (len(folders) == 1 and folders[0].name == "MNIST"):
        *_, (_, shown), (_, labels) = mnist_files.read(place)
        return Labelled(list(shown), labels)
    unknown = [folder.name for folder in folders if folder.name not in texts]
    if unknown:
        raise DataError(f"{place / unknown[0]}: no label of the model's, which are {' '.join(texts)}")
    files = [(file, texts.index(folder.name)) for folder in folders for file in list_pictures(str(folder))]
    images = [_ink(Path(str(file))) for file, _ in files]
    return Labelled(images, np.array([label for _, label in files], np.uint8))


def _ink(path: Path) -> NDArray[np.uint8]:
    """Turn a picture to bright ink on black; its paper is what most of its edge is."""
    image = image_file.load(path).astype(np.float32)
    paper = np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]))
    differs = np.maximum(paper - image if paper > MID_GREY else image - paper, 0)
    darkest = max(float(differs.max()), 1.0)
    ink = np.where(differs < FAINTEST * darkest, 0, differs * (255 / darkest)).astype(np.uint8)
    if not crop_ink(ink).size:
        raise DataError(f"{path}: holds no ink; take it out")
    return ink
