"""Reading what a person wrote, and writing so that a reader never meets a half-written file."""

import os
import stat
import tempfile
from pathlib import Path

from digitcam.errors import OutputError

# What is shipped lies in it. Asking importlib.resources imports zipfile, which a start would wait for.
PACKAGE = Path(__file__).parent


def read_text(path: Path) -> str:
    """Read text in UTF-8, with or without the byte order mark that Windows' editors put before it.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is in another encoding.
    """
    return path.read_text(encoding="utf-8-sig")


def is_file(path: Path) -> bool:
    """Tell whether a file stands there: not where one may not look, or no name is so long (`Path.is_file` raises)."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: Path) -> bool:
    """Tell whether a folder stands there, likewise."""
    return os.path.isdir(path)  # noqa: PTH112


def is_pipe(path: Path) -> bool:
    """Tell whether a pipe stands there, likewise."""
    try:
        return path.is_fifo()
    except OSError:
        return False


def write_atomically(path: Path, data: bytes | memoryview, *, private: bool = False, mode: int | None = None) -> None:
    """Write beside `path`, then rename; what stood there before stays whole if anything fails.

    A symbolic link stays one: what it points to is written. A device or a pipe is written straight into.

    Args:
        path: where.
        data: the content.
        private: whether only those may read it who could read what stood there before, and no others at any moment;
            where nothing did, the owner of its folder alone.
        mode: its permissions otherwise; None for those that `open` would give it.

    Raises:
        OutputError: no such folder, no permission, or no space left.
    """
    temporary: Path | None = None
    target = Path(os.path.realpath(path))
    try:
        if _exists(path) and not target.is_file():
            target.write_bytes(data)
            return
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes the file private
        if private:
            _hand_over(temporary, target)
        else:
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask if mode is None else mode)
        temporary.replace(target)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot write: {error.strerror}") from error


def check_folder(path: Path) -> None:
    """Say at the start, not after hours of running, that a file cannot be written.

    Raises:
        OutputError: a folder stands there, or it cannot be written to the one that it would lie in.
    """
    folder = Path(os.path.realpath(path)).parent  # of what a link points to
    if is_folder(path):
        raise OutputError(f"{path}: cannot write: a folder stands there; give another name")
    if not is_folder(folder):
        raise OutputError(f"{path}: cannot write: {folder} is not a folder; make it, or give another")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{path}: cannot write: no permission in {folder}; give another folder")


def _hand_over(temporary: Path, target: Path) -> None:
    """Give a private file the owner and group that it is to have, which takes root, and the rights that it had."""
    before = target.stat() if target.exists() else None
    owner = before or target.parent.stat()
    if os.geteuid() == 0:
        os.chown(temporary, owner.st_uid, owner.st_gid)
    if before:
        temporary.chmod(stat.S_IMODE(before.st_mode) & ~stat.S_IRWXO)


def _exists(path: Path) -> bool:
    """Tell whether something stands there; unlike `Path.exists`, fail at links in a ring and the like."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True
