"""Writing files so that a reader never meets a half-written one."""

import contextlib
import os
import tempfile
from pathlib import Path

from digitcam.errors import OutputError


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside `path`, then rename; what stood there before stays whole if anything fails.

    Raises:
        OutputError: no such folder, no permission, or no space left.
    """
    temporary: str | None = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes the file private; give it what open() would have
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        raise OutputError(f"{path}: cannot write: {error.strerror}") from error
