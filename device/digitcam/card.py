"""The model card beside a model: what it is, where it comes from, and what it was measured at."""

import hashlib
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from digitcam.errors import ModelError


class Tensor(Struct, frozen=True, forbid_unknown_fields=True):
    """Shape, type and quantization of the model's input or output: real = scale * (stored - zero_point)."""

    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int


class ModelCard(Struct, frozen=True):
    """What a reader must know of a model; everything else in the card is for people and kept in `about`.

    Attributes:
        sha256: of the model file, hexadecimal.
        input: what goes in.
        output: what comes out, one tensor or several, by shape.
        accuracy: share of the MNIST test set read rightly, 0 to 1, for each variant; may be empty.
        about: data, seed, command, versions.
    """

    sha256: str
    input: Tensor
    output: Tensor | tuple[Tensor, ...]
    accuracy: dict[str, float] = msgspec.field(default_factory=dict)
    about: dict[str, Any] = msgspec.field(default_factory=dict)


def card_path(model: Path) -> Path:
    """`models/digits.tflite` -> `models/digits.json`."""
    return model.parent / f"{model.stem}.json"  # `with_suffix` knows none beside `.` or `/`


def read_model(model: Path) -> tuple[bytes, ModelCard]:
    """Read a model and its card, and check that they belong together.

    Raises:
        ModelError: one of them is missing, unreadable or damaged, or the model is not the one that the card describes.
    """
    data, card = _read(model), load_card(model)
    found = hashlib.sha256(data).hexdigest()
    if found != card.sha256:
        raise ModelError(
            f"{model}: SHA-256 is {found[:16]}..., its card {card_path(model)} says {card.sha256[:16]}...: the file is "
            f"damaged or was replaced; restore it, or write a card for a model of your own with `digitlab card {model}`"
        )
    return data, card


def load_card(model: Path) -> ModelCard:
    """Read the card of a model.

    Raises:
        ModelError: it is missing or damaged.
    """
    path = card_path(model)
    try:
        # an editor may have put a mark before it
        return msgspec.json.decode(_read(path).removeprefix(BOM_UTF8), type=ModelCard)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: not a model card: {error}; write one with `digitlab card {model}`") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        hint = "`make train` makes the shipped one, `digitlab card MODEL` a card for your own"
        raise ModelError(f"{path}: cannot read: {error.strerror}; {hint}") from error
