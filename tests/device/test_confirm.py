"""Which finds are digits depends on how sure both networks are, and on what stands beside, or on, them."""

import numpy as np
import pytest
from tests.device.stubs import found_at

from digitcam.labels import DIGITS
from digitcam.recognition.classifier import Probabilities
from digitcam.recognition.evidence import (
    UNTOLD,
    Asked,
    confirm,
    decide,
    find_neighbours,
    find_repeats,
    stands_alone,
    weigh,
)
from digitcam.recognition.finder import LEVELS, Found
from digitcam.recognition.params import AS_LARGE, READ_WEIGHT, SURE

# how likely each is none
SURELY, PERHAPS = 1 / (1 + np.exp(SURE + 0.1)), 1 / (1 + np.exp(SURE - 0.1))
HERE, BESIDE, FAR = (100, 100, 130, 150), (150, 100, 180, 150), (900, 100, 930, 150)
LARGER, ON, TOUCHING = (150, 60, 210, 190), (104, 102, 130, 152), (120, 100, 150, 150)


def confirmed(
    boxes: list[tuple[int, int, int, int]], none: list[float], *, is_alone: bool = False, seen: float = 40.0
) -> list[bool]:
    """Tell which of some places are digits."""
    likely = np.array([one < 0.5 for one in none], np.bool_)
    found = found_at(boxes, seen=seen)
    beside, _ = find_neighbours(found.boxes, found.boxes, AS_LARGE)
    digits = confirm(found, likely, np.array(none, np.float32), beside, is_alone=is_alone)
    return [bool(one) for one in digits]


@pytest.mark.parametrize(
    ("boxes", "none", "expected"),
    [
        pytest.param([HERE, FAR], [SURELY, SURELY], [True, True], id="both sure"),
        pytest.param([HERE, BESIDE], [SURELY, PERHAPS], [True, True], id="beside one"),
        pytest.param([HERE, FAR], [SURELY, PERHAPS], [True, False], id="far from any"),
        pytest.param([HERE, LARGER], [SURELY, PERHAPS], [True, False], id="beside a smaller one"),
        pytest.param([HERE, BESIDE], [SURELY, 0.6], [True, False], id="likelier none even there"),
        pytest.param([HERE, BESIDE], [PERHAPS, PERHAPS], [False, False], id="beside one as doubtful"),
    ],
)
def test_what_is_less_sure_needs_a_digit_beside_it(
    boxes: list[tuple[int, int, int, int]], none: list[float], expected: list[bool]
) -> None:
    assert confirmed(boxes, none) == expected


@pytest.mark.parametrize(("none", "expected"), [(SURELY, True), (PERHAPS, True), (0.6, False)])
def test_what_stands_alone_need_not_be_so_sure(none: float, *, expected: bool) -> None:
    assert confirmed([HERE], [none], is_alone=True) == [expected]
    # which one of several is not
    assert confirmed([HERE], [none]) == [none == SURELY]


@pytest.mark.parametrize(
    ("scores", "none", "expected"),
    [
        pytest.param([0.4], [0.9], True, id="one thing"),
        pytest.param([0.7, 0.4], [0.01, 0.99], True, id="a digit, and something else"),
        pytest.param([0.7, 0.4], [0.99, 0.01], False, id="the networks differ about both"),
        pytest.param([0.6, 0.4], [0.01, 0.99], False, id="the finder is sure of none"),
        pytest.param([0.7, 0.7], [0.01, 0.99], False, id="the finder is sure of both"),
        pytest.param([0.7, 0.7], [0.01, 0.01], False, id="two digits"),
        pytest.param([0.7, 0.4, 0.4], [0.01, 0.99, 0.99], False, id="three things"),
        pytest.param([], [], False, id="nothing"),
    ],
)
def test_alone_is_one_thing_or_a_digit_beside_what_is_surely_none(
    scores: list[float], none: list[float], *, expected: bool
) -> None:
    found = Found.joined([found_at([HERE], score=score) for score in scores] or [found_at([])])
    assert stands_alone(found, np.array(none, np.float32)) is expected


@pytest.mark.parametrize(("others", "expected"), [(0, True), (1, True), (2, False)])
def test_what_stands_alone_is_shown_for_its_own_sake(others: int, *, expected: bool) -> None:
    found = Found.joined([found_at([HERE], score=0.7), found_at([BESIDE, FAR][:others], score=0.4)])
    crops, alike = np.zeros((len(found), 28, 28), np.uint8), np.ones(len(found), np.float32)
    shares = np.array([said_of(none) for none in (0.01, 0.99, 0.99)[: len(found)]])
    _, digits, _ = decide(Asked(found, crops, alike, alike, shares), DIGITS, 0.7)
    assert digits.tolist() == [expected] + [False] * others


