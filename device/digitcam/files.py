"""Writing files so that a reader never meets a half-written one."""

import os
import tempfile
from pathlib import Path

from digitcam.errors import OutputError


def write_atomically(path: Path, data: bytes | memoryview) -> None:
    """Write beside `path`, then rename; what stood there before stays whole if anything fails.

    Raises:
        OutputError: no such folder, no permission, or no space left.
    """
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes the file private; give it what open() would have
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot write: {error.strerror}") from error
