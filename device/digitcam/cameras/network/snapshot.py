"""A camera's snapshot address: one picture an answer, asked for again and again."""

import time
from http.client import HTTPException

from digitcam.cameras.base import Camera, EmptyFrameError
from digitcam.cameras.network.http import Web
from digitcam.errors import CameraError, ImageError
from digitcam.frame import Frame
from digitcam.pictures import image_file

MOST_FPS = 5.0  # a camera takes each for itself, and few are faster
MOST_BYTES = 32_000_000


class Snapshot(Camera):
    """Pictures by HTTP, `camera.fps` times a second and no more than `MOST_FPS`."""

    live = True
    sensor = False  # the camera may make a new one only now and then

    def __init__(self, web: Web, name: str, fps: float) -> None:
        """Prepare to ask; `read` asks for the first.

        Args:
            web: its address.
            name: what to call it.
            fps: how often it is asked, at most.
        """
        self._web = web
        self._name = name
        self._fps = min(fps, MOST_FPS)
        self._due = time.monotonic()
        self._sequence = 0
        self.note = f"gives one picture at a time; camera.fps says how often it is asked, {MOST_FPS:g} times at most"

    def describe(self) -> str:
        """Give the address without its password, and how often it is asked."""
        return f"{self._name}: snapshots, {self._fps:g} a second"

    def read(self) -> Frame:
        """Ask for a picture when it is time; `time_ns` is when it had arrived.

        Raises:
            EmptyFrameError: it cannot be decoded.
            CameraError: the camera does not answer, or refuses.
        """
        time.sleep(max(0.0, self._due - time.monotonic()))
        self._due = time.monotonic() + 1 / self._fps
        data = self._ask()
        time_ns = time.monotonic_ns()
        try:
            frame = Frame(image_file.decode(data, self._name).image, time_ns, self._sequence)
        except ImageError as error:
            raise EmptyFrameError(str(error)) from error
        self._sequence += 1
        return frame

    def close(self) -> None:
        """Do nothing: nothing stays open between pictures."""

    def _ask(self) -> bytes:
        try:
            with self._web.ask() as answer:
                return answer.read(MOST_BYTES)
        except (OSError, HTTPException, ValueError) as error:
            raise CameraError(f"{self._name}: a picture was cut off; check the network") from error
