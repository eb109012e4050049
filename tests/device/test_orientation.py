"""A page's digits vote on which way up it lies; in doubt it lies as it should."""

import numpy as np
import pytest

from digitcam.finder import Found
from digitcam.orientation import page_turn, upright
from digitcam.reading import Box
from stubs import found_at

ROW = [(40.0 * i, 100.0, 40.0 * i + 30, 150.0) for i in range(6)]


def leaning(quarters: int, share: float) -> list[float]:
    """The shares of the four turns, one of them likelier."""
    shares = [(1 - share) / 3] * 4
    shares[quarters] = share
    return shares


@pytest.mark.parametrize("quarters", range(4))
def test_what_every_digit_says_is_so(quarters: int) -> None:
    assert page_turn(found_at(ROW, turns=leaning(quarters, 0.9))) == quarters


def test_nothing_lies_upright() -> None:
    assert page_turn(found_at([])) == 0


@pytest.mark.parametrize("turns", [[0.25] * 4, leaning(1, 0.3), [0.48, 0.0, 0.52, 0.0]], ids=str)
def test_in_doubt_it_lies_upright(turns: list[float]) -> None:
    assert page_turn(found_at(ROW, turns=turns)) == 0


def test_digits_that_look_alike_on_two_sides_leave_it_to_the_others() -> None:
    alike = found_at(ROW, turns=[0.5, 0.0, 0.5, 0.0])
    plain = found_at([(0, 300, 30, 350), (40, 300, 70, 350), (80, 300, 110, 350)], turns=leaning(2, 0.97))
    assert page_turn(Found.joined([alike, plain])) == 2


def test_one_digit_that_is_sure_is_outvoted() -> None:
    many = found_at(ROW, turns=leaning(0, 0.9))
    one = found_at([(0, 300, 30, 350)], turns=leaning(1, 0.999))
    assert page_turn(Found.joined([many, one])) == 0


@pytest.mark.parametrize("quarters", range(4))
def test_a_box_moves_with_the_picture_that_is_turned(quarters: int) -> None:
    picture = np.zeros((50, 70), np.uint8)
    picture[10:14, 20:29] = 255
    turned = np.rot90(picture, -quarters)
    rows, columns = np.nonzero(turned)
    box = Box(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    assert upright(Box(20, 10, 9, 4), quarters, picture.shape) == box
