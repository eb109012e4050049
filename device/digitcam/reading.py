"""What was read in one frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.labels import DIGITS, Labels

QUARTER = 90  # degrees


class Box(NamedTuple):
    """A rectangle in frame pixels; (x, y) is its top left corner.

    >>> x, y, w, h = reading.digits[0].box
    >>> w < h
    True
    """

    x: int
    y: int
    w: int
    h: int

    def turned(self, quarters: int, shape: tuple[int, ...]) -> "Box":
        """Tell where it comes to lie when its picture, (height, width), is turned clockwise by so many quarters."""
        (x, y, w, h), (height, width) = self, shape
        for _ in range(quarters):
            x, y, w, h = height - y - h, x, h, w
            height, width = width, height
        return Box(x, y, w, h)


@dataclass(frozen=True, slots=True, eq=False)
class Digit:
    """A digit that was read, or whatever else the model's labels name.

    >>> first = reading.digits[0]
    >>> first.label, first.digit, first.line, first.confidence > 0.9
    ('4', 4, 0, True)

    Attributes:
        label: "0" to "9", or as the model's labels have it.
        confidence: its probability, 0 to 1.
        probabilities: float32 (labels,), of each label; what they lack of 1 is the probability that it is none.
        box: where it stands, in frame pixels.
        crop: uint8 (side, side), the picture that the network saw; 28 pixels a side for the shipped one.
        line: the line of text it belongs to, from 0 at the top.
    """

    label: str
    confidence: float
    probabilities: NDArray[np.float32]
    box: Box
    crop: NDArray[np.uint8]
    line: int

    @property
    def digit(self) -> int:
        """Its value, 0 to 9.

        Raises:
            ValueError: the model's labels are others than digits, and this one is none.
        """
        return int(self.label)


@dataclass(frozen=True, slots=True, eq=False)
class Reject:
    """A found place that holds no digit, or not surely enough one.

    >>> [reject.reason for reject in reading.rejected]
    []

    Attributes:
        box: where it stands, in frame pixels.
        reason: why, in a few words.
        confidence: the best label's probability where the network was asked, else None.
        crop: uint8 (side, side), what the network saw, else None.
        probabilities: float32 (labels + 1,), of each label and of being none, else None.
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
        labels: what could be read.
    """

    digits: Sequence[Digit]
    rejected: Sequence[Reject]
    ms: Mapping[str, float]
    turn: int = 0
    labels: Labels = DIGITS

    @property
    def text(self) -> str:
        """What was read as text, one line of paper a line."""
        lines: dict[int, list[str]] = {}
        for digit in self.digits:
            lines.setdefault(digit.line, []).append(digit.label)
        return "\n".join(self.labels.joined(line) for line in lines.values())

    @property
    def asked(self) -> list[Reject]:
        """The rejects that the network was asked about: those with a crop."""
        return [reject for reject in self.rejected if reject.crop is not None]
