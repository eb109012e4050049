"""Motion JPEG over HTTP: one JPEG after another, each decoded for itself."""

import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException, HTTPResponse

from digitcam.cameras.base import Camera, EmptyFrameError
from digitcam.cameras.capture_thread import MISSING_FRAMES
from digitcam.cameras.decoding import jpeg
from digitcam.errors import CameraError
from digitcam.frame import Frame

PIECE = 65536  # bytes read at once, at most
ENDED = "the stream has ended; check the camera and the network"


class MotionJpeg(Camera):
    """The parts of a `multipart/x-mixed-replace`."""

    live = True

    def __init__(self, answer: HTTPResponse, name: str, wait_s: float) -> None:
        """Wait for the first JPEG.

        Args:
            answer: what the camera answers; closed with this.
            name: what to call it.
            wait_s: longest wait for a JPEG, seconds.

        Raises:
            CameraError: there is none.
        """
        self._answer = answer
        self._name = name
        self._wait_s = wait_s
        self._jpegs = self._split()
        self._sequence = 0
        self._size = 0, 0
        try:
            self._first: Frame | None = self._first_whole()
        except CameraError:
            answer.close()
            raise

    def describe(self) -> str:
        """Give the address without its password, and the size of the newest picture."""
        width, height = self._size
        return f"{self._name}: stream {width}x{height}"

    def read(self) -> Frame:
        """Wait for the next frame; its `time_ns` is when it had arrived.

        Raises:
            EmptyFrameError: it is a broken JPEG.
            CameraError: the stream has ended, or no JPEG came for too long.
        """
        frame, self._first = self._first or self._next(), None
        return frame

    def close(self) -> None:
        """Disconnect."""
        self._answer.close()

    def _first_whole(self) -> Frame:
        for _ in range(MISSING_FRAMES - 1):
            with suppress(EmptyFrameError):
                return self._next()
        return self._next()

    def _next(self) -> Frame:
        data = next(self._jpegs)
        time_ns = time.monotonic_ns()
        frame = Frame(jpeg.decode(data, self._name), time_ns, self._sequence)
        self._sequence += 1
        height, width = frame.image.shape
        self._size = width, height
        return frame

    def _split(self) -> Iterator[bytes]:
        splitter, began = jpeg.Splitter(), time.monotonic()
        while True:
            for data in splitter.feed(self._piece()):
                yield data
                began = time.monotonic()
            if time.monotonic() - began > self._wait_s:
                raise CameraError(f"{self._name}: gives no frames: no JPEG is among what it sends")

    def _piece(self) -> bytes:
        try:
            piece = self._answer.read1(PIECE)
        except TimeoutError as error:
            raise CameraError(f"{self._name}: gives no frames; check the camera and the network") from error
        except (OSError, HTTPException, ValueError) as error:
            raise CameraError(f"{self._name}: {ENDED}") from error
        if not piece:
            raise CameraError(f"{self._name}: {ENDED}")
        return piece
