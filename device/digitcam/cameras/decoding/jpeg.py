"""JPEGs that follow one another: where each ends in a stream, and each decoded for itself.

No decoder lives from one to the next, so that a change of size or sampling is no event, and what is broken costs one
frame.
"""

import io
import re
from collections.abc import Iterator

import numpy as np
from PIL.JpegImagePlugin import JpegImageFile

from digitcam.cameras.base import EmptyFrameError
from digitcam.frame import Grey

# Markers of ITU T.81, table B.1. In what a scan codes, FF00 stands for FF, and the restarts D0 to D7 belong to it.
START = b"\xff\xd8\xff"
MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
SECOND_START, SCAN, END = b"\xd8", b"\xda", b"\xd9"
MOST_BYTES = 32_000_000  # what has no end by then is no JPEG
MOST_PIXELS = 25_000_000


class Splitter:
    """Finds the JPEGs in bytes that come piece by piece, whatever stands between them: a multipart's heads, padding.

    One that is cut off ends where the next begins, and is left out.
    """

    def __init__(self) -> None:
        """Wait for the first one."""
        self._data = bytearray()
        self._seen = 0  # how far the JPEG at the beginning was looked through; 0: none begins there
        self._in_scan = False  # whether a scan's code goes on there, or a marker must stand there

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take what came; gives each JPEG that is whole with it."""
        self._data += piece
        while end := self._end():
            yield bytes(self._data[:end])
            self._drop(end)

    def _end(self) -> int:
        """Find where the JPEG at the beginning ends; 0: that has not come yet."""
        while self._seen or self._begins():
            marker = (MARKER.search if self._in_scan else MARKER.match)(self._data, self._seen)
            if marker is None:
                if len(self._data) < MOST_BYTES and (self._in_scan or len(self._data) < self._seen + 2):
                    if self._in_scan:
                        self._seen = max(self._seen, len(self._data) - 1)
                    return 0
                self._drop(1)  # the length before was wrong
            elif marker[1] == END:
                return marker.end()
            elif marker[1] == SECOND_START:
                self._drop(marker.end() - 2)
            else:
                self._seen = marker.start()
                if len(self._data) < marker.end() + 2:
                    return 0
                self._seen = marker.end() + int.from_bytes(self._data[marker.end() : marker.end() + 2], "big")
                self._in_scan = marker[1] == SCAN
        return 0

    def _begins(self) -> bool:
        """Drop what stands before the next JPEG; whether that has begun to come."""
        start = self._data.find(START)
        self._drop(start if start >= 0 else max(0, len(self._data) - len(START) + 1))
        self._seen = len(START) - 1 if start >= 0 else 0
        return start >= 0

    def _drop(self, count: int) -> None:
        del self._data[:count]
        self._seen = 0
        self._in_scan = False


def decode(data: bytes, name: str) -> Grey:
    """Decode one.

    Args:
        data: all of it.
        name: what an error calls the camera.

    Returns:
        uint8 (height, width): its luma.

    Raises:
        EmptyFrameError: it is cut off or damaged, or too large.
    """
    try:
        with JpegImageFile(io.BytesIO(data)) as image:
            width, height = image.size
            if width * height <= MOST_PIXELS:
                image.draft("L", None)
                return np.array(image.convert("L"))
    except Exception as error:  # whatever Pillow raises on damaged data
        raise EmptyFrameError(f"{name}: gives broken JPEGs ({error}); check the network or its cable") from error
    raise EmptyFrameError(f"{name}: gives pictures of {width}x{height}; set it to smaller ones")
