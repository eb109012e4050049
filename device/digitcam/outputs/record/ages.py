"""How old things are by a clock that may be wrong, or be set, while nobody looks."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

NONE = timedelta(0)
# Between two frames that were kept. A camera is not away for so long; a clock that is wrong mostly is off by more: it
# starts at 1970, or has gone over its end.
LEAP = timedelta(days=365)
SET = timedelta(hours=1)  # by which the clock may differ from the time that passes: corrections by NTP are less


@dataclass(frozen=True, slots=True)
class Ages:
    """How much time has passed since some moments: what the clock leapt over does not count.

    Attributes:
        doubt: why some of it does not count, and what was recorded is kept; empty where all does.
    """

    doubt: str
    _times: Sequence[datetime]
    _ages: Sequence[timedelta]

    def age(self, moment: datetime) -> timedelta:
        """Count from one of the moments; None for what is later than the clock."""
        return self._ages[bisect_left(self._times, moment)]


class Clock:
    """The wall clock, watched beside the one that only goes on."""

    def __init__(self) -> None:
        self._seen = now()
        self._set: list[tuple[datetime, timedelta]] = []

    def ages(self, moments: Sequence[datetime]) -> Ages:
        """Tell how old what was recorded at some moments is now."""
        wall, steady = now()
        leap = (wall - self._seen[0]) - (steady - self._seen[1])
        if abs(leap) > SET:
            self._set.append((self._seen[0], leap))
        self._seen = wall, steady

        times = sorted({*moments, wall})
        gaps = [self._passed(earlier, later, wall) for earlier, later in pairwise(times)]
        ages = [NONE, *accumulate(reversed(gaps))]
        return Ages(self._doubt(times, wall), times, ages[::-1])

    def _passed(self, earlier: datetime, later: datetime, wall: datetime) -> timedelta:
        """Give the time between two moments that follow each other, without what was leapt over."""
        if later > wall or later - earlier > LEAP:
            return NONE
        leapt = sum((leap for at, leap in self._set if earlier <= at < later and leap > NONE), NONE)
        return max(NONE, later - earlier - leapt)

    def _doubt(self, times: Sequence[datetime], wall: datetime) -> str:
        kept = "no frame counts as older for it"
        if times[-1] - wall > SET:
            newest = f"{times[-1]:%Y-%m-%d}"
            return f"the clock says {wall:%Y-%m-%d}, and frames are kept of {newest}: it is or was wrong; {kept}"
        for earlier, later in pairwise(times):
            if later - earlier > LEAP:
                return f"the clock leapt from {earlier:%Y-%m-%d} to {later:%Y-%m-%d}; {kept}"
        for at, leap in self._set:
            if leap > NONE and times[0] <= at:
                return f"the clock was set from {at:%Y-%m-%d %H:%M} to {at + leap:%Y-%m-%d %H:%M}; {kept}"
        return ""


def now() -> tuple[datetime, timedelta]:
    """Give the wall clock, UTC; and the one that nobody sets, which goes on while the machine sleeps."""
    return datetime.now(UTC), timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))
