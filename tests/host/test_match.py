import numpy as np
import pytest

from digitcam.reading import Box, Digit, Reading, Reject
from digitlab.evaluation.match import (
    Comparison,
    Counts,
    Target,
    Truth,
    align,
    compare,
    edit_distance,
    figures,
    match,
    overlap,
)

CROP = np.zeros((28, 28), np.uint8)
A, B, C = Box(10, 10, 20, 30), Box(50, 10, 20, 30), Box(90, 10, 20, 30)


def read(digit: int, box: Box, confidence: float = 0.9, line: int = 0) -> Digit:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[digit] = confidence
    return Digit(str(digit), confidence, probabilities, box, CROP, line)


def reading(*digits: Digit, rejected: tuple[Reject, ...] = ()) -> Reading:
    return Reading(digits, rejected, {})


def boxed(*targets: tuple[int, Box], lines: tuple[str, ...] | None = None, clutter: tuple[Box, ...] = ()) -> Truth:
    text = lines or ("".join(str(digit) for digit, _ in targets),)
    return Truth(text, [Target(str(target[0]), target[1]) for target in targets], clutter=clutter)


def shifted(box: Box, x: int = 0, y: int = 0) -> Box:
    return Box(box.x + x, box.y + y, box.w, box.h)


def test_the_same_box_overlaps_wholly_and_another_not_at_all() -> None:
    assert overlap(A, A) == 1
    assert overlap(A, B) == 0


def test_a_third_of_overlap_is_enough_without_the_centre() -> None:
    # 11 of 20 columns are shared: 11 / 29 = 0.38
    assert overlap(shifted(A, 9), A) == pytest.approx(11 / 29)
    # the centre lies outside by 5 pixels, more than 15 % of 30
    assert overlap(shifted(A, 15), A) == 0


def test_a_centre_inside_is_enough_for_a_smaller_box_and_counts_less_than_overlap() -> None:
    inner = Box(15, 18, 10, 14)
    iou = 140 / 600
    assert overlap(inner, A) == pytest.approx(0.01 + iou)
    # a speck in a digit is not the digit
    assert overlap(Box(18, 20, 4, 6), A) == 0


def test_a_box_over_many_digits_is_none_of_them() -> None:
    assert overlap(Box(0, 0, 60, 80), A) == 0


def test_a_thin_one_has_some_slack_across() -> None:
    one = Box(100, 10, 4, 40)
    assert overlap(Box(104, 12, 8, 36), one) == 0.01
    assert overlap(Box(107, 12, 8, 36), one) == 0


def test_the_best_overlap_comes_first() -> None:
    # the second box fits the label better, though the first would do
    assert match([shifted(A, 5), A], [A]) == {0: 1}
    # and what it leaves goes to the next label that it overlaps
    assert match([shifted(A, 5), A], [A, shifted(A, 8)]) == {0: 1, 1: 0}


def test_of_equal_overlaps_the_later_comes_first() -> None:
    assert match([A, A], [A]) == {0: 1}
    assert match([A], [A, A]) == {1: 0}
    assert match([A, A], [A, A]) == {0: 0, 1: 1}


def test_every_digit_is_counted_once() -> None:
    comparison = compare(
        boxed((1, A), (2, B), (3, C), (4, shifted(C, 40))),
        reading(
            read(1, A),
            read(7, B),
            read(5, Box(300, 300, 20, 30)),
            rejected=(Reject(C, "not sure enough"), Reject(Box(5, 300, 4, 4), "too small")),
        ),
    )
    assert comparison.counts == Counts(labelled=4, readings=3, read=1, wrong=1, missed=2, rejected=1, spurious=1)
    assert comparison.rejected_as == {2: 0}
    assert comparison.counts.mistakes == 4
    assert comparison.counts.f1 == pytest.approx(2 / 7)
    assert [shown for _, shown in comparison.pairs()] == ["1", "2", None]


def test_what_was_read_is_not_rejected_as_well() -> None:
    comparison = compare(boxed((1, A)), reading(read(1, A), rejected=(Reject(A, "surrounds others"),)))
    assert comparison.counts.rejected == 0


def test_an_empty_page_has_only_spurious_readings() -> None:
    comparison = compare(Truth((), []), reading(read(1, A)))
    assert comparison.counts == Counts(0, 1, 0, 0, 0, 0, 1)
    assert comparison.counts.f1 == 0
    assert comparison.order == 0
    assert compare(Truth((), []), reading()).counts.f1 is None
    assert compare(Truth((), []), reading()).exact


