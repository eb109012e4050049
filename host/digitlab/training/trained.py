"""What the folder of a training holds, and publishing what came of it; for both networks."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from digitcam.errors import ModelError, OutputError
from digitcam.files import write_atomically
from digitlab.training.loop import CHECKPOINT, HISTORY

CONVERSION = "conversion.json"
DISTRIBUTIONS = ("tensorflow", "keras", "numpy", "opencv-python-headless")

Kind = TypeVar("Kind")


def settings(folder: Path, kind: type[Kind], command: str) -> Kind:
    """What a folder's training was started with.

    Args:
        folder: of the training.
        kind: the dataclass of its settings.
        command: that trains there, for the message.

    Raises:
        ModelError: nothing was trained there, or its checkpoint is damaged.
    """
    path = folder / CHECKPOINT
    try:
        with path.open("rb") as file, np.load(file) as saved:
            return kind(**json.loads(str(saved["settings"])))
    except Exception as error:
        # a damaged zip raises whatever its parser meets
        raise ModelError(f"{path}: missing or damaged ({error}); run `digitlab {command} --out {folder}`") from error


def history(folder: Path, command: str) -> list[dict[str, float]]:
    """How a folder's training went, one entry a part.

    Raises:
        ModelError: nothing was trained there, or its history is damaged.
    """
    path = folder / HISTORY
    try:
        return msgspec.json.decode(read(path), type=list[dict[str, float]])
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: damaged ({error}); run `digitlab {command} --out {folder}`") from error


def note(folder: Path, conversion: dict[str, Any]) -> None:
    """Keep, for the card, how a network was converted, and by which versions.

    Raises:
        OutputError: `folder` cannot be written.
    """
    versions = {"python": platform.python_version(), **{name: version(name) for name in DISTRIBUTIONS}}
    write_atomically(folder / CONVERSION, json.dumps({**conversion, "versions": versions}, indent=1).encode())


def conversion(folder: Path, command: str) -> dict[str, Any]:
    """What `note` kept.

    Raises:
        ModelError: nothing was converted there, or the note is damaged.
    """
    path = folder / CONVERSION
    try:
        return msgspec.json.decode(read(path), type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: damaged ({error}); run `digitlab {command} --out {folder}` again") from error


def flags(values: dict[str, Any]) -> str:
    """{"seed": 1} -> "--seed 1"; what is empty is left out."""
    return " ".join(f"--{name} {value}" for name, value in values.items() if value != "")


def in_order(made: dict[Path, str]) -> None:
    """Make sure that each file was written after the one that it was made from.

    Args:
        made: files, and the command that makes each, in that order.

    Raises:
        ModelError: one is missing, or older than the one before it.
    """
    before = 0
    for path, command in made.items():
        try:
            written = path.stat().st_mtime_ns
        except OSError as error:
            raise ModelError(f"{path}: {error.strerror}; run `digitlab {command} --out {path.parent}` first") from error
        if written < before:
            again = f"run `digitlab {command} --out {path.parent}` again"
            raise ModelError(f"{path}: older than what it is made from; {again}")
        before = written


def replace_together(contents: dict[Path, bytes]) -> None:
    """Write several files that belong together; they mismatch no longer than their renames take.

    Raises:
        OutputError: one cannot be written; the old ones stay whole.
    """
    staged = {path.with_name(f".{path.name}.staged"): path for path in contents}
    try:
        for stage, path in staged.items():
            write_atomically(stage, contents[path])
        for stage, path in staged.items():
            stage.replace(path)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{error.filename2}: cannot write: {error.strerror}") from error
    finally:
        for stage in staged:
            stage.unlink(missing_ok=True)


def read(path: Path) -> bytes:
    """A file's content.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot read: {error.strerror}") from error
