"""The rate of readings, by a clock of the test's own."""

import pytest

from digitcam.state import stats
from digitcam.state.stats import RATE_S, Stats


class Clock:
    """In place of the module `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(stats, "time", clock)
    return clock


def read(counted: Stats, clock: Clock, frames: int, gap: float) -> None:
    """Read frames, one after each gap."""
    for _ in range(frames):
        clock.now += gap
        counted.frame(skipped=0)


@pytest.mark.parametrize("gap", [0.04, 0.5, 2.0, 4.9, 5.1, 8.0, 30.0, 100.0])
def test_the_rate_of_what_reads_steadily_is_never_none(gap: float, clock: Clock) -> None:
    counted = Stats()
    read(counted, clock, max(2, int(2 * RATE_S / gap)), gap)
    for late in (0, 0.5, 0.99):
        clock.now += late * gap
        # the window cuts through a gap, so that one frame more or less may be within
        assert counted.rate() == pytest.approx(1 / gap, abs=1 / RATE_S)
        assert counted.rate() > 0
        clock.now -= late * gap


def test_the_first_frame_of_what_reads_slowly_counts(clock: Clock) -> None:
    counted = Stats()
    read(counted, clock, 1, 20)
    assert counted.rate() == pytest.approx(1 / 20)


@pytest.mark.parametrize("gap", [0.04, 2.0, 8.0, 30.0])
def test_what_reads_no_more_has_no_rate_soon(gap: float, clock: Clock) -> None:
    counted = Stats()
    read(counted, clock, 3, gap)
    clock.now += max(RATE_S, 2 * gap)
    assert counted.rate() == 0


def test_before_the_first_frame_there_is_no_rate(clock: Clock) -> None:
    counted = Stats()
    assert counted.rate() == 0
    clock.now += 60
    assert counted.rate() == 0