@pytest.mark.parametrize(
    ("other", "seen", "expected"),
    [
        pytest.param((900, 100, 912, 124), 100.0, True, id="large, all else less than half as large"),
        pytest.param((900, 100, 912, 124), 40.0, False, id="not large"),
        pytest.param((900, 100, 915, 126), 100.0, False, id="another half as large"),
    ],
)
def test_nor_need_what_is_large_and_all_else_small(
    other: tuple[int, int, int, int], seen: float, *, expected: bool
) -> None:
    assert confirmed([HERE, other], [PERHAPS, 0.9], seen=seen) == [expected, False]
    assert confirmed([HERE, other], [0.6, PERHAPS], seen=seen) == [False, False]


def test_of_nothing_nothing_is_a_digit() -> None:
    assert confirmed([], []) == []


def repeats(
    boxes: list[tuple[int, int, int, int]],
    read: list[int],
    none: list[float],
    digits: list[bool],
    seen: float = 40.0,
    score: float = 0.6,
) -> list[bool]:
    """Tell which of some places, read as these, are others of them once more."""
    said = np.zeros((len(boxes), 11), np.float32)
    said[np.arange(len(boxes)), read] = 1 - np.array(none)
    said[:, 10] = none
    found = found_at(boxes, seen=seen, score=score)
    _, on = find_neighbours(found.boxes, found.boxes, AS_LARGE)
    return [bool(one) for one in find_repeats(found, np.array(digits, np.bool_), said, on)]


@pytest.mark.parametrize("none", [(0.01, 0.02), (0.02, 0.01)])
@pytest.mark.parametrize("boxes", [(HERE, ON), (HERE, TOUCHING)])
def test_what_stands_on_a_likelier_digit_and_reads_alike_is_that_once_more(
    boxes: tuple[tuple[int, int, int, int], ...], none: tuple[float, float]
) -> None:
    assert repeats([*boxes], [7, 7], [*none], [True, True]) == [one > min(none) for one in none]


def test_what_is_a_digit_once_more_makes_nothing_else_so() -> None:
    leaning = [(100, 100, 130, 150), (112, 100, 142, 150), (124, 100, 154, 150)]
    assert repeats(leaning, [1, 1, 1], [0.01, 0.02, 0.03], [True] * 3) == [False, True, False]
    assert repeats(leaning[1:], [1, 1], [0.02, 0.03], [True] * 2) == [False, True]


def test_of_two_as_likely_one_is_kept() -> None:
    assert repeats([HERE, ON], [7, 7], [0.01, 0.01], [True, True]) == [False, True]


@pytest.mark.parametrize(("score", "expected"), [(0.49, True), (0.51, False)])
def test_what_overlaps_such_must_be_a_digit_for_the_finder_too(score: float, *, expected: bool) -> None:
    leaning = (125, 100, 155, 150)  # half a height from the other
    assert repeats([HERE, leaning], [1, 1], [0.01, 0.02], [True, True], score=score) == [False, expected]
    assert repeats([HERE, leaning], [1, 7], [0.01, 0.02], [True, True], score=score) == [False, False]


@pytest.mark.parametrize(("score", "expected"), [(0.49, True), (0.51, False)])
def test_slender_digits_close_to_each_other_are_two_if_the_finder_says_so(score: float, *, expected: bool) -> None:
    slender = [(100, 100, 108, 150), (118, 100, 126, 150)]
    assert repeats(slender, [1, 1], [0.01, 0.02], [True, True], score=score) == [False, expected]


def test_what_reads_differently_touches_it() -> None:
    assert repeats([HERE, TOUCHING], [7, 1], [0.01, 0.02], [True, True]) == [False, False]


def test_what_is_too_small_to_be_told_from_it_is_a_part_of_it() -> None:
    assert repeats([HERE, TOUCHING], [7, 1], [0.01, 0.02], [True, True], seen=LEVELS[0].high) == [False, False]
    assert repeats([HERE, TOUCHING], [7, 1], [0.01, 0.02], [True, True], seen=LEVELS[0].high - 1) == [False, True]


def test_nothing_is_what_is_no_digit_once_more_nor_what_stands_beside() -> None:
    assert repeats([HERE, ON], [7, 7], [0.01, 0.02], [False, True]) == [False, False]
    assert repeats([HERE, BESIDE], [7, 7], [0.01, 0.02], [True, True], seen=12.0) == [False, False]


# ten places in two lines, and one far away
WORDS = [(100 + 40 * i, 100 + 60 * line, 130 + 40 * i, 150 + 60 * line) for line in (0, 1) for i in range(5)]
AWAY = (1500, 900, 1530, 950)


