"""A video file, every frame of it in order.

A recording has no moment of capture, so a frame's `time_ns` is when its decoding began: its age when the loop takes
it up is the time that decoding took.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from digitcam.cameras.base import Camera, EmptyFrameError
from digitcam.cameras.decoding.ffmpeg import Decoder
from digitcam.errors import CameraError
from digitcam.frame import Frame

# Every video container has zero bytes in its head and no text has. Without this check FFmpeg takes a text file
# for terminal art and draws it.
HEAD_BYTES = 4096
# A video that ends before this share of the frames it announced is truncated. Not 1: some containers only estimate
# their number of frames, as duration times mean rate.
WHOLE = 0.9
# Some containers know no rate of frames, and some say the rate of their clock.
USUAL_FPS, HIGHEST_FPS = 30.0, 240.0


class Video(Camera):
    """A video file."""

    live = False

    def __init__(self, place: str) -> None:
        """Open the file and decode its first frame, so that what is no video is refused here.

        Raises:
            CameraError: it cannot be opened, or has no frame that can be decoded.
        """
        path = self._path = Path(place)
        self._file = _opened(path)
        self._decoder = Decoder(_address(self._file), str(path))
        fps = self._decoder.fps
        self._fps = fps if 0 < fps <= HIGHEST_FPS else USUAL_FPS
        self._given = 0
        self._first = self._decode()
        if self._first is None:
            self.close()
            raise CameraError(f"{path}: no frame can be decoded: {self._reason()}")

    def describe(self) -> str:
        """Give path, size and number of frames, as far as the file says it."""
        width, height = self._decoder.size
        frames = f", {_count(self._decoder.announced, 'frame')}" if self._decoder.announced > 0 else ""
        return f"{self._path}: video {width}x{height}{frames}"

    def read(self) -> Frame | None:
        """Give the next frame, or None after the last; a broken JPEG is left out, which `sequence` shows.

        Raises:
            CameraError: the video ends well before the frames it announced.
        """
        frame, self._first = self._first or self._decode(), None
        if frame is None and self._given < WHOLE * self._decoder.announced:
            raise CameraError(
                f"{self._path}: ends after {self._given} of {self._decoder.announced} frames: truncated or damaged; "
                "copy it again"
            )
        return frame

    def close(self) -> None:
        """Close the file."""
        self._decoder.close()
        self._file.close()

    def _decode(self) -> Frame | None:
        while True:
            began = time.monotonic_ns()
            if not self._decoder.grab():
                return None
            number, self._given = self._given, self._given + 1
            with suppress(EmptyFrameError):
                image = self._decoder.image()
                return None if image is None else Frame(image, began, number, round(number * 1e9 / self._fps))

    def _reason(self) -> str:
        convert = f"`ffmpeg -i {self._path} -c:v libx264 h264.mp4`"
        if self._decoder.undecodable:
            return f"it is {self._decoder.undecodable}; convert it: {convert}"
        return f"no video, a truncated or damaged one, or of a format that only {convert} may know"


def _opened(path: Path) -> BinaryIO:
    try:
        file = path.open("rb")
        if b"\0" in file.read(HEAD_BYTES):
            return file
    except OSError as error:
        raise CameraError(f"{path}: cannot read: {error.strerror}") from error
    file.close()
    raise CameraError(f"{path}: neither a video nor a picture; give one that FFmpeg or Pillow can read")


def _address(file: BinaryIO) -> str:
    """Name a file as FFmpeg does: it takes what stands before a colon for a protocol, and OpenCV takes UTF-8 only."""
    path = os.path.abspath(file.name)  # noqa: PTH100 - a link's target may have another suffix
    try:
        path.encode()
    except UnicodeEncodeError:
        return f"/proc/self/fd/{file.fileno()}"
    return path


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
