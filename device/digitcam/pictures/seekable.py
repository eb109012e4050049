"""Files, pipes and standard input, opened so that they can be read from any place."""

import io
import sys
from functools import cache
from pathlib import Path
from typing import IO

from digitcam.errors import ImageError

STANDARD_INPUT = "-"
MOST_BYTES = 200_000_000  # of what is read from a pipe


def open_seekable(path: Path) -> IO[bytes]:
    """Open a picture's file; a pipe, and `-` for standard input, are read to their end.

    Raises:
        OSError: it cannot be opened or read.
        ImageError: nothing comes out of a pipe, or too much; the message does not name it.
    """
    if str(path) == STANDARD_INPUT:
        return io.BytesIO(read_standard_input())
    # Pillow is handed this, not the name, by which it would map an uncompressed TIFF file: with width and height
    # exchanged where it is to be turned
    file = path.open("rb")
    if file.seekable():
        return file
    with file:
        return io.BytesIO(_all_of(file))


@cache  # a loop reads it again and again
def read_standard_input() -> bytes:
    """Read all of standard input.

    Raises:
        ImageError: it is closed, a terminal, empty or too large.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise ImageError("no picture stands on standard input; pipe one into it, as in `digitcam read - <page.png`")
    return _all_of(sys.stdin.buffer)


def _all_of(pipe: IO[bytes]) -> bytes:
    data = pipe.read(MOST_BYTES + 1)
    if not data:
        raise ImageError("nothing came, so not a picture; look at what should have written one")
    if len(data) > MOST_BYTES:
        raise ImageError(f"more than {MOST_BYTES // 1_000_000} MB; give one picture")
    return data
