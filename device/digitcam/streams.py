"""The standard streams, which a shell may close, or send to a full disk, or to a reader that goes."""

import errno
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from digitcam.errors import OutputError


def prepare() -> None:
    """Make them fit to be written to; the first thing that a process does.

    The number of a closed stream would go to the next file that is opened, and into it what is printed. So one is
    opened in its place: for standard output one that cannot be written to, which fails where it is, and for standard
    error one that takes everything, as whoever closed it does not want to be told.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, mode), True)  # noqa: FBT003  # the lowest free number is this one
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # what its encoding lacks is written as \xe9
            stream.reconfigure(errors="backslashreplace")


def write(text: str, stream: TextIO) -> None:
    """Write at once, so that what cannot be written is known here.

    Raises:
        OutputError: it cannot be written, for example to a full disk.
        BrokenPipeError: nobody reads it any more, as in `digitcam run | head`.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _discard(stream)
        raise
    except OSError as error:
        _discard(stream)
        closed = "it is closed; send it somewhere"
        why = closed if error.errno == errno.EBADF else f"{error.strerror}; make room, or send it elsewhere"
        name = "standard output" if stream is sys.stdout else stream.name
        raise OutputError(f"{name}: cannot write: {why}") from error


def tell(text: str) -> None:
    """Write a line on standard error; where that takes none, there is nobody to tell."""
    with suppress(OutputError, BrokenPipeError):
        write(f"{text}\n", sys.stderr)


def _discard(stream: TextIO) -> None:
    """Send what is still buffered nowhere; Python would fail on it again, with a traceback, when it exits."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
