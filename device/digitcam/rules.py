"""Takes printed lines out of a mask: rules, grids, tables, boxes. Strokes that cross or touch them stay.

Short runs of ink across a direction vote for straight lines near it, a Hough transform (Duda and Hart, Comm. ACM 15,
1972) of few angles. What the votes agree on is traced along its curve. Which of the traced lines are printed, and which
are strokes, is told by the company they keep: where they meet, how long they are beside the digits, where they end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray


Mask = NDArray[np.uint8]
Numbers = NDArray[np.float64]

SHORTEST = 0.1  # of the frame's shorter side: no shorter line is looked for
THICKEST = 0.02  # of the frame's shorter side; a wider run is a pen's
STEEPEST = 0.2  # climb of a line along its direction (11 degrees), and how far apart the slopes tried are
STEP = 0.0125
BIN = 3  # pixels: how exactly a line is placed at first
SKIP = 2  # every second column votes
BEND = 0.02  # of the frame: a line bends no further from where it was voted for
BRIDGE = 0.07  # of the frame: a line is still one where a stroke lies on it for so long
VOTED = 0.6  # of the shortest line: as many of its runs must agree
COVERED = 0.5  # of its length: what is less thin is no line
INKED = 0.85  # likewise, strokes that cross it included; the tops of a row of digits make no line
MOST = 100  # lines each way: a page of squared paper; beyond it lies texture
SPAN = 0.4  # of the frame: a line this long that reaches the frame's edge is a rule
EDGE = 0.02  # of the frame: a line that ends this near to the edge reaches it
LONG = 2.0  # times the usual digit height: a straight stroke so long is no digit's
ALIKE = 0.75  # shorter / longer of two lines that belong together
MEET = 0.02  # of the frame: lines that end this near to each other meet


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


class Lines:
    """The lines of a mask, across and down, and which of them are printed."""

    def __init__(self, mask: Mask) -> None:
        """Look for lines.

        Args:
            mask: uint8 (height, width), 1 where there is ink: a whole frame's.
        """
        self._shape = mask.shape
        thickest, shortest = THICKEST * min(mask.shape), max(24.0, SHORTEST * min(mask.shape))
        self.across = list(_traced(mask, thickest, shortest))
        self.down = list(_traced(np.ascontiguousarray(mask.T), thickest, shortest))
        meet = self._meeting()
        self._printed_across = _crossed_alike(meet) | self._spanning(self.across, self._shape[1])
        self._printed_down = _crossed_alike(meet.T) | self._spanning(self.down, self._shape[0])
        # a line that two printed ones cross belongs to them
        self._printed_across |= meet[:, self._printed_down].sum(axis=1) >= 2  # noqa: PLR2004
        self._printed_down |= meet[self._printed_across].sum(axis=0) >= 2  # noqa: PLR2004

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.across or self.down)

    def printed(self, small: float = np.inf, usual: float = np.inf) -> tuple[list[Line], list[Line]]:
        """The lines across and down that are no strokes.

        Args:
            small: height of the page's smaller digits, pixels; two lines alike and much longer are no strokes.
            usual: height of its usual digit; one line much longer is none.
        """
        ways = (self.across, self._printed_across), (self.down, self._printed_down)
        across, down = (
            [line for line, printed in zip(lines, sure | _is_long(lines, small, usual), strict=True) if printed]
            for lines, sure in ways
        )
        return across, down

    def _meeting(self) -> NDArray[np.bool_]:
        """Which line across meets which line down: bool (across, down)."""
        a, b = _ends(self.across)[:, None], _ends(self.down)[None]
        slack = MEET * min(self._shape)
        # y = y0 + climb * (x - start) across, x = x0 + lean * (y - top) down
        climb, lean = a[..., 2], b[..., 2]
        y = (a[..., 1] + climb * (b[..., 1] - lean * b[..., 0] - a[..., 0])) / (1 - climb * lean)
        x = b[..., 1] + lean * (y - b[..., 0])
        within_across = (a[..., 0] - slack <= x) & (x <= a[..., 3] + slack)
        return np.asarray(within_across & (b[..., 0] - slack <= y) & (y <= b[..., 3] + slack))

    @staticmethod
    def _spanning(lines: Sequence[Line], side: int) -> NDArray[np.bool_]:
        near = EDGE * side
        return np.array(
            [
                line.length >= SPAN * side and (line.start <= near or line.end >= side - near)
                for line in lines
            ],
            np.bool_,
        )


def _is_long(lines: Sequence[Line], small: float, usual: float) -> NDArray[np.bool_]:
    """Lines too long for strokes: bool (n,)."""
    length = np.array([line.length for line in lines], np.float64)
    shorter, longer = np.minimum.outer(length, length), np.maximum.outer(length, length)
    alike = (shorter > ALIKE * longer).sum(axis=1) > 1
    return np.asarray((length > LONG * usual) | (alike & (length > LONG * small)))


def _ends(lines: Sequence[Line]) -> Numbers:
    """First column, its row, climb and last column of each line, as if it were straight: float64 (n, 4)."""
    ends = [
        (line.start, line.middle[0], (line.middle[-1] - line.middle[0]) / line.length, line.end) for line in lines
    ]
    return np.array(ends, np.float64).reshape(-1, 4)


def _crossed_alike(meet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines that share two crossing lines with another: the sides of a cell. The strokes of a digit do not."""
    common = meet.astype(np.int64) @ meet.T.astype(np.int64)
    np.fill_diagonal(common, 0)
    return np.asarray((common >= 2).any(axis=1))  # noqa: PLR2004


