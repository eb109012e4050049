"""Which picture files a person means by a name: a file, a folder, a glob pattern, or `-` for standard input."""

import glob
import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from digitcam.errors import ImageError
from digitcam.files import is_file, is_folder
from digitcam.pictures.image_file import SUFFIXES
from digitcam.pictures.seekable import STANDARD_INPUT
from digitcam.plugins import CAMERAS
from digitcam.redact import redact

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def list_pictures(place: str) -> list[Path]:
    """List the files, in natural order: frame2 before frame10.

    Args:
        place: a file, which need not exist; a folder, of which every file is meant that is called as pictures are; a
            pattern such as `scans/*.png` that is no file's own name, of which every file is meant; or `-`.

    Raises:
        ImageError: there are none, or it is no such place.
    """
    if not place:
        raise ImageError("no picture is named; is a variable empty?")
    path = Path(place)
    if place == STANDARD_INPUT or is_file(path):
        return [path]
    if is_folder(path):
        return _in_folder(path)
    if is_pattern(place):
        met = filter(_is_meant, _called(Path(path.anchor), path.relative_to(path.anchor).parts))
        # a folder that links lead to has several names; the shortest is told
        longest_first = sorted(met, key=lambda file: -len(file.parts))
        found = {(os.path.realpath(file.parent), file.name): file for file in longest_first}
        if not found:
            raise ImageError(f"{place}: no file is called like this")
        return sorted(found.values(), key=_natural)
    if ADDRESS.match(place):
        raise ImageError(
            f"{redact(place)}: an address, not a file; `curl -s ADDRESS | digitcam read -` reads a picture there, "
            "`digitcam run --source ADDRESS` a stream"
        )
    try:
        if path.is_char_device():
            camera = f"`digitcam run --source v4l2:{place}`"
            raise ImageError(f"{place}: a device, not a picture; a camera is read by {camera}")
        is_camera = CAMERAS.names_among([place.partition(":")[0]]) and not path.exists()
    except OSError as error:
        raise ImageError(f"{place}: cannot read: {error.strerror}") from error
    if is_camera:
        raise ImageError(f"{place}: a camera, not a picture; `digitcam run --source {place}` reads it")
    return [path]


def is_pattern(place: str) -> bool:
    """Tell whether it is a glob pattern, unless a file is called so."""
    return glob.has_magic(place) and not os.path.lexists(place)


def _called(folder: Path, pattern: Sequence[str]) -> Iterator[Path]:
    """Give whatever is called so below a folder, part by part; `**` is any folders, also linked in a ring."""
    if not pattern:
        yield folder
    elif pattern[0] == "**":
        for below in _folders(folder):
            yield from _called(below, pattern[1:] or ["*"])
    else:
        for name in glob.iglob(pattern[0], root_dir=folder):  # noqa: PTH207  # where one may not look, nothing is found
            yield from _called(folder / name, pattern[1:])


def _folders(top: Path) -> Iterator[Path]:
    """Give a folder and all below it, also by links, each once and by its shortest name."""
    seen: set[str] = set()
    waiting = deque([top])
    while waiting:
        folder = waiting.popleft()
        if (real := os.path.realpath(folder)) not in seen:
            seen.add(real)
            yield folder
            waiting.extend(folder / name for name in sorted(glob.iglob("*/", root_dir=folder)))  # noqa: PTH207  # likewise


def _in_folder(folder: Path) -> list[Path]:
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and _is_meant(file)]
    except OSError as error:
        raise ImageError(f"{folder}: cannot list the folder: {error.strerror}") from error
    if not files:
        raise ImageError(f"{folder}: no pictures in this folder; give one with .png, .jpg, .tif or other pictures")
    return sorted(files, key=_natural)


def _is_meant(file: Path) -> bool:
    """Tell whether it is a file, or a link to nowhere, which is told; a pipe without a writer would be waited for."""
    return is_file(file) or (file.is_symlink() and not is_folder(file))


def _natural(file: Path) -> tuple[list[list[tuple[int, str]]], str]:
    """Sort key: folder by folder, numbers by their value, letters whatever their case; what is alike by its name."""
    parts = [re.split(r"(\d+)", part.casefold()) for part in file.parts]
    return [[(int(run), "") if run.isdecimal() else (-1, run) for run in part] for part in parts], str(file)