def test_counts_add_up() -> None:
    assert Counts.total([]) == Counts(0, 0, 0, 0, 0, 0, 0)
    assert Counts.total([Counts(1, 2, 3, 4, 5, 6, 7)] * 2) == Counts(2, 4, 6, 8, 10, 12, 14)


@pytest.mark.parametrize(
    ("label", "text", "distance"),
    [("", "", 0), ("123", "123", 0), ("123", "", 3), ("", "12", 2), ("123", "13", 1), ("123", "1923", 1),
     ("123", "193", 1), ("1234", "2341", 2), ("05221859", "5221869", 2)],
)  # fmt: skip
def test_edit_distance(label: str, text: str, distance: int) -> None:
    assert edit_distance(label, text) == distance
    assert edit_distance(text, label) == distance


def test_aligned_texts_hold_every_character_once_and_in_order() -> None:
    steps = align("05221859", "5221869")
    assert [i for i, _ in steps if i is not None] == list(range(8))
    assert [j for _, j in steps if j is not None] == list(range(7))
    assert steps[0] == (0, None)
    assert steps[-2:] == [(6, 5), (7, 6)]


def test_without_boxes_digits_are_compared_in_reading_order() -> None:
    comparison = compare(Truth(("12", "3")), reading(read(1, A), read(9, B), read(3, C, line=1), read(4, C, line=1)))
    assert comparison.counts == Counts(labelled=3, readings=4, read=2, wrong=1, missed=0, rejected=0, spurious=1)
    assert [shown for _, shown in comparison.pairs()] == ["1", "2", "3", None]
    assert comparison.order == pytest.approx(1 / 3)
    assert comparison.lines == ["19", "34"]


def test_scattered_digits_without_boxes_are_compared_as_a_set() -> None:
    truth = Truth(("12", "3"), ordered=False)
    assert compare(truth, reading(read(3, A), read(1, B), read(2, C))).counts.mistakes == 0
    assert compare(truth, reading(read(3, A), read(1, B), read(8, C))).counts.mistakes == 2


def test_a_page_on_its_side_has_the_order_of_the_page_upright_and_the_boxes_of_the_picture() -> None:
    down = [Box(10, y, 30, 20) for y in (90, 50, 10)]
    truth = boxed((1, down[0]), (2, down[1]), (3, down[2]))
    upright = compare(truth, reading(*(read(digit, box) for digit, box in zip((1, 2, 3), down, strict=True))))
    assert (upright.order, upright.exact, upright.counts.read) == (1, True, 3)
    top_down = compare(
        truth, reading(*(read(d, b, line=n) for n, (d, b) in enumerate(zip((3, 2, 1), down[::-1], strict=True))))
    )
    assert (top_down.exact, top_down.counts.read) == (False, 3)
    assert top_down.order == pytest.approx(1 / 3)


def test_figures_are_means_over_pictures_and_only_of_those_that_have_what_it_takes() -> None:
    whole = compare(boxed((1, A)), reading(read(1, A)))
    half = compare(boxed((1, A), (2, B), lines=("12",)), reading(read(1, A), read(5, C)))
    unboxed = compare(Truth(("77",)), reading(read(7, A)))
    scattered = compare(Truth(("12",), [Target("1", A), Target("2", B)], ordered=False), reading())
    found = figures([whole, half, unboxed, scattered])
    assert (found.pictures, found.digits) == (4, 7)
    assert found.read == pytest.approx((1 + 0.5 + 0) / 3)
    assert found.missed == pytest.approx((0 + 0.5 + 1) / 3)
    assert found.spurious == pytest.approx((0 + 0.5 + 0) / 3)
    assert found.f1 == pytest.approx((1 + 0.5 + 0) / 3)
    assert found.order == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert found.exact == pytest.approx(1 / 3)
    alone = figures([unboxed])
    assert (alone.read, alone.f1, alone.order) == (None, None, 0.5)


def test_a_mark_is_read_in_if_a_reading_that_is_no_digit_has_its_centre_there() -> None:
    mark = Box(100, 100, 40, 40)
    comparison = compare(
        boxed((1, A), clutter=(mark, Box(0, 0, 60, 60), Box(400, 0, 9, 9))),
        reading(read(1, A), read(4, Box(110, 110, 10, 10), 0.6), read(5, Box(120, 110, 10, 10), 0.8)),
    )
    # the second mark lies around the digit that was rightly read
    assert comparison.clutter_confidences() == [0.8, 0, 0]


def test_figures_of_no_pictures_are_none() -> None:
    empty: list[Comparison] = []
    assert figures(empty)[:2] == (0, 0)
    assert set(figures(empty)[2:]) == {None}
