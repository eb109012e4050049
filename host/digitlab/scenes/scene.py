"""What a scene holds: its picture, its digits, and its other characters."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey

SIDE = 384  # pixels of a scene, which views are cut from


class Label(NamedTuple):
    """One digit: its box in pixels of the scene, as far as it shows, and what else is known of it.

    Attributes:
        box: x, y, w, h.
        digit: 0 to 9.
        shown: share of its box that the scene shows.
        printed: whether it is print.
        unsure: whether a person might see no digit there: crossed out, hidden in part.
    """

    box: tuple[float, float, float, float]
    digit: int
    shown: float
    printed: bool
    unsure: bool


class Mark(NamedTuple):
    """One character that is no digit.

    Attributes:
        box: x, y, w, h in pixels of the scene, as far as it shows.
        unlike: whether nobody takes it for a digit, even where it stands alone: an F, but no l, no O and no slash.
    """

    box: tuple[float, float, float, float]
    unlike: bool


class Scene(NamedTuple):
    """A scene: uint8 (SIDE, SIDE), its digits, and its other characters."""

    image: Grey
    labels: list[Label]
    marks: Sequence[Mark] = ()


def part_of(drawn: Scene, left: int, top: int, right: int, bottom: int) -> Scene:
    """Give what a scene, or any picture with its labels, holds between columns and between rows, the last ones without.

    Boxes may reach beyond the picture; they are given as far as they show in the part.
    """
    image = drawn.image[max(top, 0) : bottom, max(left, 0) : right]
    corner, size = np.array([max(left, 0), max(top, 0)]), np.array(image.shape[::-1])

    def seen(box: tuple[float, ...]) -> tuple[tuple[float, float, float, float], float]:
        ends, share = clipped(np.array([[box[:2], np.add(box[:2], box[2:])]]) - corner, size)
        x0, y0, x1, y1 = ends.ravel().tolist()
        return (x0, y0, x1 - x0, y1 - y0), float(share[0])

    labels = [(label, *seen(label.box)) for label in drawn.labels]
    marks = [(mark, *seen(mark.box)) for mark in drawn.marks]
    return Scene(
        image,
        [label._replace(box=box, shown=label.shown * share) for label, box, share in labels if share],
        [mark._replace(box=box) for mark, box, share in marks if share],
    )


def clipped(ends: NDArray[np.float64], size: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give boxes as far as a picture (width, height) shows them, float64 (n, 2, 2), and which share of each that is."""
    shown = np.clip(ends, 0, size)
    return shown, (shown[:, 1] - shown[:, 0]).prod(axis=1) / (ends[:, 1] - ends[:, 0]).prod(axis=1)
