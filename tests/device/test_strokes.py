"""Heavy strokes, light or dark: a bare bar as tall as the digits beside it is a 1, and other ink is not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.device.pages import paper, write
from tests.device.stubs import Told, found_at

from digitcam.config import Config, FindConfig
from digitcam.frame import Grey
from digitcam.recognition.finder import Found
from digitcam.recognition.look import Look, Pyramid, Region
from digitcam.recognition.params import MOST_UNSURE
from digitcam.recognition.reader import Reader, open_reader
from digitcam.recognition.search import find_ink, find_strokes, search

# what is drawn in a box of one by one: strokes of points, and an oval
SHAPES: dict[str, list[list[tuple[float, float]]]] = {
    "0": [[(0.5 + 0.5 * np.sin(a), 0.5 - 0.5 * np.cos(a)) for a in np.linspace(0, 2 * np.pi, 25)]],
    "1": [[(0.5, 0), (0.5, 1)]],
    "2": [[(0, 0.25), (0.15, 0.05), (0.5, 0), (0.85, 0.08), (0.95, 0.3), (0, 1), (1, 1)]],
    "4": [[(0.3, 0), (0, 0.6), (1, 0.6)], [(0.75, 0.3), (0.75, 1)]],
    "7": [[(0, 0), (1, 0), (0.35, 1)]],
}


def heavy(text: str, *, height: int = 116, gap: float = 0.4, thick: float = 0.16, light: bool = True) -> Grey:
    """A number as a thick pen or a machine draws it, close to the edges of its picture."""
    width, stroke, margin = round(0.55 * height), round(thick * height), round(0.5 * height)
    step = width + round(gap * height)
    page = np.zeros((height + 2 * margin, 2 * margin + step * len(text)), np.uint8)
    for number, digit in enumerate(text):
        for points in SHAPES[digit]:
            at = [(round(margin + number * step + x * width), round(margin + y * height)) for x, y in points]
            cv2.polylines(page, [np.array(at, np.int32)], isClosed=False, color=(255,), thickness=stroke)
    return page if light else ~page


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(Config())


@pytest.mark.parametrize("light", [True, False], ids=["light on dark", "dark on light"])
@pytest.mark.parametrize("text", ["74210", "21417", "40172", "17204"])
@pytest.mark.parametrize("height", [90, 116, 150])
def test_a_bare_bar_among_heavy_digits_is_read(text: str, height: int, light: bool, reader: Reader) -> None:  # noqa: FBT001
    assert reader.read(heavy(text, height=height, light=light)).text == text


def test_a_bar_that_a_look_from_further_away_does_not_see_is_none(reader: Reader) -> None:
    page = heavy("74210")
    digits = [(x, y, x + w, y + h) for x, y, w, h in (digit.box for digit in reader.read(page).digits)]
    bare = [box for box in digits if box[2] - box[0] < (box[3] - box[1]) / 2]
    others = [box for box in digits if box not in bare]
    assert len(bare) == 1

    def answer(look: Look) -> Found:
        seen_whole = look.region.w == page.shape[1]
        return found_at(others if seen_whole else beyond, seen=100.0)

    beyond: list[tuple[int, int, int, int]] = []
    told = Told(answer)
    assert len(search(Pyramid(page), told)[0]) == len(others)
    assert len(told.looks) > 1
    beyond = digits
    assert len(search(Pyramid(page), told)[0]) == len(digits)


def strokes_beside(page: Grey, reader: Reader) -> int:
    look = Pyramid(page).look(Region(0, 0, page.shape[1], page.shape[0]))
    digits = [digit.box for digit in reader.read(page).digits if digit.digit != 1]
    ends = np.array([(x, y, x + w, y + h) for x, y, w, h in digits], np.float32).reshape(-1, 4)
    return len(find_strokes(find_ink(look), ends))


def test_what_is_as_tall_and_stands_free_is_a_stroke_and_nothing_else(reader: Reader) -> None:
    page = heavy("74210")
    assert strokes_beside(page, reader) == 1
    (bar,) = (digit.box for digit in reader.read(page).digits if digit.digit == 1)
    middle = bar.x + bar.w // 2
    rule, shorter = page.copy(), page.copy()
    cv2.line(rule, (middle, 0), (middle, page.shape[0]), (255,), bar.w)
    assert strokes_beside(rule, reader) == 0
    shorter[bar.y + bar.h // 2 :, bar.x - 2 : bar.x + bar.w + 2] = 0
    assert strokes_beside(shorter, reader) == 0


# a thin 7 with a bar across, that fills the picture: a finder may see the bar alone
CROSSED = paper(size=(600, 500), noise=1)
BARE = np.array([(110, 60), (330, 45), (300, 260), (240, 450)], np.int32)
cv2.polylines(CROSSED, [BARE], isClosed=False, color=(60,), thickness=9)
cv2.line(CROSSED, (235, 262), (370, 268), (60,), 9)
WHOLE, BAR = (105, 40, 375, 455), (235, 255, 370, 275)


@pytest.mark.parametrize(
    ("score", "is_asked"), [pytest.param(0.5, True, id="nothing is sure"), pytest.param(0.7, False, id="the bar is")]
)
def test_ink_that_fills_the_picture_is_asked_about_where_nothing_is_sure(score: float, *, is_asked: bool) -> None:
    found, others = search(Pyramid(CROSSED), Told(lambda _: found_at([BAR], score=score, seen=70)))
    boxes = np.concatenate([found.boxes, others.boxes])
    assert len(boxes) == 1 + is_asked
    assert (np.abs(boxes - WHOLE).max(axis=1) < 8).sum() == is_asked


@pytest.mark.parametrize(
    ("seen", "places", "looked_for", "asked"),
    [
        # what is large is looked for from further away, too, and then a stroke beside it
        pytest.param(70, MOST_UNSURE - 1, 1, True, id="large"),
        pytest.param(70, MOST_UNSURE, 1, False, id="large, many"),
        pytest.param(40, MOST_UNSURE - 1, 1, True, id="not large"),
        pytest.param(40, MOST_UNSURE, 0, False, id="not large, many"),
    ],
)
def test_ink_is_looked_for_once_and_not_among_many_places(
    seen: float, places: int, looked_for: int, monkeypatch: pytest.MonkeyPatch, *, asked: bool
) -> None:
    looks: list[Look] = []

    def counted(look: Look) -> NDArray[np.float32]:
        looks.append(look)
        return find_ink(look)

    monkeypatch.setattr("digitcam.recognition.search.find_ink", counted)
    found, others = search(Pyramid(CROSSED), Told(lambda _: found_at([BAR] * places, score=0.5, seen=seen)))
    assert len(looks) == looked_for
    assert (np.abs(np.concatenate([found.boxes, others.boxes]) - WHOLE).max(axis=1) < 8).sum() == asked


def test_a_digit_of_which_the_finder_sees_a_bar_is_read(reader: Reader) -> None:
    seen = Told(lambda _: found_at([BAR], score=0.5, seen=70))
    assert Reader(seen, reader.classifier, FindConfig(), 0.7).read(CROSSED).text == "7"


def test_ink_is_not_asked_about_where_the_finder_sees_nothing_in_it_nor_where_it_is_small() -> None:
    assert not len(search(Pyramid(CROSSED), Told(lambda _: found_at([])))[0])
    elsewhere = Told(lambda _: found_at([(10, 470, 40, 490)], score=0.5))
    assert len(search(Pyramid(CROSSED), elsewhere)[0]) == 1
    margin = np.pad(CROSSED, 200, mode="edge")
    moved = Told(lambda _: found_at([[end + 200 for end in BAR]], score=0.5, seen=40))
    assert [len(places) for places in search(Pyramid(margin), moved)] == [1, 0]


@pytest.mark.parametrize("height", [40, 120])
def test_ordinary_pages_are_looked_at_as_before(height: int, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    page = paper()
    write(page, "4072", 30, 150, height=height)
    looks: list[Region] = []
    find = reader.finder.find

    def finding(look: Look) -> Found:
        looks.append(look.region)
        return find(look)

    monkeypatch.setattr(reader.finder, "find", finding)
    assert reader.read(page).text == "4072"
    assert all(region.w <= 2 * page.shape[1] for region in looks)
