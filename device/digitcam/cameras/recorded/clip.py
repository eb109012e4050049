"""Recorded sources: a video file, or pictures. Every frame is read, in order.

A recording has no moment of capture, so a frame's `time_ns` is when its decoding began: its age when the loop takes
it up is the time that decoding took.
"""

import time
from contextlib import suppress
from functools import partial
from importlib.resources import files
from pathlib import Path

from digitcam.cameras.base import Camera, CameraPlugin, CameraRequest, EmptyFrameError, Opening
from digitcam.cameras.decoding.ffmpeg import Decoder
from digitcam.cameras.recorded.pictures import Pictures, Skipped
from digitcam.errors import CameraError
from digitcam.frame import Frame
from digitcam.pictures.image_file import is_picture
from digitcam.pictures.names import is_pattern, picture_files
from digitcam.pictures.seekable import STANDARD_INPUT
from digitcam.redact import mask
from digitcam.state.health import Health

DEMO_NAME = "demo"  # for a path: the shipped clip

# Every video container has zero bytes in its head and no text has. Without this check FFmpeg takes a text file
# for terminal art and draws it.
HEAD_BYTES = 4096
# A video that ends before this share of the frames it announced is truncated. Not 1: some containers only estimate
# their number of frames, as duration times mean rate.
WHOLE = 0.9
# Some containers know no rate of frames, and some say the rate of their clock.
USUAL_FPS, HIGHEST_FPS = 30.0, 240.0


def shipped_clip() -> Path:
    """Path of the clip that comes with this code: pages of digits, as a camera would see them."""
    return Path(str(files("digitcam") / "samples" / "demo.mp4"))


def open_clip(path: Path, skipped: Skipped | None = None) -> Camera:
    """Open a recording that exists.

    Args:
        path: a video; or a picture, a folder of pictures, a pattern of their names, `-` for one on standard input.
        skipped: where it is told what pictures cannot be read.

    Raises:
        CameraError: the file is no video.
        ImageError: there are no such pictures.
    """
    if path.is_file() and not is_picture(path):
        return Video(path)
    return Pictures(path, picture_files(str(path)), skipped or Skipped(Health()))


def is_there(path: Path) -> bool:
    """Whether there is a recording to open."""
    place = str(path)
    return place == STANDARD_INPUT or path.is_dir() or path.is_file() or is_pattern(place)


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


def _is_binary(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"\0" in file.read(HEAD_BYTES)
    except OSError as error:
        raise CameraError(f"{path}: cannot read: {error.strerror}") from error


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _prepare(request: CameraRequest) -> Opening:
    path = shipped_clip() if request.config.source == DEMO_NAME else Path(request.place)
    if not is_there(path):
        raise CameraError(f"{mask(request.place)}: {_advice(path)}")
    return partial(open_clip, path, Skipped(request.health))


def _advice(path: Path) -> str:
    if path.is_char_device():
        return f"a camera's device is written v4l2:{path}"
    return (
        "no such camera, file or folder; camera.source is auto, picamera2, v4l2:/dev/video0, a URL of rtsp or http, a "
        "video, a picture, a folder of pictures or a pattern such as 'scans/*.png', and `digitcam cameras` lists the "
        "cameras that are there"
    )


FILE = CameraPlugin(prepare=_prepare, live=False)
DEMO = CameraPlugin(prepare=_prepare, takes=lambda place: not place, live=False)
