"""What was read in one frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Box(NamedTuple):
    """A rectangle in frame pixels; (x, y) is its top left corner."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True, eq=False)
class Digit:
    """A digit that was read.

    Attributes:
        digit: 0 to 9.
        confidence: its probability, 0 to 1.
        probabilities: float32 (10,), of each digit; what they lack of 1 is the probability that it is none.
        box: where it stands, in frame pixels.
        crop: uint8 (28, 28), the picture that the network saw.
        line: the line of text it belongs to, from 0 at the top.
    """

    digit: int
    confidence: float
    probabilities: NDArray[np.float32]
    box: Box
    crop: NDArray[np.uint8]
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Reject:
    """A found place that holds no digit, or not surely enough one.

    Attributes:
        box: where it stands, in frame pixels.
        reason: why, in a few words.
        confidence: the best digit's probability where the network was asked, else None.
        crop: uint8 (28, 28), what the network saw, else None.
        probabilities: float32 (11,), of each digit and of being none, else None.
    """

    box: Box
    reason: str
    confidence: float | None = None
    crop: NDArray[np.uint8] | None = None
    probabilities: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The digits of one frame in reading order.

    Attributes:
        digits: line by line, each from left to right.
        rejected: what was found and not read.
        ms: latency of each stage, in milliseconds.
        turn: degrees by which the picture was turned clockwise to be read: 0, 90, 180 or 270. Lines and their order are
            those of the turned picture; boxes are in pixels of the picture as it is.
    """

    digits: Sequence[Digit]
    rejected: Sequence[Reject]
    ms: Mapping[str, float]
    turn: int = 0

    @property
    def text(self) -> str:
        """The digits as text, one line of paper a line."""
        lines: dict[int, str] = {}
        for digit in self.digits:
            lines[digit.line] = lines.get(digit.line, "") + str(digit.digit)
        return "\n".join(lines.values())

    @property
    def asked(self) -> list[Reject]:
        """The rejects that the network was asked about: those with a crop."""
        return [reject for reject in self.rejected if reject.crop is not None]
