"""Videos in files and in the network, through OpenCV's FFmpeg."""

from collections.abc import Sequence

import cv2
import numpy as np

from digitcam.cameras.base import open_capture
from digitcam.cameras.decoding import jpeg
from digitcam.frame import Grey

# What a container calls Motion JPEG, or OpenCV where that says nothing.
JPEG = ("mjpg", "mjpe", "jpeg")
AV1 = ("av01", "av1")
PACKETS = -1  # of CAP_PROP_FORMAT: as the container holds them
# How many of numpy.rot90's turns, which are to the left, by the degrees to the right that a container asks for.
TURNS = {90: 3, 180: 2, 270: 1}


class Decoder:
    """Frames of one video, upright and grey.

    Motion JPEG is only taken out of its container by FFmpeg. FFmpeg's decoder, and OpenCV behind it, would keep the
    first frame's sampling: they smear a later one, and may crash.

    Attributes:
        is_open: whether there is a video.
        size: width and height that it announces, upright, in pixels.
        fps: frames a second; not above 0 where it does not say.
        announced: number of frames; not above 0 where it does not say.
        undecodable: its format, where that may be why nothing is decoded, in words; else empty.
    """

    def __init__(self, place: str, name: str, parameters: Sequence[int] = ()) -> None:
        """Open it, which may fail.

        Args:
            place: a path or a URL.
            name: what to call it.
            parameters: OpenCV's, a key and a value in turn.
        """
        self._name = name
        self._capture = open_capture(place, cv2.CAP_FFMPEG, parameters)
        self.is_open = self._capture.isOpened()
        number = int(self._capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        code = number.to_bytes(4, "little").decode("ascii", "replace")
        self.undecodable = "AV1, which OpenCV's FFmpeg cannot decode here" if code.lower().startswith(AV1) else ""
        self._is_jpeg = code.lower() in JPEG
        if self._is_jpeg:
            self._capture.set(cv2.CAP_PROP_FORMAT, PACKETS)
        # some releases of OpenCV turn by themselves
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        self._turns = TURNS.get(round(self._capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 360, 0)
        width, height, self.fps, announced = (
            self._capture.get(key)
            for key in (
                *(cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT),
                *(cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT),
            )
        )
        self.size = (round(height), round(width)) if self._turns % 2 else (round(width), round(height))
        self.announced = round(announced)

    def grab(self) -> bool:
        """Wait for the next frame; False where there is none."""
        return self._capture.grab()

    def image(self) -> Grey | None:
        """Decode the frame that was grabbed: uint8 (height, width); None where it cannot be decoded.

        Raises:
            EmptyFrameError: it is a broken JPEG; the next one may be whole.
        """
        decoded, image = self._capture.retrieve()
        if not decoded or image is None or image.size == 0:
            return None
        grey = jpeg.decode(image.tobytes(), self._name) if self._is_jpeg else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        return np.ascontiguousarray(np.rot90(grey, self._turns), dtype=np.uint8)

    def close(self) -> None:
        """Close it."""
        self._capture.release()
