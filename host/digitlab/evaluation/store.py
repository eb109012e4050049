"""Evaluations on the disk."""

from pathlib import Path
from typing import TypeVar

import msgspec

from digitcam.errors import ModelError
from digitcam.files import write_atomically

E = TypeVar("E", bound=msgspec.Struct)


def save(evaluation: msgspec.Struct, path: Path) -> None:
    """Write an evaluation as JSON.

    Raises:
        OutputError: the file cannot be written.
    """
    write_atomically(path, msgspec.json.encode(evaluation))


def load(kind: type[E], path: Path, command: str) -> E:
    """Read what `save` wrote.

    Args:
        kind: of evaluation.
        path: of the file.
        command: that makes it.

    Raises:
        ModelError: the file is missing or is no evaluation.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}: run `{command}` first") from error
    except msgspec.DecodeError as error:
        raise ModelError(f"{path}: not an evaluation ({error}): run `{command}` again") from error
