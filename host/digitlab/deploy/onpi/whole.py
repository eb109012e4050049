"""Folders that are there whole or not at all, even after a power cut.

A folder is filled in place, since an environment knows its own path, and gets its mark last, once everything in it has
reached the disk. One without a mark was interrupted, and is deleted.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from digitlab.deploy.onpi.errors import DeploymentError

MARK = "whole.json"


def is_whole(folder: Path) -> bool:
    """Tell whether it was finished."""
    return (folder / MARK).is_file()


def about(folder: Path) -> dict[str, Any]:
    """Read what its mark says."""
    found: dict[str, Any] = json.loads((folder / MARK).read_text(encoding="utf-8"))
    return found


@contextmanager
def filling(folder: Path, mark: Mapping[str, Any]) -> Iterator[None]:
    """Fill an empty folder; it is whole at the end, or gone.

    Raises:
        DeploymentError: the disk is full, or cannot be written.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        yield
        os.sync()
        write(folder / MARK, json.dumps(mark))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DeploymentError(f"{folder}: cannot be made: {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def sweep(parent: Path) -> list[str]:
    """Delete what was interrupted; list their names."""
    left = [folder for folder in parent.glob("*") if not is_whole(folder)]
    for folder in left:
        shutil.rmtree(folder)
    return [folder.name for folder in left]


def write(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a file so that it is there whole or as it was before."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def point(link: Path, target: Path) -> None:
    """Make a relative link point elsewhere, in one rename."""
    beside = link.with_name(f".{link.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(os.path.relpath(target, link.parent))
    beside.replace(link)
    sync_folder(link.parent)


def leads(link: Path, target: Path) -> bool:
    """Tell whether a link is one that `point` made to this target."""
    return link.is_symlink() and link.readlink() == Path(os.path.relpath(target, link.parent))


def sync_folder(folder: Path) -> None:
    """Have a rename reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
