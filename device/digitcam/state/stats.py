"""What a run counts: frames, readings, and the latency of every stage. Any thread may ask."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# Latencies are those of the newest frames, about a minute of them at 30 a second, so that days of running need no
# more memory than that minute (0.5 MB).
WINDOW = 2048
RATE_S = 5.0  # the rate is that of so many newest seconds
OVERDUE = 2  # newest gaps between two frames; after so many without one, nothing is read any more


class Percentiles(NamedTuple):
    """Latency of one stage in milliseconds."""

    p50: float
    p90: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did, so far or in all.

    Attributes:
        frames: how many were read.
        skipped: how many came and went unread, because a newer one was there.
        published: how many stable readings went out.
        seconds: how long it ran.
        rate: frames read a second, over the newest `RATE_S` seconds or the newest gap between two.
        latency: stage by stage in the order of the data, "total" last, over the newest `WINDOW` frames.
    """

    frames: int
    skipped: int
    published: int
    seconds: float
    rate: float
    latency: Mapping[str, Percentiles]

    def table(self) -> str:
        """Give the counts and the latency table, for a terminal; no newline at the end."""
        if not self.frames:
            return "no frame was read"
        counts = (
            f"{self.frames} frames read, {self.skipped} skipped, {self.published} stable readings "
            f"in {self.seconds:.1f} s: {self.frames / self.seconds:.1f} readings a second"
        )
        scope = f"newest {WINDOW} frames" if self.frames > WINDOW else "all frames"
        head = f"{'ms, ' + scope:<24}" + "".join(f"{name:>9}" for name in Percentiles._fields)
        rows = (f"{stage:<24}" + "".join(f"{ms:9.2f}" for ms in row) for stage, row in self.latency.items())
        return "\n".join([counts, "", head, *rows])


class Stats:
    """Counts of one run: the loop adds, any thread asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._frames = self._skipped = self._published = 0
        self._taken: deque[float] = deque(maxlen=WINDOW)
        self._latency: dict[str, deque[float]] = {}

    def frame(self, skipped: int) -> None:
        """Count a frame that was read, and those that were skipped before it."""
        with self._lock:
            self._frames += 1
            self._skipped += skipped
            self._taken.append(time.monotonic())

    def published(self) -> None:
        """Count a stable reading that went out."""
        with self._lock:
            self._published += 1

    def latency(self, ms: Mapping[str, float]) -> None:
        """Keep what stages took, in milliseconds."""
        with self._lock:
            for stage, value in ms.items():
                self._latency.setdefault(stage, deque(maxlen=WINDOW)).append(value)

    @property
    def skipped(self) -> int:
        """Frames that were never read because a newer one had come."""
        with self._lock:
            return self._skipped

    def latency_of(self, stage: str) -> Percentiles | None:
        """Give one stage's latency over the newest `WINDOW` frames; None before the first."""
        with self._lock:
            ms = list(self._latency.get(stage, ()))
        return _percentiles(ms) if ms else None

    def rate(self) -> float:
        """Count the frames read a second, over the newest `RATE_S` seconds.

        What reads less often counts by its newest gap, until the next frame is overdue.
        """
        now = time.monotonic()
        with self._lock:
            newest = sum(now - moment < RATE_S for moment in self._taken)
            if newest > 1 or not self._taken:
                return newest / min(RATE_S, max(now - self._began, 1e-3))
            before = self._taken[-2] if len(self._taken) > 1 else self._began
            gap, since = max(self._taken[-1] - before, 1e-3), now - self._taken[-1]
            return 0.0 if since >= max(RATE_S, OVERDUE * gap) else 1 / max(gap, since)

    def summary(self) -> Summary:
        """Sum up everything so far; percentiles cost a few milliseconds, so not for every frame."""
        rate = self.rate()
        with self._lock:
            # the first publication may come after the first total, which belongs at the end
            kept = {stage: list(self._latency[stage]) for stage in sorted(self._latency, key="total".__eq__)}
            counts = self._frames, self._skipped, self._published, time.monotonic() - self._began
        return Summary(*counts, rate, {stage: _percentiles(ms) for stage, ms in kept.items()})


def _percentiles(ms: list[float]) -> Percentiles:
    return Percentiles(*(float(value) for value in np.percentile(ms, (50, 90, 99, 100))))
