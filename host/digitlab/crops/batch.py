"""Crops with their labels."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class Crops(NamedTuple):
    """uint8 (n, 28, 28) crops and uint8 (n,) labels, 0 to 9 or `NO_DIGIT`."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All of them, in order."""
        return cls(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
