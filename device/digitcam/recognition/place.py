"""A place where a digit stands or stood, followed from frame to frame."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.recognition import params


class Sight(NamedTuple):
    """What one frame shows in a place: the likeliest label, None for none of them, and what was found there."""

    says: str | None
    found: Digit | Reject | None


NOTHING = Sight(None, None)


@dataclass(slots=True, eq=False)
class Place:
    """What the remembered frames show in one place.

    Attributes:
        box: where something was seen last.
        sights: one of each frame, the newest last.
        value: the label of what stands there, None where nothing does.
        since: the first of the frames that say so, its time in seconds.
        told: the label that was let through here last.
    """

    box: Box
    sights: deque[Sight]
    value: str | None = None
    since: float = -math.inf
    told: str | None = None

    def see(self, sight: Sight, times: Sequence[float], tolerated: int) -> None:
        """Take what the newest frame shows here, and decide anew.

        Args:
            sight: what that is.
            times: of the remembered frames, seconds.
            tolerated: how many frames in a row may say otherwise.
        """
        self.box = sight.found.box if sight.found else self.box
        # a digit that was let through is still there while it is only less sure
        if not isinstance(sight.found, Digit) and sight.says != self.told:
            sight = sight._replace(says=None)
        self.sights.append(sight)
        newest = [says for says, _ in islice(reversed(self.sights), tolerated + 1)]
        if self.value not in newest:
            self.value = newest[0]
            in_a_row = len(list(takewhile(lambda one: one.says == self.value, reversed(self.sights))))
            self.since = times[-in_a_row]

    @property
    def changed(self) -> bool:
        """Whether what was let through here last stands here no more."""
        return self.told not in {None, self.value}

    def votes(self, frames: int) -> int:
        """Count how many of so many newest frames say what stands here."""
        return sum(says == self.value for says, _ in islice(reversed(self.sights), frames))

    def read(self, frames: int) -> list[Digit]:
        """List what was read of it in those of so many newest frames that read what stands here, the newest first."""
        found = (sight.found for sight in islice(reversed(self.sights), frames))
        return [one for one in found if isinstance(one, Digit) and one.label == self.value]

    def digit(self, frames: int) -> Digit | None:
        """Make one digit of that, with the average of their probabilities; None where none read it."""
        if not (read := self.read(frames)):
            return None
        shares = np.asarray(np.mean([one.probabilities for one in read], axis=0), np.float32)
        return replace(read[0], confidence=float(shares[read[0].probabilities.argmax()]), probabilities=shares)


def list_sights(reading: Reading) -> list[Sight]:
    """List what the network was asked about in a frame, its digits first and in their order."""
    sights = [Sight(digit.label, digit) for digit in reading.digits]
    says = (*reading.labels.texts, None)
    return sights + [
        Sight(says[reject.probabilities.argmax()], reject)
        for reject in reading.asked
        if reject.probabilities is not None
    ]


def match(before: Sequence[Box], now: Sequence[Box]) -> dict[int, int]:
    """Tell which box of `now` each of `before` became: the nearest pairs first, each box once."""
    if not before or not now:
        return {}
    (x, y, size), (x_now, y_now, size_now) = (_measured(boxes) for boxes in (before, now))
    larger, smaller = (f(size[:, None], size_now) for f in (np.maximum, np.minimum))
    distance = np.hypot(x[:, None] - x_now, y[:, None] - y_now) / larger
    distance[smaller < params.LIKE * larger] = np.inf
    became: dict[int, int] = {}
    while (pair := np.unravel_index(distance.argmin(), distance.shape)) and distance[pair] < params.NEAR:
        became[int(pair[0])] = int(pair[1])
        distance[pair[0]] = distance[:, pair[1]] = np.inf
    return became


def measure_motion(before: Sequence[Box], now: Sequence[Box]) -> float:
    """Measure how far most of the boxes moved, in digit sizes; 0 where there are none."""
    if not before:
        return 0.0
    (x, y, size), (x_now, y_now, _) = (_measured(boxes) for boxes in (before, now))
    return float(np.median(np.hypot(x - x_now, y - y_now) / size))


def _measured(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """Measure middle (x, y) and larger side of each box: float64 (3, n)."""
    return np.array([(box.x + box.w / 2, box.y + box.h / 2, max(box.w, box.h)) for box in boxes]).T
