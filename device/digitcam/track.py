"""Readings over time -> one stable reading.

Every digit is followed from frame to frame by its place. What the network made of it in the newest frames is averaged,
so that a misread frame changes nothing. What these averages say together is let through once it holds still.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.classify import CLASSES, DIGITS, NO_DIGIT
from digitcam.config import TrackConfig
from digitcam.order import order
from digitcam.reading import Box, Digit, Reading

# Chosen on rendered clips (`digitlab clips`).
NEAR = 0.5  # digit sizes that a digit may move between two frames
LIKE = 0.6  # smaller size by larger: how much it may change meanwhile
SURE = 0.5  # average probability from which a digit counts
LOST = 0.3  # average probability of being any digit at all below which it is gone
SEEN = 0.7  # the same while a reading settles: less, and it must hold for as long as an empty page
LEAD = 0.2  # by which another digit's average must lead to replace the one that counts
STILL = 0.3  # digit sizes: what moves less while it settles holds still


class Sight(NamedTuple):
    """A place that the network was asked about, in one frame: its place, its crop, and the 11 probabilities."""

    box: Box
    crop: NDArray[np.uint8]
    row: NDArray[np.float32]


@dataclass(slots=True, eq=False)
class Track:
    """One digit, followed from frame to frame.

    Attributes:
        last: how it was seen last.
        born: when it was seen first, in seconds.
        seen: when it was seen last.
        value: the digit that most speaks for.
        counts: whether it was seen long enough to be part of the steadied reading.
        away: whether it has not been seen for so long that it is no part of it, unless it comes back.
        votes: of each of the newest frames its time in seconds, and its 11 probabilities.
        average: of these probabilities.
    """

    last: Sight
    born: float
    seen: float
    value: int = 0
    counts: bool = False
    away: bool = False
    votes: deque[tuple[float, NDArray[np.float32]]] = field(default_factory=deque)
    average: NDArray[np.float32] = field(default_factory=lambda: np.zeros(CLASSES, np.float32))

    def vote(self, sight: Sight | None, now: float, config: TrackConfig) -> None:
        """Take what one frame shows here, None for nothing, and decide anew."""
        if sight:
            self.last, self.seen = sight, now
        self.votes.append((now, sight.row if sight else np.eye(CLASSES, dtype=np.float32)[NO_DIGIT]))
        while len(self.votes) > config.frames and now - self.votes[0][0] > config.window:
            self.votes.popleft()
        self.average = _average([row for _, row in self.votes])
        best = int(self.average[:DIGITS].argmax())
        if not self.counts or self.average[best] > self.average[self.value] + LEAD:
            self.value = best
        # half of the time, and of the frames, to settle is for each digit, the other half for all of them together;
        # after the whole of it a digit of the page before is no longer in the way
        old = now - self.born >= config.settle / 2 and len(self.votes) > config.frames // 2
        self.counts = self.counts or (old and self.average[best] >= SURE)
        missed = sum(time > self.seen for time, _ in self.votes)
        self.away = now - self.seen >= config.settle and missed > config.frames // 2

    def digit(self, line: int, since: float) -> Digit:
        """This digit as the frames since then show it."""
        shares = _average([row for time, row in self.votes if time >= since])[:DIGITS]
        return Digit(self.value, float(shares[self.value]), shares, self.last.box, self.last.crop, line)


class Tracker:
    """Lets a reading through when its text is not the one let through last, and holds still."""

    def __init__(self, config: TrackConfig) -> None:
        self._config = config
        self._tracks: list[Track] = []
        self._newest: Reading | None = None
        self._taken = 0
        self._began = self._now = 0.0  # seconds
        # since when, and for how many frames, the steadied reading has been like this one
        self._held: Reading | None = None
        self._since = 0.0
        self._frames = 0
        # None: nothing was let through yet, so that even an empty first reading is news
        self._stable: str | None = None

    def update(self, reading: Reading, time_ns: int) -> Reading | None:
        """Take the reading of the next frame.

        Args:
            reading: what stands in the frame.
            time_ns: when it stood there, in nanoseconds from any moment.

        Returns:
            The reading with its digits steadied when their text became the stable one, which it also does by
            becoming empty; else None.
        """
        self._now = time_ns / 1e9
        self._began = self._began if self._taken else self._now
        self._newest = reading
        self._taken += 1
        self._follow(reading)
        steady = self._steadied(reading)
        if self._held is None or not _alike(self._held, steady):
            self._held, self._since, self._frames = steady, self._now, 0
        self._frames += 1
        # a page is turned within a window: only what is empty for longer, or seen now and then, is news
        seen = [digit.probabilities.sum() for digit in steady.digits]
        wait = self._config.settle / 2 if min(seen, default=0) >= SEEN else self._config.window
        ripe = self._now - self._since >= wait and self._frames > self._config.frames // 2
        return self._settle(steady) if ripe else None

    def forget(self) -> None:
        """Follow every digit anew, as after a change of what is read; what was let through last stays so."""
        self._tracks.clear()

    def finish(self) -> Reading | None:
        """Take the end of the source.

        Returns:
            The newest reading as it is when the source was too short for any to settle, as one picture is; else None.
        """
        short = self._now - self._began < self._config.settle or self._taken < self._config.frames
        return self._settle(self._newest) if self._newest and short and self._stable is None else None

    def _settle(self, reading: Reading) -> Reading | None:
        before, self._stable = self._stable, reading.text
        return reading if reading.text != before else None

    def _follow(self, reading: Reading) -> None:
        """Give each track what the frame shows there, drop those that are gone, begin those that are new."""
        sights = [
            Sight(d.box, d.crop, np.append(d.probabilities, max(0, 1 - d.probabilities.sum()))) for d in reading.digits
        ]
        sights += [
            Sight(r.box, r.crop, r.probabilities)
            for r in reading.rejected
            if r.crop is not None and r.probabilities is not None
        ]
        seen = _matched([track.last.box for track in self._tracks], [sight.box for sight in sights])
        new = sorted(set(range(len(reading.digits))) - set(seen.values()))
        self._tracks += [Track(sights[i], self._now, self._now) for i in new]
        seen |= dict(enumerate(new, len(self._tracks) - len(new)))
        for number, track in enumerate(self._tracks):
            track.vote(sights[seen[number]] if number in seen else None, self._now, self._config)
        self._tracks = [track for track in self._tracks if track.average[:DIGITS].sum() >= LOST]

    def _steadied(self, reading: Reading) -> Reading:
        """The frame's reading with the digits that count instead of its own."""
        tracks = [track for track in self._tracks if track.counts and not track.away]
        boxes = [track.last.box for track in tracks]
        # votes from before it held still may be those of the page that lay there
        digits = [tracks[i].digit(line, self._since) for line, row in enumerate(order(boxes)) for i in row]
        rejected = [reject for reject in reading.rejected if reject.box not in boxes]
        return replace(reading, digits=digits, rejected=rejected)


