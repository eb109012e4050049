"""Empty squared paper holds no 1s; a page of 1s does."""

from digitcam.reading import Box
from digitcam.remains import is_bar, is_squared_paper

BARS = [Box(40 * i, 10, 4, 60) for i in range(10)]
DASHES = [Box(40 * i, 100, 60, 4) for i in range(10)]
SIDE = 480  # pixels


def test_a_bar_is_slim_and_upright() -> None:
    assert is_bar(BARS[0])
    assert not is_bar(DASHES[0])
    assert not is_bar(Box(0, 0, 30, 60))


def test_bars_beside_as_many_dashes_are_squared_paper() -> None:
    assert is_squared_paper(BARS, 11, DASHES, SIDE)


def test_a_page_of_ones_is_one() -> None:
    assert not is_squared_paper(BARS, 10, [], SIDE)
    assert not is_squared_paper(BARS, 10, DASHES[:4], SIDE)


def test_ones_among_other_digits_are_digits() -> None:
    assert not is_squared_paper(BARS, 20, DASHES, SIDE)


def test_two_ones_and_a_dash_may_be_a_sum() -> None:
    assert not is_squared_paper(BARS[:2], 2, DASHES[:1], SIDE)


def test_a_few_low_bars_and_nothing_else_are_what_is_left_of_a_grid() -> None:
    low = [Box(40, 10, 4, 20), Box(200, 10, 4, 20)]
    assert is_squared_paper(low, 2, DASHES[:4], SIDE)
    assert is_squared_paper(low[:1], 1, DASHES[:2], SIDE)
    assert not is_squared_paper(low, 2, DASHES[:3], SIDE)
    assert not is_squared_paper(low, 3, DASHES, SIDE)
    assert not is_squared_paper([low[0], BARS[1]], 2, DASHES, SIDE)


def test_nothing_is_not_squared_paper() -> None:
    assert not is_squared_paper([], 0, DASHES, SIDE)
