"""Which finds are digits depends on how sure they are, and on what stands beside them."""

import numpy as np
import pytest
from tests.device.stubs import found_at

from digitcam.recognition.layout import Probabilities, confirm, weigh_by_neighbours
from digitcam.recognition.params import LEAST_SCORE, SURE_SCORE

SURE, DOUBTED, LITTLE = SURE_SCORE + 0.01, LEAST_SCORE + 0.01, LEAST_SCORE - 0.01
HERE, BESIDE, FAR = (100, 100, 130, 150), (150, 100, 180, 150), (900, 100, 930, 150)
LARGER, ON = (150, 60, 210, 190), (104, 102, 130, 152)


@pytest.mark.parametrize(
    ("boxes", "sure", "confirmed"),
    [
        pytest.param([HERE, FAR], [SURE, SURE], [True, True], id="both sure"),
        pytest.param([HERE, BESIDE], [SURE, DOUBTED], [True, True], id="beside one"),
        pytest.param([HERE, FAR], [SURE, DOUBTED], [True, False], id="far from any"),
        pytest.param([HERE, LARGER], [SURE, DOUBTED], [True, False], id="beside a smaller one"),
        pytest.param([HERE, ON], [SURE, DOUBTED], [True, False], id="on one"),
        pytest.param([HERE, BESIDE], [SURE, LITTLE], [True, False], id="too little even there"),
        pytest.param([HERE, BESIDE], [DOUBTED, DOUBTED], [False, False], id="beside one as doubtful"),
    ],
)
def test_what_is_less_sure_needs_a_digit_beside_it(
    boxes: list[tuple[int, int, int, int]], sure: list[float], confirmed: list[bool]
) -> None:
    assert confirm(found_at(boxes), np.array(sure, np.float32), is_alone=False).tolist() == confirmed


@pytest.mark.parametrize(("sure", "confirmed"), [(SURE, True), (DOUBTED, True), (LITTLE, False)])
def test_what_stands_alone_need_not_be_so_sure(sure: float, *, confirmed: bool) -> None:
    assert confirm(found_at([HERE]), np.array([sure], np.float32), is_alone=True).tolist() == [confirmed]
    # one that is left of several is not alone
    assert confirm(found_at([HERE]), np.array([sure], np.float32), is_alone=False).tolist() == [sure == SURE]


def test_of_nothing_nothing_is_a_digit() -> None:
    assert confirm(found_at([]), np.zeros(0, np.float32), is_alone=False).tolist() == []


# ten places in two lines, and one far away
WORDS = [(100 + 40 * i, 100 + 60 * line, 130 + 40 * i, 150 + 60 * line) for line in (0, 1) for i in range(5)]
AWAY = (1500, 900, 1530, 950)


def said_of(none: float) -> Probabilities:
    """A 3, or none, so likely; the rest spread over other digits."""
    shares = np.full(11, 0.002 * (1 - none), np.float32)
    shares[10] = none
    shares[3] = 1 - shares.sum() + shares[3]
    return shares


def weighed(boxes: list[tuple[int, int, int, int]], none: list[float]) -> Probabilities:
    told = weigh_by_neighbours(found_at(boxes), np.array([said_of(one) for one in none]).reshape(-1, 11))
    assert told.sum(axis=1) == pytest.approx(np.ones(len(boxes)), abs=1e-6)
    assert told.argmax(axis=1).tolist() == [10 if row[10] > 0.5 else 3 for row in told]
    return told


def test_among_letters_what_looks_like_a_digit_is_none() -> None:
    assert weighed(WORDS, [0.95] * 9 + [0.2])[-1, 10] > 0.8


def test_among_digits_what_is_doubted_is_a_digit() -> None:
    assert weighed(WORDS, [0.0] * 9 + [0.55])[-1, 3] > 0.6


@pytest.mark.parametrize("none", [0.0, 0.05, 0.3])
def test_what_stands_elsewhere_or_is_of_another_size_says_nothing(none: float) -> None:
    (alone,) = weighed([AWAY], [none])
    assert alone[10] == pytest.approx(none, abs=0.002)
    assert weighed([*WORDS, AWAY], [0.95] * 10 + [none])[-1] == pytest.approx(alone, abs=1e-3)
    large = (100, 220, 300, 420)
    assert weighed([*WORDS, large], [0.95] * 10 + [none])[-1] == pytest.approx(alone, abs=1e-3)


def test_what_is_sure_stays_so_by_itself_and_nothing_at_all_is_taken() -> None:
    told = weighed([AWAY, (0, 0, 30, 50)], [0.0, 1.0])
    assert told[0, 3] > 0.95
    assert told[1, 10] > 0.999
    assert weighed([], []).shape == (0, 11)


def test_sure_digits_among_letters_are_read() -> None:
    assert weighed(WORDS, [0.0] * 5 + [0.95] * 5)[:5, 3] == pytest.approx(np.ones(5), abs=0.25)