def _average(rows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.asarray(np.mean(rows, axis=0), dtype=np.float32)


def _matched(before: Sequence[Box], now: Sequence[Box]) -> dict[int, int]:
    """Which box of `now` each of `before` became: the nearest pairs first, each box once."""
    if not before or not now:
        return {}
    (x, y, size), (x_now, y_now, size_now) = (_places(boxes) for boxes in (before, now))
    larger, smaller = (f(size[:, None], size_now) for f in (np.maximum, np.minimum))
    distance = np.hypot(x[:, None] - x_now, y[:, None] - y_now) / larger
    distance[smaller < LIKE * larger] = np.inf
    matched: dict[int, int] = {}
    while (pair := np.unravel_index(distance.argmin(), distance.shape)) and distance[pair] < NEAR:
        matched[int(pair[0])] = int(pair[1])
        distance[pair[0]] = distance[:, pair[1]] = np.inf
    return matched


def _alike(before: Reading, now: Reading) -> bool:
    """Whether both say the same, most of it in the same place."""
    if before.text != now.text or not now.digits:
        return before.text == now.text
    (x, y, size), (x_now, y_now, _) = (_places([digit.box for digit in r.digits]) for r in (before, now))
    return bool(np.median(np.hypot(x - x_now, y - y_now) / size) < STILL)


def _places(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """Middle (x, y) and larger side of each box: float64 (3, n)."""
    return np.array([(box.x + box.w / 2, box.y + box.h / 2, max(box.w, box.h)) for box in boxes]).T
