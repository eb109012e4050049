"""Folders of labelled pictures: what each picture says, in any of three forms.

- `page.jpg` with `page.txt` beside it: its digits, or what else the model reads, a line of paper a line, with spaces
  between labels of several characters; an empty file for an empty page.
- manifest.json: a list of `{"file", "lines", "boxes": [{"x", "y", "w", "h", "label"}], "subset", "layout"}`, of which
  the last three may be left out; `layout` says why the lines have no order.
- frames.json as in the device's samples: `{"frames": [{"image", "lines", "digits": [{"digit", "box", "line"}]}]}`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from digitcam.errors import DigitcamError, ImageError
from digitcam.files import is_file, is_folder, read_text
from digitcam.labels import DIGITS, Labels
from digitcam.pictures.names import list_pictures
from digitcam.reading import Box
from digitlab.evaluation.match import Target, Truth


class LabelError(DigitcamError, ValueError):
    """A picture's label is missing or says something that the model does not read."""


class LabelledPicture(NamedTuple):
    """A picture that somebody has read.

    Attributes:
        path: of the picture.
        truth: what it says.
        group: what it is counted with; empty where the labels name no groups.
    """

    path: Path
    truth: Truth
    group: str = ""


class _Box(Struct):
    x: int
    y: int
    w: int
    h: int
    label: str


class _Entry(Struct):
    file: str
    lines: list[str]
    boxes: list[_Box] | None = None
    subset: str = ""
    layout: str = ""


class _Digit(Struct):
    digit: Annotated[int, Meta(ge=0, le=9)]
    box: tuple[int, int, int, int]


class _Frame(Struct):
    image: str
    lines: list[str]
    digits: list[_Digit]


class _Frames(Struct):
    frames: list[_Frame]


def load_labels(folder: Path, known: Labels = DIGITS) -> list[LabelledPicture | LabelError]:
    """Tell what the pictures of a folder say; in place of a picture whose own label is unusable, what is wrong with it.

    Args:
        folder: the pictures and what they say.
        known: what can be read.

    Raises:
        LabelError: no such folder, nothing in it, or its manifest.json or frames.json cannot be used.
    """
    if not is_folder(folder):
        raise LabelError(f"{folder}: no such folder; give one with labelled pictures")
    labels: list[LabelledPicture | LabelError]
    if is_file(folder / "manifest.json"):
        labels = list(_from_manifest(folder / "manifest.json", known))
    elif is_file(folder / "frames.json"):
        labels = list(_from_frames(folder / "frames.json", known))
    else:
        try:
            labels = [_beside(path, known) for path in list_pictures(str(folder))]
        except ImageError as error:
            raise LabelError(str(error)) from error
    if not labels:
        raise LabelError(f"{folder}: no labelled pictures; put page.jpg there and its digits into page.txt")
    return labels


def _from_manifest(path: Path, known: Labels) -> Iterator[LabelledPicture]:
    for number, entry in enumerate(_decode(path, list[_Entry])):
        _check(f"{path}: $[{number}].lines", entry.lines, known)
        _check(f"{path}: $[{number}].boxes", [box.label for box in entry.boxes or []], known)
        targets = [Target(box.label, Box(box.x, box.y, box.w, box.h)) for box in entry.boxes or []]
        truth = Truth(tuple(entry.lines), targets or None, ordered=not entry.layout, labels=known)
        yield LabelledPicture(path.parent / entry.file, truth, entry.subset)


def _from_frames(path: Path, known: Labels) -> Iterator[LabelledPicture]:
    for number, frame in enumerate(_decode(path, _Frames).frames):
        _check(f"{path}: $.frames[{number}].lines", frame.lines, known)
        targets = [Target(str(digit.digit), Box(*digit.box)) for digit in frame.digits]
        yield LabelledPicture(path.parent / frame.image, Truth(tuple(frame.lines), targets, labels=known))


def _check(where: str, lines: Sequence[str], known: Labels) -> None:
    """Refuse a line with what the model does not read.

    Raises:
        LabelError: there is such a line.
    """
    read = "digits" if known.are_digits else "the model's labels"
    for number, line in enumerate(lines, 1):
        if not set(known.split(line)) <= set(known.texts):
            raise LabelError(f"{where}: line {number} is {line!r}; only {read} can be read")


def _decode(path: Path, kind: Any) -> Any:  # noqa: ANN401 (what JSON holds is checked against `kind`)
    try:
        return msgspec.json.decode(read_text(path), type=kind)
    except OSError as error:
        raise LabelError(f"{path}: cannot read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: {error}") from error


def _beside(path: Path, known: Labels) -> LabelledPicture | LabelError:
    label = path.with_suffix(".txt")
    try:
        written = read_text(label).splitlines()
    except FileNotFoundError:
        return LabelError(f"{path}: no label; write its digits into {label.name}, a line of paper a line")
    except OSError as error:
        return LabelError(f"{label}: cannot read: {error.strerror}")
    except UnicodeDecodeError:
        return LabelError(f"{label}: not UTF-8 text; save it as plain text")
    lines = [known.joined(known.split(line)) for line in written]
    try:
        _check(str(label), lines, known)
    except LabelError as error:
        return error
    return LabelledPicture(path, Truth(tuple(line for line in lines if line), labels=known))
