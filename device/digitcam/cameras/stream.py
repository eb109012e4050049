"""Cameras in the network, RTSP and HTTP, through OpenCV's FFmpeg."""

import time

import cv2
import numpy as np

from digitcam.cameras.base import Camera, open_capture
from digitcam.errors import CameraError
from digitcam.frame import Frame
from digitcam.masking import mask

SCHEMES = ("rtsp", "rtsps", "http", "https")
# Less than `Patience`, so that a connection that hangs is closed before it is opened again.
OPEN_TIMEOUT_S = 10
READ_TIMEOUT_S = 4


class Stream(Camera):
    """A stream of any format that FFmpeg reads: MJPEG or a container over HTTP, whatever RTSP negotiates."""

    live = True

    def __init__(self, url: str) -> None:
        """Connect.

        Args:
            url: with user and password where the camera wants them; they are shown to nobody.

        Raises:
            CameraError: it cannot be reached in `OPEN_TIMEOUT_S`, or gives no video.
        """
        self._name = mask(url)
        self._capture = open_capture(
            url,
            cv2.CAP_FFMPEG,
            [
                *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 1000 * OPEN_TIMEOUT_S),
                *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, 1000 * READ_TIMEOUT_S),
            ],
        )
        if not self._capture.isOpened():
            raise CameraError(
                f"{self._name}: cannot be opened; check address, user and password, and that it gives video"
            )
        self._sequence = 0

    def describe(self) -> str:
        """Address without its password, and size."""
        width, height = (self._capture.get(key) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        return f"{self._name}: stream {width:.0f}x{height:.0f}"

    def read(self) -> Frame:
        """Wait for the next frame; its `time_ns` is when it had arrived, before decoding.

        Raises:
            CameraError: the stream has ended, or nothing came for `READ_TIMEOUT_S`.
        """
        grabbed = self._capture.grab()
        time_ns = time.monotonic_ns()
        decoded, image = self._capture.retrieve() if grabbed else (False, None)
        if not decoded or image is None or image.size == 0:
            raise CameraError(f"{self._name}: the stream has ended; check the camera and the network")
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        frame = Frame(grey, time_ns, self._sequence)
        self._sequence += 1
        return frame

    def close(self) -> None:
        """Disconnect."""
        self._capture.release()
