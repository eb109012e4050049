"""A grey picture and when it was taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What a camera gives.

    Attributes:
        image: uint8 (height, width), 0 black to 255 white.
        time_ns: monotonic clock at capture, nanoseconds.
        sequence: counts the frames of one camera from 0; a gap means frames were skipped.
        recorded_ns: where the frame stands in a recording, nanoseconds from its start; None from a camera.
    """

    image: Grey
    time_ns: int
    sequence: int
    recorded_ns: int | None = None

    @property
    def scene_ns(self) -> int:
        """When the scene looked like this, nanoseconds: a recording is read faster or slower than it happened."""
        return self.time_ns if self.recorded_ns is None else self.recorded_ns
