"""Recorded sources: a video file, a folder of pictures, one picture. Every frame is read, in order.

A recording has no moment of capture, so a frame's `time_ns` is when its decoding began: its age when the loop takes
it up is the time that decoding took.
"""

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from digitcam import picture
from digitcam.cameras.base import Camera, EmptyFrameError
from digitcam.cameras.ffmpeg import Decoder
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
PICTURE_NS = 1_000_000_000  # a folder of pictures is taken for one a second


def open_clip(path: Path) -> Camera:
    """Open a recording that exists.

    Raises:
        CameraError: the folder holds no pictures, or the file is no video.
        ImageError: the file is a picture that cannot be read.
    """
    if path.is_dir():
        return Pictures(path, _pictures_in(path))
    if path.suffix.lower() in picture.SUFFIXES:
        return Pictures(path, [path])
    return Video(path)


class Pictures(Camera):
    """Picture files, each read once."""

    live = False

    def __init__(self, path: Path, files: Sequence[Path]) -> None:
        self._path = path
        self._files = files
        self._next = 0

    def describe(self) -> str:
        """The path and how many pictures it holds."""
        return f"{self._path}: {_count(len(self._files), 'picture')}"

    def read(self) -> Frame | None:
        """The next picture, or None after the last.

        Raises:
            ImageError: it cannot be read; the message names the file.
        """
        if self._next == len(self._files):
            return None
        began = time.monotonic_ns()
        frame = Frame(picture.load(self._files[self._next]), began, self._next, self._next * PICTURE_NS)
        self._next += 1
        return frame

    def close(self) -> None:
        """Nothing stays open between pictures."""


class Video(Camera):
    """A video file."""

    live = False

    def __init__(self, path: Path) -> None:
        """Open the file and decode its first frame, so that what is no video is refused here.

        Raises:
            CameraError: it cannot be opened, or has no frame that can be decoded.
        """
        self._path = path
        if not _is_binary(path):
            raise CameraError(f"{path}: neither a video nor a picture; give one that FFmpeg or Pillow can read")
        self._decoder = Decoder(str(path), str(path))
        fps = self._decoder.fps
        self._fps = fps if 0 < fps <= HIGHEST_FPS else USUAL_FPS
        self._given = 0
        self._first = self._decode()
        if self._first is None:
            raise CameraError(f"{path}: no frame can be decoded: {self._reason()}")

    def describe(self) -> str:
        """Path, size and number of frames, as far as the file says it."""
        width, height = self._decoder.size
        frames = f", {_count(self._decoder.announced, 'frame')}" if self._decoder.announced > 0 else ""
        return f"{self._path}: video {width}x{height}{frames}"

    def read(self) -> Frame | None:
        """The next frame, or None after the last; a broken JPEG is left out, which `sequence` shows.

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


def _pictures_in(folder: Path) -> list[Path]:
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in picture.SUFFIXES]
    except OSError as error:
        raise CameraError(f"{folder}: cannot list the folder: {error.strerror}") from error
    if not files:
        raise CameraError(f"{folder}: no pictures in this folder ({', '.join(sorted(picture.SUFFIXES))})")
    return sorted(files, key=_natural)


def _natural(file: Path) -> list[tuple[int, str]]:
    """Sort key that puts frame2 before frame10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", file.name)]


def _is_binary(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"\0" in file.read(HEAD_BYTES)
    except OSError as error:
        raise CameraError(f"{path}: cannot read: {error.strerror}") from error


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
