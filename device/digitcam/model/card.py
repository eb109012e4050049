"""The model card beside a model: what it is, where it comes from, and what it was measured at."""

import hashlib
import os
from codecs import BOM_UTF8
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from digitcam.errors import ModelError
from digitcam.files import read_text
from digitcam.labels import check_labels

Answers = Literal["exclusive", "independent"]
MNIST_BOX = 20 / 28


class Tensor(Struct, frozen=True, forbid_unknown_fields=True):
    """Shape, type and quantization of the model's input or output: real = scale * (stored - zero_point)."""

    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int


class Contract(Struct, frozen=True, forbid_unknown_fields=True):
    """How a digit model wants its crops, and what its answers mean; as it is left out, those of the one that ships.

    A pixel of 0 (no ink) to 1 (all ink) goes in as scale * pixel + offset.

    Attributes:
        scale: 255 for a model that takes grey levels, 2 for one of -1 to 1.
        offset: -1 for one of -1 to 1.
        inverted: whether it takes dark ink on white: 1 where there is no ink.
        transposed: whether it takes columns as rows, as EMNIST's files have them.
        answers: `exclusive`: the ten add up to 1, or are logits of such; `independent`: each is its digit's own
            probability, as a sigmoid gives it.
        box: longer side of a digit as a share of the input's: of MNIST's 28 pixels it takes 20, and of 32 as many where
            those were only given a margin.
    """

    scale: Annotated[float, Meta(gt=0, le=1000)] = 1.0
    offset: Annotated[float, Meta(ge=-1000, le=1000)] = 0.0
    inverted: bool = False
    transposed: bool = False
    answers: Answers = "exclusive"
    box: Annotated[float, Meta(ge=0.1, le=1)] = MNIST_BOX

    def __str__(self) -> str:
        """Say it in words: `0 to 255, dark ink on white`."""
        pixels = f"{self.offset:.4g} to {self.offset + self.scale:.4g}"
        ink = "dark ink on white" if self.inverted else "bright ink on black"
        more = ", transposed" * self.transposed + ", independent answers" * (self.answers == "independent")
        more += f", digits {100 * self.box:.0f} % of its side" * (self.box != MNIST_BOX)
        return f"{pixels}, {ink}{more}"


class ModelCard(Struct, frozen=True):
    """What a reader must know of a model; everything else in the card is for people and kept in `about`.

    Attributes:
        sha256: of the model file, hexadecimal.
        input: what goes in.
        output: what comes out, one tensor or several, by shape.
        accuracy: share of the MNIST test set read rightly, 0 to 1, for each variant; may be empty.
        about: data, seed, command, versions.
        contract: how a digit model wants its crops, and what its answers mean.
        labels: what each of a model's answers stands for, `none` for what is none of the others; empty for the ten
            digits, with or without that.
    """

    sha256: str
    input: Tensor
    output: Tensor | tuple[Tensor, ...]
    accuracy: dict[str, float] = msgspec.field(default_factory=dict)
    about: dict[str, Any] = msgspec.field(default_factory=dict)
    contract: Contract = Contract()
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what no type can say."""
        if self.labels:
            check_labels(self.labels)


def card_path(model: Path) -> Path:
    """Name a model's card: `models/digits.tflite` -> `models/digits.json`."""
    return model.parent / f"{model.stem}.json"  # `with_suffix` knows none beside `.` or `/`


def labels_path(model: Path) -> Path:
    """Name its file of labels: `models/letters.tflite` -> `models/letters.txt`."""
    return model.parent / f"{model.stem}.txt"


def has_card(model: Path) -> bool:
    """Tell whether something stands in its card's place."""
    return os.path.lexists(card_path(model))


def read_model(model: Path) -> tuple[bytes, ModelCard]:
    """Read a model and its card, and check that they belong together; labels that the card lacks are its file's.

    Raises:
        ModelError: one of them is missing, unreadable or damaged, or the model is not the one that the card describes.
    """
    data, card = read_file(model), load_card(model)
    found = hashlib.sha256(data).hexdigest()
    if found != card.sha256:
        raise ModelError(
            f"{model}: SHA-256 is {found[:16]}..., its card {card_path(model)} says {card.sha256[:16]}...: the file is "
            f"damaged or was replaced; restore it, or write a card for a model of your own with `digitcam card {model}`"
        )
    return data, card if card.labels else msgspec.structs.replace(card, labels=read_labels(model))


def load_card(model: Path) -> ModelCard:
    """Read the card of a model.

    Raises:
        ModelError: it is missing or damaged.
    """
    path = card_path(model)
    try:
        # an editor may have put a mark before it
        return msgspec.json.decode(read_file(path).removeprefix(BOM_UTF8), type=ModelCard)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: not a model card: {error}; write one with `digitcam card {model}`") from error


def read_labels(model: Path) -> tuple[str, ...]:
    """Read the labels file beside a model, a label a line; empty where there is none.

    Raises:
        ModelError: it cannot be read, or a line is no label.
    """
    path = labels_path(model)
    try:
        return check_labels(read_text(path).splitlines())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ModelError(f"{path}: cannot read the labels: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: not UTF-8 text; save it as that, a label a line") from error
    except ValueError as error:
        raise ModelError(f"{path}: {error}") from error


def card_json(card: ModelCard) -> bytes:
    """Write a card as its file holds it."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n"


def read_file(path: Path) -> bytes:
    """Read the content of a model or a card.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        hint = "`make train` makes the shipped one, `digitcam card MODEL` a card for your own"
        raise ModelError(f"{path}: cannot read: {error.strerror}; {hint}") from error
