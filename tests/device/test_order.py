"""Boxes come out in reading order."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from digitcam.reading import Box
from digitcam.recognition.layout import order

Grid = dict[str, Box]
HIGH = 40


def line(text: str, y: int, *, slope: float = 0.0, start: int = 10, pitch: int = 40) -> Grid:
    return {c: Box(start + i * pitch, y + round(slope * i * pitch), 24, HIGH) for i, c in enumerate(text)}


def bent(grid: Grid, bend: Callable[[float], float]) -> Grid:
    """Moved down the page by `bend` of the x of each centre."""
    return {c: box._replace(y=round(box.y + bend(box.x + box.w / 2))) for c, box in grid.items()}


def turned(grid: Grid, degrees: float) -> Grid:
    """As on a page turned clockwise; boxes keep their size."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return {
        c: box._replace(x=round(cos * box.x - sin * box.y), y=round(sin * box.x + cos * box.y))
        for c, box in grid.items()
    }


def read(*lines: Grid) -> list[str]:
    boxes = [pair for one in lines for pair in one.items()]
    random.Random(1).shuffle(boxes)  # noqa: S311  # not for secrets
    return ["".join(boxes[i][0] for i in one) for one in order([box for _, box in boxes])]


def test_no_boxes_are_no_lines() -> None:
    assert order([]) == []


def test_lines_run_from_the_top_and_from_the_left() -> None:
    assert read(line("abcd", 10), line("efg", 100), line("hij", 190)) == ["abcd", "efg", "hij"]


@pytest.mark.parametrize("slope", [-0.36, -0.3, -0.1, 0.1, 0.3, 0.36])
@pytest.mark.parametrize("pitch", [28, 40, 90])
def test_a_slanted_line_is_followed(slope: float, pitch: int) -> None:
    lines = (line(text, y, slope=slope, pitch=pitch) for text, y in (("abcdefgh", 300), ("klmnopqr", 360)))
    assert read(*lines) == ["abcdefgh", "klmnopqr"]


@pytest.mark.parametrize("slope", [-0.3, 0.3])
def test_one_slanted_line_of_two_or_three_digits_is_one_line(slope: float) -> None:
    assert read(line("ab", 300, slope=slope)) == ["ab"]
    assert read(line("abc", 300, slope=slope)) == ["abc"]


@pytest.mark.parametrize("rise", [-60, 60])
def test_a_curved_line_is_followed(rise: int) -> None:
    lines = (
        bent(line(text, y), lambda x: rise * ((x - 250) / 250) ** 2)
        for text, y in (("abcdefghijkl", 100), ("mnopqrstuvwx", 160))
    )
    assert read(*lines) == ["abcdefghijkl", "mnopqrstuvwx"]


def test_a_wavy_line_is_followed() -> None:
    lines = (
        bent(line(text, y), lambda x: 20 * np.sin(x / 60)) for text, y in (("abcdefghijkl", 100), ("mnopqrstuvwx", 160))
    )
    assert read(*lines) == ["abcdefghijkl", "mnopqrstuvwx"]


def test_two_words_on_a_line_are_one_line() -> None:
    assert read(line("abc", 10) | line("xyz", 14, start=300)) == ["abcxyz"]


@pytest.mark.parametrize("degrees", [-14, -7, 0, 7, 14])
def test_two_words_on_each_line_of_a_turned_page(degrees: float) -> None:
    lines = [line("abc", 0) | line("def", 3, start=300), line("ghi", 60) | line("jkl", 57, start=300)]
    assert read(*(turned(one, degrees) for one in lines)) == ["abcdef", "ghijkl"]


@pytest.mark.parametrize("degrees", [-12, 0, 12])
def test_rows_of_a_worksheet_are_read_across_its_columns(degrees: float) -> None:
    rows = [
        line("ab", 0) | line("c", 6, start=210) | line("def", 0, start=405),
        line("g", 85) | line("hij", 80, start=200),
        line("kl", 160) | line("mn", 155, start=195) | line("o", 165, start=410),
        line("p", 243, start=202) | line("qr", 240, start=400),
    ]
    assert read(*(turned(row, degrees) for row in rows)) == ["abcdef", "ghij", "klmno", "pqr"]


def test_columns_far_apart_are_read_as_rows() -> None:
    rows = [line("abc", 0) | line("de", 5, start=800), line("f", 70) | line("ghi", 66, start=790)]
    assert read(*rows) == ["abcde", "fghi"]


def test_a_column_of_numbers_of_all_lengths() -> None:
    numbers = ["a", "bcde", "fg", "hij", "k"]
    column = [line(text, 56 * i, start=400 - 40 * len(text)) for i, text in enumerate(numbers)]
    assert read(*column) == numbers


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_sudoku_of_nine_rows(share: float) -> None:
    rng = np.random.default_rng(1)
    rows: list[Grid] = []
    for down in range(9):
        x, y = (rng.normal(70 * at, 4) for at in (np.arange(9), np.full(9, down)))
        cells = [Box(round(x[i]), round(y[i]), 24, HIGH) for i in range(9)]
        rows.append({chr(ord("A") + 9 * down + i): cell for i, cell in enumerate(cells) if rng.random() < share})
    assert read(*rows) == ["".join(row) for row in rows if row]


def test_a_cross_is_three_lines() -> None:
    across = line("bcd", 150, pitch=140)
    assert read({"a": Box(155, 8, 24, HIGH)}, across, {"e": Box(148, 290, 24, HIGH)}) == ["a", "bcd", "e"]


def test_digits_of_different_heights_share_a_line() -> None:
    boxes = [Box(0, 20, 20, 40), Box(40, 0, 20, 70), Box(80, 25, 20, 35)]
    assert order(boxes) == [[0, 1, 2]]


def test_small_digits_raised_and_lowered_share_the_line_of_large_ones() -> None:
    raised, lowered = Box(85, -8, 14, 20), Box(110, 28, 14, 20)
    first = line("ab", 0) | {"c": raised, "d": lowered} | line("ef", 0, start=135)
    assert read(first, line("ghijk", 75)) == ["abcdef", "ghijk"]


def test_a_large_title_over_small_lines() -> None:
    title = {c: Box(10 + 80 * i, 0, 50, 90) for i, c in enumerate("abc")}
    assert read(title, line("defgh", 115), line("ijkl", 170)) == ["abc", "defgh", "ijkl"]


def test_lines_of_slopes_of_their_own() -> None:
    lines = (line(text, y, slope=slope) for text, y, slope in (("abcdef", 0, 0.1), ("ghijkl", 80, 0.0), ("mn", 140, 0)))
    assert read(*lines) == ["abcdef", "ghijkl", "mn"]


def test_every_box_is_in_one_line_wherever_they_stand() -> None:
    rng = np.random.default_rng(1)
    boxes = [Box(*rng.integers((0, 0, 1, 1), (900, 900, 60, 60)).tolist()) for _ in range(300)]
    assert sorted(i for one in order(boxes) for i in one) == list(range(300))


def test_where_no_slope_makes_rows_the_page_is_straight() -> None:
    far_apart = [Box(8000, 0, 20, 40), Box(0, 1227, 20, 40)]  # between two of the slopes that are tried
    assert order(far_apart) == [[0], [1]]
