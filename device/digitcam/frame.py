"""A grey picture and when it was taken."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


class Origin(NamedTuple):
    """The picture file that a still comes from.

    Attributes:
        file: as it was named; `-` for standard input.
        page: from 1; 0 where the file holds no other.
    """

    file: str
    page: int = 0

    def __str__(self) -> str:
        """Name it: `two.tif, page 2`."""
        return f"{self.file}, page {self.page}" if self.page else self.file


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What a camera gives.

    Attributes:
        image: uint8 (height, width), 0 black to 255 white.
        time_ns: monotonic clock at capture, nanoseconds.
        sequence: counts the frames of one camera from 0; a gap means frames were skipped.
        recorded_ns: where the frame stands in a recording, nanoseconds from its start; None from a camera.
        origin: the picture that this is, to be read for itself; None for a moment of a film or from a camera.
    """

    image: Grey
    time_ns: int
    sequence: int
    recorded_ns: int | None = None
    origin: Origin | None = None

    @property
    def scene_ns(self) -> int:
        """When the scene looked like this, nanoseconds: a recording is read faster or slower than it happened."""
        return self.time_ns if self.recorded_ns is None else self.recorded_ns
