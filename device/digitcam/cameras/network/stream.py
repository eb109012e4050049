"""Streams of any format that FFmpeg reads."""

import time

import cv2

from digitcam.cameras.base import Camera
from digitcam.cameras.decoding.ffmpeg import Decoder
from digitcam.cameras.network.address import advise
from digitcam.cameras.network.http import OPEN_S
from digitcam.cameras.network.mjpeg import ENDED
from digitcam.errors import CameraError
from digitcam.frame import Frame


class NetworkStream(Camera):
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
            raise CameraError(f"{name}: cannot be opened; {advise(url)}")
        self._sequence = 0

    def describe(self) -> str:
        """Give the address without its password, and the size."""
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
