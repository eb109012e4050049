"""Whether what a camera shows can be the scene before it."""

import time

import numpy as np

from digitcam.errors import CameraError
from digitcam.frame import Grey

# No more than a thousandth of a black picture (hot pixels, noise) is lighter than this; the black of video is 16.
BLACK = 32
BLACK_SHARE = 0.001
STEP = 4  # every fourth row and column tells as much, for a sixteenth of the work

ADVICE = {
    "black": "shows nothing but black; take the cap off its lens, or light the page",
    "frozen": "gives the very same picture again and again, which no sensor does; plug it in again if that goes on",
}


class FrameHealth:
    """Doubts black and frozen pictures, and gives up a camera that gives nothing else for too long."""

    def __init__(self, bad_s: float, last: Grey | None = None) -> None:
        """Watch from now on.

        Args:
            bad_s: seconds of nothing but black, or but one picture, that are too long.
            last: uint8 (height, width), the newest picture before this one; a camera may freeze over a reopening.
        """
        self.last = last
        self._bad_s = bad_s
        self._doubt = ""
        self._since = 0.0

    def see(self, image: Grey) -> bool:
        """Tell whether this picture, uint8 (height, width), is beyond doubt.

        Raises:
            CameraError: it has been black, or the same, for too long; the message does not name the camera.
        """
        doubt = "black" if is_black(image) else "frozen" if np.array_equal(image, self.last) else ""  # type: ignore[arg-type]
        now = time.monotonic()
        if doubt != self._doubt:
            self._doubt, self._since = doubt, now
        self.last = image
        if doubt and now - self._since >= self._bad_s:
            raise CameraError(ADVICE[doubt])
        return not doubt


def is_black(image: Grey) -> bool:
    """Tell whether nothing can be seen in it, a few hot pixels aside."""
    sample = image[::STEP, ::STEP]
    return bool(np.count_nonzero(sample > BLACK) <= BLACK_SHARE * sample.size)
