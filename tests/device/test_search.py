"""Other looks go where large or small ink is, find each digit once, and end."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from tests.device.stubs import Told, found_at

from digitcam.frame import Grey
from digitcam.recognition.finder import Found
from digitcam.recognition.look import Look, Pyramid
from digitcam.recognition.params import LEAST_SCORE, MOST_LOOKS, MOST_UNSURE
from digitcam.recognition.reader import is_cut
from digitcam.recognition.search import search

LARGE = np.full((3000, 4000), 200, np.uint8)
FRAME = np.full((480, 640), 200, np.uint8)


def everywhere(look: Look, score: float = 0.5) -> Found:
    """Small digits all over the look, none of them sure."""
    x, y, w, h = look.region
    side = 10 / look.scale
    corners = [(x + w * i / 12, y + h * j / 10) for i in range(1, 11) for j in range(1, 9)]
    return found_at([(left, top, left + side, top + side) for left, top in corners], score=score, seen=10)


def and_a_sure_one(look: Look) -> Found:
    """As many as that, and one more."""
    x, y, _, _ = look.region
    return Found.joined([everywhere(look), found_at([(x, y, x + 10 / look.scale, y + 10 / look.scale)], seen=10)])


def there(*boxes: tuple[float, float, float, float], score: float = 0.9, cut: float = 0.0) -> Told:
    """Digits that stand in the picture, as a look shows those whose middle lies in it."""

    def answer(look: Look) -> Found:
        x, y, w, h = look.region
        shown = [b for b in boxes if x <= (b[0] + b[2]) / 2 <= x + w and y <= (b[1] + b[3]) / 2 <= y + h]
        seen = max((look.scale * max(b[2] - b[0], b[3] - b[1]) for b in shown), default=0)
        return found_at(shown, score=score, cut=cut, seen=seen)

    return Told(answer)


@pytest.mark.parametrize("picture", [LARGE, FRAME, LARGE[:, :40], LARGE[:1, :1]], ids=lambda p: str(p.shape))
def test_nothing_found_ends_with_the_first_look(picture: Grey) -> None:
    finder = there()
    assert len(search(Pyramid(picture), finder)[0]) == 0
    assert len(finder.looks) == 1
    assert finder.looks[0].region == (0, 0, *picture.shape[::-1])


@pytest.mark.parametrize("picture", [LARGE, FRAME, LARGE[:, :40], LARGE[:300]], ids=lambda p: str(p.shape))
def test_however_much_is_small_looks_are_bounded(picture: Grey) -> None:
    finder = Told(and_a_sure_one)
    assert len(search(Pyramid(picture), finder)[0])
    assert 1 < len(finder.looks) <= MOST_LOOKS
    height, width = picture.shape
    for look in finder.looks:
        x, y, w, h = look.region
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + h <= height


def test_several_digits_that_are_not_small_take_one_look() -> None:
    finder = there((100, 100, 160, 180), (200, 100, 250, 180), (300, 100, 350, 180))
    assert len(search(Pyramid(FRAME), finder)[0]) == 3
    assert len(finder.looks) == 1


def test_what_a_surer_one_covers_may_stand_there_instead() -> None:
    both, left, right = (100.0, 100.0, 200.0, 180.0), (100.0, 100.0, 145.0, 180.0), (150.0, 100.0, 200.0, 180.0)
    seen = Found.joined([found_at([both]), found_at([left, right], score=0.6)])
    found, others = search(Pyramid(FRAME), Told(lambda _: seen))
    assert found.boxes.tolist() == [list(both)]
    assert others.boxes.tolist() == [list(left), list(right)]


def test_what_fills_the_picture_is_looked_at_from_twice_as_far() -> None:
    whole, bow = (200.0, 40.0, 420.0, 440.0), (220.0, 50.0, 400.0, 190.0)
    aside = (520.0, 200.0, 560.0, 260.0)

    def answer(look: Look) -> Found:
        near = look.scale == finder.looks[0].scale
        boxes, side = ([whole, bow, aside], 80) if near else ([whole], 40)
        return found_at(boxes, score=0.9 if near else 0.6, seen=side)

    finder = Told(answer)
    found, _ = search(Pyramid(FRAME), finder)
    assert [look.region for look in finder.looks] == [(0, 0, 640, 480), (0, 0, 1280, 960)]
    assert np.array(sorted(found.boxes.tolist())) == pytest.approx(np.array([whole, aside]), abs=0.01)
    assert sorted(found.scores) == pytest.approx([0.6, 0.9])


@pytest.mark.parametrize(("side", "looks"), [(60, 1), (70, 2), (200, 2)])
def test_what_takes_a_quarter_of_the_pictures_height_is_looked_at_from_twice_as_far(side: int, looks: int) -> None:
    finder = Told(lambda _: found_at([(100, 100, 100 + 2 * side, 100 + 2 * side)], seen=side))
    assert len(search(Pyramid(FRAME), finder)[0]) == 1
    assert len(finder.looks) == looks


def test_small_digits_are_looked_at_from_twice_as_near() -> None:
    finder = there((100, 100, 124, 136), (150, 100, 174, 136), (200, 100, 224, 136), score=0.5)
    found, _ = search(Pyramid(FRAME), finder)
    assert len(found) == 3
    assert len(finder.looks) == 2
    assert finder.looks[1].scale == pytest.approx(2 * finder.looks[0].scale)


def test_what_is_small_is_looked_at_again_however_sure() -> None:
    finder = there((100, 100, 116, 124), (150, 100, 166, 124), score=0.99)
    assert len(search(Pyramid(FRAME), finder)[0]) == 2
    assert len(finder.looks) == 2


@pytest.mark.parametrize("seed", range(8))
def test_closer_looks_show_all_that_is_small_each_digit_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform([0, 0], [3900, 2700], (int(rng.integers(1, 200)), 2))
    # small in the first look, and no longer in those twice as near
    boxes = [(x, y, x + 100, y + 170) for x, y in corners.tolist()]
    finder = there(*boxes, score=0.5)
    search(Pyramid(LARGE), finder)
    closer = [look.region for look in finder.looks[1:]]
    assert len({(w, h) for _, _, w, h in closer}) == 1
    assert all(
        any(x <= left and y <= top and right <= x + w and bottom <= y + h for x, y, w, h in closer)
        for left, top, right, bottom in boxes
    )


def test_four_closer_looks_show_a_photograph() -> None:
    corners = [(x, y) for x in (200, 800, 1700, 2200, 3000, 3700) for y in (100, 1300, 1700, 2800)]
    finder = there(*((x, y, x + 100, y + 170) for x, y in corners), score=0.5)
    assert len(search(Pyramid(LARGE), finder)[0]) == len(corners)
    assert len(finder.looks) == 5


def test_what_is_small_and_alone_stands_in_the_middle_of_a_closer_look() -> None:
    finder = there((300, 200, 316, 224), score=0.5)
    search(Pyramid(FRAME), finder)
    (_, (x, y, w, h)) = (look.region for look in finder.looks)
    assert (x + w / 2, y + h / 2) == (308, 212)


def test_a_closer_look_decides_about_what_is_small_and_where_it_ends() -> None:
    seen_again, not_seen, large = [100, 100, 124, 136], [150, 100, 174, 136], [200, 100, 280, 180]
    as_seen_again = [102, 103, 124, 134]

    def answer(look: Look) -> Found:
        if look.region.w < FRAME.shape[1]:
            return found_at([as_seen_again], score=0.5, seen=36)
        small = found_at([seen_again, not_seen], score=0.95, seen=18)
        return Found.joined([found_at([large], score=0.6, seen=40), small])

    found, _ = search(Pyramid(FRAME), Told(answer))
    assert np.array(sorted(found.boxes.tolist())) == pytest.approx(np.array([as_seen_again, large]), abs=0.01)


@pytest.mark.parametrize(("score", "is_digit"), [(0.6, False), (0.7, True)])
def test_what_is_small_even_at_full_size_is_print_unless_some_of_it_is_sure(score: float, *, is_digit: bool) -> None:
    def answer(look: Look) -> Found:
        return everywhere(look, score if look.scale == 1 else 0.3)

    finder = Told(answer)
    assert bool(len(search(Pyramid(FRAME), finder)[0])) == is_digit
    assert (len(finder.looks) > 2) == is_digit


@pytest.mark.parametrize(("answer", "found"), [(everywhere, MOST_UNSURE), (and_a_sure_one, 81)])
def test_of_many_places_none_of_which_is_sure_some_are_enough(answer: Callable[[Look], Found], found: int) -> None:
    assert len(search(Pyramid(FRAME[:200, :300]), Told(answer))[0]) == found


def test_a_small_picture_is_not_looked_at_again() -> None:
    finder = Told(everywhere)
    search(Pyramid(FRAME[:200, :300]), finder)
    assert len(finder.looks) == 1


def test_a_digit_in_a_closer_look_stands_at_its_place_in_the_picture() -> None:
    boxes = [(3000.0, 2000.0, 3060.0, 2090.0), (3100.0, 2000.0, 3160.0, 2090.0)]
    found, _ = search(Pyramid(LARGE), there(*boxes))
    assert np.array(sorted(map(tuple, found.boxes.tolist()))) == pytest.approx(np.array(boxes), abs=0.01)


def test_closer_looks_that_find_nothing_end() -> None:
    def answer(look: Look) -> Found:
        whole = look.region.w == LARGE.shape[1]
        return everywhere(look) if whole else found_at([])

    finder = Told(answer)
    assert len(search(Pyramid(LARGE), finder)[0])
    assert len(finder.looks) == 2


def test_a_hint_is_looked_at_again_and_is_no_digit_of_its_own() -> None:
    finder = there((100, 100, 115, 120), score=LEAST_SCORE - 0.01)
    assert len(search(Pyramid(FRAME), finder)[0]) == 0
    assert len(finder.looks) == 2


def test_what_a_closer_look_cuts_is_left_to_the_others() -> None:
    aside = [(1200.0, 1000.0, 1260.0, 1090.0), (1400.0, 1000.0, 1460.0, 1090.0)]

    def answer(look: Look) -> Found:
        x, y, w, h = look.region
        if w == LARGE.shape[1]:
            return found_at(aside, seen=7)
        # they, and half of a digit at the region's right end
        half = found_at([(x + w - 30, y + h / 2, x + w, y + h / 2 + 90)], cut=0.9)
        return Found.joined([found_at(aside, seen=30), half])

    found, _ = search(Pyramid(LARGE), Told(answer))
    assert sorted(found.boxes.tolist()) == [list(box) for box in aside]


def test_what_the_picture_itself_cuts_is_kept() -> None:
    finder = there((0, 100, 14, 124), cut=0.9)
    found, _ = search(Pyramid(FRAME), finder)
    assert len(found) == 1
    assert found.cut[0] > 0.5


@pytest.mark.parametrize("small", [[], [(250.0, 110.0, 270.0, 140.0)]], ids=["alone", "beside what is small"])
def test_a_bar_that_only_a_neighbours_echo_covers_is_looked_at_from_further_away(
    small: list[tuple[float, float, float, float]],
) -> None:
    page, bar = FRAME.copy(), (300.0, 100.0, 320.0, 220.0)
    cv2.rectangle(page, (300, 100), (319, 219), (20,), -1)
    digits = [(150.0, 100.0, 230.0, 220.0), (380.0, 100.0, 470.0, 220.0)]
    echo = found_at([(280.0, 100.0, 440.0, 220.0)], score=0.35, seen=80)

    def answer(look: Look) -> Found:
        if look.region.w > page.shape[1]:
            return found_at([bar], score=0.5, seen=20)
        if look.region.w < page.shape[1]:
            return found_at(small, score=0.4, seen=60)
        return Found.joined([found_at(digits, seen=80), echo, found_at(small, score=0.4, seen=15)])

    found, _ = search(Pyramid(page), Told(answer))
    wanted = [digits[0], bar, digits[1], *small]
    assert np.sort(found.boxes, axis=0) == pytest.approx(np.sort(wanted, axis=0))


# what is not to be read

ROWS, COLUMNS = np.mgrid[:480, :640] // 8
INKED = np.where((ROWS + COLUMNS) % 2, 40, 200).astype(np.uint8)  # a page whose ink reaches all edges, ...
FREE = INKED.copy()  # ... and one with a margin
FREE[:4] = FREE[-4:] = FREE[:, :4] = FREE[:, -4:] = 200
BROAD = np.where((ROWS > 25) & (ROWS < 40), 40, 200).astype(np.uint8)  # a stroke that shows from far away, too
BARRED = np.where((COLUMNS < 4) & (ROWS > 6) & (ROWS < 53), 40, 200).astype(np.uint8)


@pytest.mark.parametrize(
    ("page", "box", "cut", "told"),
    [
        (INKED, (0, 40, 30, 90), 0.9, True),
        (INKED, (600, 40, 640, 90), 0.9, True),
        (INKED, (300, 430, 340, 478), 0.7, True),
        (INKED, (300, 430, 340, 480), 0.1, False),
        pytest.param(INKED, (300, 200, 340, 250), 0.9, False, id="in the middle of the picture"),
        pytest.param(FREE, (600, 40, 640, 90), 0.9, False, id="ink ends before the picture does"),
        pytest.param(BROAD, (320, 100, 640, 400), 0.9, True, id="a broad stroke"),
        pytest.param(BROAD, (0, 100, 640, 478), 0.9, False, id="the picture was cropped to it"),
        pytest.param(BROAD, (60, 100, 640, 400), 0.9, False, id="it is about as wide as the picture"),
        pytest.param(BARRED, (0, 40, 40, 440), 0.9, True, id="as tall as the picture, at its side: a frame's bar"),
    ],
)
def test_only_ink_that_reaches_the_pictures_edge_is_cut(
    page: Grey, box: tuple[float, float, float, float], cut: float, *, told: bool
) -> None:
    assert is_cut(found_at([box], cut=cut), Pyramid(page)).tolist() == [told]
