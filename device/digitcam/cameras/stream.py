"""Cameras in the network: what RTSP negotiates, and whatever an HTTP address answers."""

import time
from http.client import HTTPResponse

import cv2

from digitcam.cameras.address import address, advice
from digitcam.cameras.base import Camera
from digitcam.cameras.capture import MISSING_FRAMES
from digitcam.cameras.ffmpeg import Decoder
from digitcam.cameras.http import OPEN_S, Web
from digitcam.cameras.motion import ENDED, MotionJpeg
from digitcam.cameras.snapshot import Snapshot
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.frame import Frame
from digitcam.masking import mask

SCHEMES = ("rtsp", "rtsps", "http", "https")
# Longest wait for a frame, seconds: less than `Patience`, so that a connection that hangs is closed before it is opened
# again. A slow one may take three frames' time.
READ_S = 4.0


def open_stream(config: CameraConfig) -> Camera:
    """Connect to `config.source`.

    A multipart of JPEGs is taken apart here, a picture is asked for again and again, and all else is FFmpeg's.

    Raises:
        CameraError: it cannot be reached, refuses, or gives neither video nor picture.
        ConfigError: its password cannot be read.
    """
    url, name = address(config), mask(config.source)
    wait_s = max(READ_S, MISSING_FRAMES / config.fps)
    if not url.startswith("http"):
        return Stream(url, name, wait_s)
    web = Web(url, name, wait_s)
    answer = web.ask()
    if answer.headers.get_content_maintype() == "multipart":
        return MotionJpeg(answer, name, wait_s)
    with answer:
        kind, picture = answer.headers.get_content_type(), _is_picture(answer)
    if picture:
        return Snapshot(web, name, config.fps)
    if kind == "text/html":
        raise CameraError(f"{name}: is a page for browsers; the camera's manual names the address of its stream")
    return Stream(url, name, wait_s)


def _is_picture(answer: HTTPResponse) -> bool:
    """Whether it is one picture, and not a stream; not all cameras name its type."""
    kind = answer.headers.get_content_type()
    return kind.startswith("image/") or (
        kind == "application/octet-stream" and answer.length is not None and answer.peek(2)[:2] == b"\xff\xd8"
    )


class Stream(Camera):
    """A stream of any format that FFmpeg reads."""

    live = True

    def __init__(self, url: str, name: str, wait_s: float) -> None:
        """Connect.

        Args:
            url: with user and password where the camera wants them.
            name: the URL without them.
            wait_s: longest wait for a frame, seconds.

        Raises:
            CameraError: it cannot be reached in `OPEN_S`, or gives no video.
        """
        self._name = name
        self._decoder = Decoder(
            url,
            name,
            [
                *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 1000 * OPEN_S),
                *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(1000 * wait_s)),
            ],
        )
        if not self._decoder.is_open:
            raise CameraError(f"{name}: cannot be opened; {advice(url)}")
        self._sequence = 0

    def describe(self) -> str:
        """Address without its password, and size."""
        width, height = self._decoder.size
        return f"{self._name}: stream {width}x{height}"

    def read(self) -> Frame:
        """Wait for the next frame; its `time_ns` is when it had arrived.

        Raises:
            EmptyFrameError: it is a broken JPEG.
            CameraError: the stream has ended, or nothing came for too long.
        """
        grabbed = self._decoder.grab()
        time_ns = time.monotonic_ns()
        image = self._decoder.image() if grabbed else None
        if image is None:
            raise CameraError(f"{self._name}: {self._reason()}")
        frame = Frame(image, time_ns, self._sequence)
        self._sequence += 1
        return frame

    def close(self) -> None:
        """Disconnect."""
        self._decoder.close()

    def _reason(self) -> str:
        if self._sequence == 0 and self._decoder.undecodable:
            return f"it is {self._decoder.undecodable}; set the camera to H.264 or to Motion JPEG"
        return ENDED
