"""`digitlab convert`: a network of one's own -> float and int8 .tflite files with cards, as digitcam reads them."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.labels import checked
from digitcam.model.card import ModelCard, card_json, card_path, has_card, labels_path, load_card
from digitcam.model.ends import describe
from digitcam.model.runtime import open_interpreter
from digitcam.recognition.adoption import shipped
from digitcam.recognition.adoption.card import write_card
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import Classifier
from digitlab.data import labelled
from digitlab.data.augment import as_seen
from digitlab.data.mnist_files import DataError
from digitlab.parallel import in_parallel
from digitlab.training.own_network import to_tflite
from digitlab.training.tflite import Form

SAMPLE = 500  # pictures that int8's ranges are measured on
SUFFIXES = {".keras", ".h5"}


class Converted(NamedTuple):
    """A file that was made, and what is known of it."""

    path: Path
    size: int
    said: str


def convert_own(source: Path, out: Path, data: Path | None, labels: Path | None) -> Iterator[Converted]:
    """Convert a network; what is made is given as soon as it is.

    Args:
        source: a .keras or .h5 file, or the folder of a SavedModel.
        out: folder for NAME-float.tflite, NAME-int8.tflite, and the card and labels of each.
        data: pictures that int8's ranges are measured on, as `digitlab.data.labelled.read` takes them; None for the
            shipped digits, for a network that reads digits.
        labels: a text file, a label a line; None for one of the network's own name beside it, or the ten digits.

    Raises:
        ModelError: it is no network that reads a picture, or cannot be converted.
        DataError: there are no pictures to measure on.
        OutputError: something cannot be written.
    """
    if not (source.is_dir() or (source.is_file() and source.suffix in SUFFIXES)):
        raise ModelError(f"{source}: neither a .keras file nor the folder of a SavedModel; save the network as either")
    texts = _labels(labels or source.with_suffix(".txt"), required=labels is not None)
    whole = _made(source, out, "float", (), texts)
    said = "read as its card says"
    # a card that is there may have been set right by hand
    if not has_card(whole) or load_card(whole).sha256 != _sha256(whole):
        said = write_card(whole).said
    classifier = open_classifier(ModelConfig(path=str(whole)))
    yield Converted(whole, whole.stat().st_size, said)
    crops = _sample(classifier, data)
    shown = [np.asarray(one, np.float32) for one in classifier.inputs(crops)]
    small = _made(source, out, "int8", shown, texts)
    content = small.read_bytes()
    about = {"from": source.name, "representative": {"from": str(data or "the shipped digits"), "pictures": len(crops)}}
    ends = describe(open_interpreter(content))
    card = ModelCard(_sha256(small), *ends, about=about, contract=classifier.contract, labels=texts)
    write_atomically(card_path(small), card_json(card))
    yield Converted(small, len(content), f"ranges measured on {len(crops)} pictures")


def _labels(path: Path, *, required: bool) -> tuple[str, ...]:
    """A label a line; empty where there need be none."""
    if not path.is_file():
        if required:
            raise ModelError(f"{path}: cannot read the labels: no such file")
        return ()
    try:
        return checked(path.read_text("utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: {error}") from error


def _made(source: Path, out: Path, form: Form, inputs: Sequence[NDArray[np.float32]], texts: tuple[str, ...]) -> Path:
    path = out / f"{source.stem}-{form}.tflite"
    [content] = in_parallel(to_tflite, [(source, form, inputs)], path.name, 1)
    write_atomically(path, content)
    if texts:
        write_atomically(labels_path(path), "".join(f"{text}\n" for text in texts).encode())
    return path


def _sample(classifier: Classifier, data: Path | None) -> NDArray[np.uint8]:
    """Crops as the network's contract wants them, before its range: uint8 (n, side, side)."""
    if data:
        images = labelled.read(data, classifier.labels.texts).images
        chosen = np.random.default_rng(1).permutation(len(images))[:SAMPLE]
        return as_seen((images[i] for i in chosen), len(chosen), classifier.side, classifier.box)
    if not classifier.labels.are_digits:
        raise DataError(
            f"it reads {' '.join(classifier.labels.texts)}: name pictures of them, that int8 is measured on, with "
            f"--data; {labelled.KINDS}"
        )
    return classifier.fitted(shipped.digits()[0])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