def without(mask: Mask, across: Sequence[Line], down: Sequence[Line]) -> Mask:
    """Take lines out of a mask.

    Args:
        mask: uint8 (height, width), 1 where there is ink.
        across: lines across it.
        down: lines down it.
    """
    turned = np.ascontiguousarray(mask.T)
    # where two printed lines cross, neither is a stroke that crosses the other
    rest, rest_turned = _blanked(mask, across), _blanked(turned, down)
    left, left_turned = mask.copy(), turned.copy()
    for line in across:
        _erase(left, line, rest_turned.T)
    for line in down:
        _erase(left_turned, line, rest.T)
    return left & left_turned.T


def _blanked(mask: Mask, lines: Sequence[Line]) -> Mask:
    """A mask without lines across and all that lies on them."""
    left = mask.copy()
    for line in lines:
        columns, band, _ = _band(mask, line)
        left[band, columns] = 0
    return left


def _band(mask: Mask, line: Line) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Columns (n,) and rows (m, n) that a line's ink and its blurred flanks cover, and which of the rows is its middle."""
    half = int(np.ceil(line.thickness / 2 + 0.5))
    columns = np.arange(max(0, line.start - 2), min(mask.shape[1], line.end + 2))
    middle = np.rint(np.interp(columns, np.arange(line.start, line.end), line.middle))
    rows = middle + np.arange(-half, half + 1)[:, None]
    return columns, np.clip(rows, 0, mask.shape[0] - 1).astype(np.intp), half


def _erase(mask: Mask, line: Line, rest: Mask) -> None:
    """Erase a line but where a stroke crosses it, and the far side of it where one ends on it.

    Args:
        mask: what to erase it from.
        line: across the mask.
        rest: what else is inked beside the line.
    """
    columns, band, half = _band(mask, line)
    last = mask.shape[0] - 1
    above = rest[np.maximum(band[0] - 1, 0), columns]
    below = rest[np.minimum(band[-1] + 1, last), columns]
    # a slanted stroke leaves the line a little further on than it came
    reach = np.ones((1, 2 * half + 1), np.uint8)
    crossed = cv2.dilate(above[None], reach) & cv2.dilate(below[None], reach)
    crossed = cv2.erode(crossed, reach)[0]
    kept = np.zeros(band.shape, np.bool_)
    kept[:half] |= above > 0
    kept[half + 1 :] |= below > 0
    kept |= crossed > 0
    mask[band[~kept], np.broadcast_to(columns, band.shape)[~kept]] = 0


def _traced(mask: Mask, thickest: float, shortest: float) -> Iterator[Line]:
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


def _trace(
    mask: Mask, runs: Numbers, free: NDArray[np.bool_], curve: _Curve
) -> tuple[Line | None, NDArray[np.intp]]:
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
