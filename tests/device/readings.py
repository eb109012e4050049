"""Readings made up for the purpose: digits on a grid, as the reader would give them."""

import numpy as np

from digitcam.reading import Box, Digit, Reading, Reject

CROP = np.zeros((28, 28), np.uint8)
SIZE = 40  # of a digit, pixels


def row(value: int, sure: float = 0.9) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Eleven probabilities, the rest spread evenly."""
    shares = np.full(11, (1 - sure) / 10, np.float32)
    shares[value] = sure
    return shares


def reading_of(text: str, *, at: tuple[float, float] = (0, 0), zoom: float = 1, sure: float = 0.9) -> Reading:
    """Digits in lines of a fixed pitch; a dot leaves a place empty, and a question mark one that is not sure."""
    digits, unsure = [], []
    for line, characters in enumerate(text.split("\n")):
        for column, character in enumerate(characters):
            x, y = (round(start + zoom * SIZE * step) for start, step in zip(at, (column, 1.5 * line), strict=True))
            box = Box(x, y, round(0.6 * zoom * SIZE), round(zoom * SIZE))
            if character == "?":
                unsure.append(Reject(box, "not sure enough", 0.4, CROP, row(10, 0.6)))
            elif character != ".":
                value = int(character)
                digits.append(Digit(character, sure, row(value, sure)[:10], box, CROP, line))
    return Reading(digits, unsure, {})