def said_of(none: float) -> Probabilities:
    """A 3, or none, so likely; the rest spread over other digits."""
    shares = np.full(11, 0.002 * (1 - none), np.float32)
    shares[10] = none
    shares[3] = 1 - shares.sum() + shares[3]
    return shares


def weighed(boxes: list[tuple[int, int, int, int]], none: list[float], score: float = 0.6) -> Probabilities:
    found = found_at(boxes, score=score)
    beside, _ = find_neighbours(found.boxes, found.boxes, AS_LARGE)
    shares = np.array([said_of(one) for one in none]).reshape(-1, 11)
    told = weigh(found, shares, beside, is_alone=len(boxes) == 1)
    assert told.sum(axis=1) == pytest.approx(np.ones(len(boxes)), abs=1e-6)
    assert told.argmax(axis=1).tolist() == [10 if row[10] > 0.5 else 3 for row in told]
    return told


def test_among_letters_what_looks_like_a_digit_is_none() -> None:
    assert weighed(WORDS, [0.98] * 9 + [0.2])[-1, 10] > 0.8


def test_so_is_a_capital_among_letters_half_as_large() -> None:
    capital = (300, 60, 350, 150)
    assert weighed([*WORDS, capital], [0.98] * 10 + [0.2])[-1, 10] > 0.8
    assert weighed([*WORDS, capital], [0.0] * 10 + [0.2])[-1] == pytest.approx(
        weighed([AWAY, HERE], [0.2, 0.0])[0], abs=0.02
    )


def test_among_digits_what_is_doubted_is_a_digit() -> None:
    assert weighed(WORDS, [0.0] * 9 + [0.55])[-1, 3] > 0.6


@pytest.mark.parametrize("none", [0.0, 0.05, 0.3])
def test_what_stands_elsewhere_or_is_of_another_size_says_nothing(none: float) -> None:
    alone = weighed([AWAY, (0, 0, 30, 50)], [none, 0.98])[0]
    assert weighed([*WORDS, AWAY], [0.98] * 10 + [none])[-1] == pytest.approx(alone, abs=1e-3)
    large = (100, 220, 300, 420)
    assert weighed([*WORDS, large], [0.98] * 10 + [none])[-1] == pytest.approx(alone, abs=1e-3)


def test_a_network_in_steps_of_256ths_leaves_open_how_far_below_its_least_something_is() -> None:
    nones = 0.0, 1e-9, UNTOLD, 1 / 256
    never, less, hardly, least = (weighed([*WORDS, HERE], [0.98] * 10 + [none])[-1, 10] for none in nones)
    assert 0 < never == pytest.approx(hardly, rel=0.01)
    assert less == pytest.approx(hardly, rel=0.01)  # however sure a network in floating point is of itself
    assert never < least / 5


def test_what_the_picture_shows_and_nothing_else_is_rather_a_digit() -> None:
    odds = (0.6 / 0.4) ** READ_WEIGHT
    assert weighed([AWAY], [0.4], score=0.5)[0, 10] == pytest.approx(1 / (1 + odds), abs=0.01)
    assert weighed([AWAY, (0, 0, 30, 50)], [0.4, 0.4], score=0.5)[0, 10] > 0.8


@pytest.mark.parametrize("none", [0.05, 0.5, 0.8])
def test_what_the_finder_doubts_the_classifier_must_be_the_surer_of(none: float) -> None:
    doubted, likely, sure = (weighed([AWAY], [none], score)[0, 10] for score in (0.4, 0.6, 0.9))
    assert doubted > likely > sure
    digits = weighed([AWAY], [none], 0.9)[0, :10]
    assert digits / digits.sum() == pytest.approx(said_of(none)[:10] / said_of(none)[:10].sum(), abs=1e-3)


def test_what_the_classifier_surely_calls_none_is_none_unless_the_finder_is_as_sure() -> None:
    assert weighed(WORDS, [0.0] * 9 + [1.0], 0.7)[-1, 10] > 0.7
    assert weighed(WORDS, [0.0] * 9 + [0.8], 0.98)[-1, 10] < 0.1


def test_what_is_sure_stays_so_by_itself_and_nothing_at_all_is_taken() -> None:
    told = weighed([AWAY, (0, 0, 30, 50)], [0.0, 1.0])
    assert told[0, 3] > 0.95
    assert told[1, 10] > 0.999
    assert weighed([], []).shape == (0, 11)


def test_sure_digits_among_letters_are_read() -> None:
    assert weighed(WORDS, [0.0] * 5 + [0.98] * 5)[:5, 3] == pytest.approx(np.ones(5), abs=0.25)
