"""The standard streams, which a shell may close, or send to a full disk, or to a reader that goes."""

import errno
import io
import os
import select
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from digitcam.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_OUTPUT, STANDARD_ERROR = 1, 2


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
    sys.stdout = _guarded(sys.stdout, STANDARD_OUTPUT)
    sys.stderr = _guarded(sys.stderr, STANDARD_ERROR)


def write(text: str, stream: TextIO) -> None:
    """Write at once, so that what cannot be written is known here.

    Raises:
        OutputError: it cannot be written, for example to a full disk.
        BrokenPipeError: nobody reads it any more, as in `digitcam run | head`.
    """
    try:
        stream.write(text)
        stream.flush()
    except OutputError:
        raise
    except OSError as error:
        _discard(stream.fileno())
        raise _refused(stream.name, error) from error


def tell(text: str) -> None:
    """Write a line on standard error; where that takes none, there is nobody to tell."""
    write(f"{text}\n", sys.stderr)


class _Guarded(io.FileIO):
    """Standard output, or standard error, whoever writes there."""

    def write(self, data: "ReadableBuffer") -> int:
        """Write some of it.

        Raises:
            OutputError: standard output cannot be written.
            BrokenPipeError: nobody reads it any more.
        """
        while True:
            try:
                written: int | None = super().write(data)
            except OSError as error:
                _discard(self.fileno())
                if self.fileno() != STANDARD_ERROR:
                    raise _refused("standard output", error) from error
                return memoryview(data).nbytes
            if written is not None:
                return written
            # somebody made the terminal or the pipe one that does not wait
            select.select([], [self], [])


def _guarded(stream: TextIO | None, number: int) -> TextIO:
    """Make the stream of that number fit; what a test put in its place stays."""
    if stream is not None and stream not in {sys.__stdout__, sys.__stderr__}:
        return stream
    like = cast("io.TextIOWrapper", stream or os.fdopen(number, "w", closefd=False))
    return io.TextIOWrapper(
        io.BufferedWriter(_Guarded(number, "w", closefd=False)),
        encoding=like.encoding,
        errors="backslashreplace",  # what its encoding lacks is written as \xe9
        line_buffering=like.line_buffering,
        write_through=like.write_through,
    )


def _refused(name: str, error: OSError) -> Exception:
    """Say what is wrong with a stream that cannot be written."""
    if isinstance(error, BrokenPipeError):
        return BrokenPipeError(*error.args)
    closed = "it is closed; send it somewhere"
    why = closed if error.errno == errno.EBADF else f"{error.strerror}; make room, or send it elsewhere"
    return OutputError(f"{name}: cannot write: {why}")


def _discard(number: int) -> None:
    """Send what is still buffered nowhere; Python would fail on it again, with a traceback, when it exits."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), number)
