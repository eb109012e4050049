"""Boxes -> lines of text in reading order."""

from collections.abc import Sequence

from digitcam.reading import Box

SAME_LINE = 0.5  # of the taller digit's height: centres closer than this, down the page, may share a line
LOOK_BACK = 8.0  # digit heights: how far to the left a line's last digit may stand (two words or columns)


def order(boxes: Sequence[Box]) -> list[list[int]]:
    """Put boxes into lines.

    From left to right, each box joins the line whose last box stands most nearly beside it, so that a slanted line
    is followed.

    Returns:
        Indices into `boxes`, line by line from the top, each line from left to right.
    """
    lines: list[list[int]] = []
    for i in sorted(range(len(boxes)), key=lambda i: boxes[i].x):
        near = [(_offset(boxes[line[-1]], boxes[i]), line) for line in lines]
        offset, line = min(near, key=lambda pair: pair[0], default=(1.0, None))
        if line is not None and offset < SAME_LINE:
            line.append(i)
        else:
            lines.append([i])
    return sorted(lines, key=lambda line: sum(_middle(boxes[i]) for i in line) / len(line))


def _middle(box: Box) -> float:
    return box.y + box.h / 2


def _offset(last: Box, box: Box) -> float:
    """How far down or up the page a box stands from a line's last one, in heights of the taller; inf where too far."""
    height = max(last.h, box.h)
    if box.x - (last.x + last.w) > LOOK_BACK * height:
        return float("inf")
    return abs(_middle(last) - _middle(box)) / height
