"""Placeholder while written."""
from typing import NamedTuple


class Level(NamedTuple):
    stride: int
    low: float
    high: float


LEVELS = (Level(4, 0.0, 26.0), Level(8, 26.0, 64.0), Level(16, 64.0, 1e9))
SCORE, BOX, MORE = 1, 4, 6
