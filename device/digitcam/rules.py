"""Takes printed lines out of a mask: rules, grids, tables, boxes. Strokes that cross or touch them stay.

Which of the lines in a mask are printed, and which are strokes, is told by the company they keep: where they meet, how
long they are beside the digits, where they end.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.lines import Line, Mask, Numbers, traced

SHORTEST = 0.1  # of the frame's shorter side: no shorter line is looked for
THICKEST = 0.02  # of the frame's shorter side; a wider run is a pen's
SPAN = 0.4  # of the frame: a line this long that reaches the frame's edge is a rule
EDGE = 0.02  # of the frame: a line that ends this near to the edge reaches it
LONG = 2.0  # times the usual digit height: a straight stroke so long is no digit's
ALIKE = 0.75  # shorter / longer of two lines that belong together
MEET = 2.0  # pixels: a line that ends this near to another meets it


class Lines:
    """The lines of a mask, across and down, and which of them are printed."""

    def __init__(self, mask: Mask) -> None:
        """Look for lines.

        Args:
            mask: uint8 (height, width), 1 where there is ink: a whole frame's.
        """
        self._shape = mask.shape
        thickest, shortest = THICKEST * min(mask.shape), max(24.0, SHORTEST * min(mask.shape))
        self.across = list(traced(mask, thickest, shortest))
        self.down = list(traced(np.ascontiguousarray(mask.T), thickest, shortest))
        meet = self._meeting()
        self._printed_across = _are_sides(self.across, self.down, meet) | self._spanning(self.across, self._shape[1])
        self._printed_down = _are_sides(self.down, self.across, meet.T) | self._spanning(self.down, self._shape[0])
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
        # y = y0 + climb * (x - start) across, x = x0 + lean * (y - top) down
        climb, lean = a[..., 2], b[..., 2]
        y = (a[..., 1] + climb * (b[..., 1] - lean * b[..., 0] - a[..., 0])) / (1 - climb * lean)
        x = b[..., 1] + lean * (y - b[..., 0])
        # a line ends where another makes its runs thick; a digit leaves paper between
        across, down = MEET + b[..., 4] / 2, MEET + a[..., 4] / 2
        within_across = (a[..., 0] - across <= x) & (x <= a[..., 3] + across)
        return np.asarray(within_across & (b[..., 0] - down <= y) & (y <= b[..., 3] + down))

    @staticmethod
    def _spanning(lines: Sequence[Line], side: int) -> NDArray[np.bool_]:
        near = EDGE * side
        return np.array(
            [line.length >= SPAN * side and (line.start <= near or line.end >= side - near) for line in lines],
            np.bool_,
        )


def _is_long(lines: Sequence[Line], small: float, usual: float) -> NDArray[np.bool_]:
    """Lines too long for strokes: bool (n,)."""
    length = np.array([line.length for line in lines], np.float64)
    return np.asarray((length > LONG * usual) | (_alike(lines).any(axis=1) & (length > LONG * small)))


def _alike(lines: Sequence[Line]) -> NDArray[np.bool_]:
    """Which two are much the same length: bool (n, n), none like itself."""
    length = np.array([line.length for line in lines], np.float64)
    alike = np.minimum.outer(length, length) > ALIKE * np.maximum.outer(length, length)
    return np.asarray(alike & ~np.eye(len(lines), dtype=np.bool_))


def _ends(lines: Sequence[Line]) -> Numbers:
    """First column, its row, climb, last column and thickness of each line, as if straight: float64 (n, 5)."""
    ends = [
        (line.start, line.middle[0], (line.middle[-1] - line.middle[0]) / line.length, line.end, line.thickness)
        for line in lines
    ]
    return np.array(ends, np.float64).reshape(-1, 5)


def _are_sides(lines: Sequence[Line], others: Sequence[Line], meet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines that make a cell with another like them and two of the crossing ones alike: bool (n,).

    The strokes of a digit do not, not even those of a 4 that touches the frame around it.
    """
    alike, across = _alike(lines), _alike(others).astype(np.float32)
    sides = np.zeros(len(lines), np.bool_)
    for i, own in enumerate(meet):
        common = (meet & own).astype(np.float32)
        sides[i] = (((common @ across) * common).sum(axis=1) > 0)[alike[i]].any()
    return sides


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
    """Columns (n,) and rows (m, n) that a line's ink and its flanks cover, and which of the rows is its middle."""
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
    near = cv2.bitwise_and(cv2.dilate(above[None], reach), cv2.dilate(below[None], reach))
    crossed = cv2.erode(near, reach)[0]
    kept = np.zeros(band.shape, np.bool_)
    kept[:half] |= above > 0
    kept[half + 1 :] |= below > 0
    kept |= crossed > 0
    mask[band[~kept], np.broadcast_to(columns, band.shape)[~kept]] = 0
