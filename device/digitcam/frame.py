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
    """

    image: Grey
    time_ns: int
    sequence: int
