"""`digitlab convert`: a network of one's own -> float and int8 .tflite files with cards, as digitcam reads them."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.labels import DIGITS, NONE, check_labels
from digitcam.model.card import Contract, ModelCard, card_json, card_path, has_card, labels_path, load_card
from digitcam.model.ends import describe
from digitcam.model.runtime import installed, open_interpreter
from digitcam.recognition.adoption.card import write_card
from digitcam.recognition.adoption.contract import find_contract, known
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
    if not data and not set(texts) <= {*DIGITS.texts, NONE}:
        raise DataError(
            f"{source}: reads {' '.join(texts)}: name pictures of them, that int8 is measured on, with --data; "
            f"{labelled.KINDS}"
        )
    whole = _made(source, out, "float", (), texts)
    # a card that is there may have been set right by hand
    is_known = has_card(whole) and load_card(whole).sha256 == _sha256(whole)
    if data and not is_known:
        write_atomically(card_path(whole), card_json(_card(whole, texts, Contract())))
        shown = _examples(open_classifier(ModelConfig(path=str(whole))), data)
        contract = find_contract(open_interpreter(whole.read_bytes()), installed(), texts, shown)
        write_atomically(card_path(whole), card_json(_card(whole, texts, contract or Contract())))
    elif not is_known:
        write_card(whole)
    classifier = open_classifier(ModelConfig(path=str(whole)))
    images, classes = _examples(classifier, data)
    yield _told(whole, classifier, images, classes)
    inputs = [np.asarray(one, np.float32) for one in classifier.inputs(classifier.fitted(images))]
    small = _made(source, out, "int8", inputs, texts)
    about = {
        "from": source.name,
        "representative": {"from": str(data or "the shipped digits"), "pictures": len(images)},
    }
    card = replace(_card(small, texts, classifier.contract), about=about)
    write_atomically(card_path(small), card_json(card))
    yield _told(small, open_classifier(ModelConfig(path=str(small))), images, classes)


def _card(model: Path, texts: tuple[str, ...], contract: Contract) -> ModelCard:
    try:
        return ModelCard(
            _sha256(model), *describe(open_interpreter(model.read_bytes())), contract=contract, labels=texts
        )
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from error


def _told(model: Path, classifier: Classifier, images: NDArray[np.uint8], classes: NDArray[np.intp]) -> Converted:
    best = classifier.classify(classifier.fitted(images)).argmax(axis=1)
    right = int(np.count_nonzero(best == classes))
    said = f"shown {classifier.contract}, it reads {right} of {len(classes)} pictures"
    return Converted(model, model.stat().st_size, said)


def _labels(path: Path, *, required: bool) -> tuple[str, ...]:
    """Write a label a line; nothing where there need be none."""
    if not path.is_file():
        if required:
            raise ModelError(f"{path}: cannot read the labels: no such file")
        return ()
    try:
        return check_labels(path.read_text("utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: {error}") from error


def _made(source: Path, out: Path, form: Form, inputs: Sequence[NDArray[np.float32]], texts: tuple[str, ...]) -> Path:
    path = out / f"{source.stem}-{form}.tflite"
    [content] = in_parallel(to_tflite, [(source, form, inputs)], path.name, 1)
    write_atomically(path, content)
    if texts:
        write_atomically(labels_path(path), "".join(f"{text}\n" for text in texts).encode())
    return path


def _examples(classifier: Classifier, data: Path | None) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Choose pictures that int8 is measured on, as the shipped model would see them, and which label each is."""
    if data:
        images, labels = labelled.read(data, classifier.labels.texts)
        chosen = np.random.default_rng(1).permutation(len(images))[:SAMPLE]
        return as_seen((images[i] for i in chosen), len(chosen)), labels[chosen].astype(np.intp)
    return known(classifier.labels)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
