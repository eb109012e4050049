"""Boxes come out in reading order."""

import random

import pytest

from digitcam.order import order
from digitcam.reading import Box

Grid = dict[str, Box]


def line(text: str, y: int, *, slope: float = 0.0, start: int = 10, pitch: int = 40) -> Grid:
    return {c: Box(start + i * pitch, y + round(slope * i * pitch), 24, 40) for i, c in enumerate(text)}


def read(*lines: Grid) -> list[str]:
    boxes = [pair for one in lines for pair in one.items()]
    random.Random(1).shuffle(boxes)  # noqa: S311  # not for secrets
    return ["".join(boxes[i][0] for i in one) for one in order([box for _, box in boxes])]


def test_no_boxes_are_no_lines() -> None:
    assert order([]) == []


def test_lines_run_from_the_top_and_from_the_left() -> None:
    assert read(line("abcd", 10), line("efg", 100), line("hij", 190)) == ["abcd", "efg", "hij"]


@pytest.mark.parametrize("slope", [-0.3, -0.1, 0.1, 0.3])
def test_a_slanted_line_is_followed(slope: float) -> None:
    assert read(line("abcdefgh", 300, slope=slope), line("klmnopqr", 420, slope=slope)) == ["abcdefgh", "klmnopqr"]


def test_two_words_on_a_line_are_one_line() -> None:
    assert read(line("abc", 10) | line("xyz", 14, start=300)) == ["abcxyz"]


def test_digits_of_different_heights_share_a_line() -> None:
    boxes = [Box(0, 20, 20, 40), Box(40, 0, 20, 70), Box(80, 25, 20, 35)]
    assert order(boxes) == [[0, 1, 2]]
