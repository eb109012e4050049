"""A camera before which one picture holds still."""

import time

from digitcam.cameras.base import Camera
from digitcam.frame import Frame, Grey


class Held(Camera):
    """A recording in which one picture holds still, ten times a second."""

    live = False

    def __init__(self, image: Grey, frames: int) -> None:
        """Show uint8 (height, width) so many times."""
        self._frames = (Frame(image, time.monotonic_ns(), n, n * 100_000_000) for n in range(frames))

    def describe(self) -> str:
        return "held"

    def read(self) -> Frame | None:
        return next(self._frames, None)

    def close(self) -> None:
        pass
