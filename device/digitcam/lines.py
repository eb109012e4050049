"""Straight thin lines in a mask, or nearly so.

Short runs of ink across a direction vote for straight lines near it, a Hough transform (Duda and Hart, Comm. ACM 15,
1972) of few angles. What the votes agree on is traced along its curve.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Numbers = NDArray[np.float64]

STEEPEST = 0.2  # climb of a line along its direction (11 degrees), and how far apart the slopes tried are
STEP = 0.0125
BIN = 3  # pixels: how exactly a line is placed at first
SKIP = 2  # every second column votes
BEND = 0.02  # of the frame: a line bends no further from where it was voted for
BRIDGE = 0.08  # of the frame: a line is still one where a stroke lies on it for so long
VOTED = 0.6  # of the shortest line: as many of its runs must agree
COVERED = 0.5  # of its length: what is less thin is no line
INKED = 0.85  # likewise, strokes that cross it included; the tops of a row of digits make no line
MOST = 100  # lines each way: a page of squared paper; beyond it lies texture


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A straight thin line, or nearly so.

    Attributes:
        start: column of its first point (row, for a line down).
        middle: float64 (n,), the row of its middle in each column from `start` on.
        thickness: pixels.
    """

    start: int
    middle: Numbers
    thickness: float

    @property
    def length(self) -> int:
        """Pixels along its direction."""
        return len(self.middle)

    @property
    def end(self) -> int:
        """The column after its last point."""
        return self.start + len(self.middle)


class _Curve(NamedTuple):
    """A polynomial, highest power first, of columns counted from `middle` in units of `reach`."""

    coefficients: Numbers
    middle: float = 0
    reach: float = 1

    @classmethod
    def fitted(cls, x: Numbers, y: Numbers, degree: int) -> Self:
        """Least squares by normal equations; np.polyfit's SVD of all points takes ten times as long."""
        middle, reach = float(x[0] + x[-1]) / 2, max(1.0, float(x[-1] - x[0]) / 2)
        u = (x - middle) / reach
        powers = [np.ones_like(u)]
        for _ in range(2 * degree):
            powers.append(powers[-1] * u)
        sums = [float(power.sum()) for power in powers]
        order = range(degree, -1, -1)
        matrix = np.array([[sums[i + j] for j in order] for i in order])
        right = np.array([float((powers[i] * y).sum()) for i in order])
        return cls(np.linalg.lstsq(matrix, right, rcond=None)[0], middle, reach)

    def at(self, x: Numbers) -> Numbers:
        """Horner's rule; np.polyval checks its arguments for longer than that takes."""
        x = (x - self.middle) / self.reach
        y = np.full_like(x, self.coefficients[0])
        for coefficient in self.coefficients[1:]:
            y = y * x + coefficient
        return y


def traced(mask: Mask, thickest: float, shortest: float) -> Iterator[Line]:
    """Lines across a mask, those with most votes first."""
    runs = _runs(mask, thickest)
    slopes = np.arange(-STEEPEST, STEEPEST + STEP / 2, STEP)
    low = -STEEPEST * mask.shape[1]
    bins = int((mask.shape[0] - 2 * low) / BIN) + 2
    voters = np.flatnonzero(runs[0] % SKIP == 0)
    place = ((runs[1, voters] - slopes[:, None] * runs[0, voters] - low) / BIN).astype(np.int32)
    place += (np.arange(len(slopes), dtype=np.int32) * bins)[:, None]
    votes = np.bincount(place.ravel(), minlength=len(slopes) * bins)
    free = np.ones(runs.shape[1], np.bool_)
    for _ in range(MOST):
        best = int(votes.argmax())
        if votes[best] < VOTED * shortest / SKIP:
            return
        curve = _Curve(np.array([slopes[best // bins], low + (best % bins + 0.5) * BIN]))
        line, own = _trace(mask, runs, free, curve)
        before = free[voters]
        free[own] = False
        if not line:  # what was voted for is no line; else the rest of it may be another
            free[voters[place[best // bins] == best]] = False
        votes -= np.bincount(place[:, before & ~free[voters]].ravel(), minlength=len(votes))
        if line and line.length >= shortest and line.thickness <= thickest:
            yield line


def _runs(mask: Mask, thickest: float) -> Numbers:
    """Column, middle row and length of each short run of ink down the mask: float64 (3, n), by column."""
    turned = np.pad(mask.T, ((0, 0), (1, 1)))
    edges = np.flatnonzero(np.diff(turned.ravel()))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts
    short = long <= thickest
    column, row = np.divmod(starts[short], turned.shape[1])
    return np.stack([column, row + (long[short] - 1) / 2, long[short]])


def _trace(mask: Mask, runs: Numbers, free: NDArray[np.bool_], curve: _Curve) -> tuple[Line | None, NDArray[np.intp]]:
    """Follow a line from where it was voted for, bending with it; also which runs are its own."""
    about = np.flatnonzero(free & (np.abs(runs[1] - curve.at(runs[0])) <= BEND * mask.shape[1]))
    x, y, thick = runs[:, about]
    bridge = BRIDGE * mask.shape[1]
    picked = _longest(x, np.abs(y - curve.at(x)) <= BIN, bridge)
    for degree in (1, 2, 2):
        if len(picked) < BIN * (degree + 1):
            return None, about[picked]
        curve = _Curve.fitted(x[picked], y[picked], degree)
        width = _median(thick[picked])
        picked = _longest(x, np.abs(y - curve.at(x)) <= 1 + width / 2, bridge)
    own = about[picked]
    if len(picked) < 2:  # noqa: PLR2004
        return None, own
    columns = x[picked]
    covered = 1 + np.count_nonzero(np.diff(columns))
    along = np.arange(columns[0], columns[-1] + 1)
    middle = curve.at(along)
    rows = np.clip(np.rint(middle), 1, mask.shape[0] - 2).astype(np.intp)
    inked = np.count_nonzero(mask[rows + np.array([[-1], [0], [1]]), along.astype(np.intp)].any(axis=0))
    if covered < COVERED * len(along) or inked < INKED * len(along):
        return None, own
    if abs(middle[-1] - middle[0]) > 1.2 * STEEPEST * len(along):
        return None, own
    return Line(int(columns[0]), middle, _median(thick[picked])), own


def _median(values: Numbers) -> float:
    """The upper median; np.median takes four times as long."""
    return float(np.partition(values, len(values) // 2)[len(values) // 2])


def _longest(x: Numbers, near: NDArray[np.bool_], bridge: float) -> NDArray[np.intp]:
    """The longest stretch of runs without a gap wider than `bridge`; `x` is sorted."""
    picked = np.flatnonzero(near)
    if not len(picked):
        return picked
    at = x[picked]
    gaps = np.flatnonzero(np.diff(at) > bridge) + 1
    firsts, ends = np.concatenate([[0], gaps]), np.concatenate([gaps, [len(picked)]])
    best = int(np.argmax(at[ends - 1] - at[firsts]))
    return picked[firsts[best] : ends[best]]
