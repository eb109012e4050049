"""What a scene holds: its picture, its digits, and its other characters."""

from collections.abc import Sequence
from typing import NamedTuple

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
