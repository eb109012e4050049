"""What was found is classified; what is none gives way to the digits that may stand there instead."""

import pytest
from tests.device.pages import paper, write
from tests.device.stubs import Told, found_at
from tests.device.test_rooms import PASSED, assert_each_room_is_entered_once
from tests.device.tracing import traced

from digitcam.config import FindConfig, ModelConfig
from digitcam.reading import Box
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import MOST_AGAIN, Boxes, Classifier, CutOut
from digitcam.recognition.crop import OF_NONE, Mask
from digitcam.recognition.finder import Found
from digitcam.recognition.layout import ask_instead, classify_upright
from digitcam.recognition.look import Pyramid
from digitcam.recognition.reader import Reader
from digitcam.recognition.stopwatch import Stopwatch

PAGE = paper()
LEFT, RIGHT, APART = write(PAGE, "42", 100, 100, gap=0.1) + write(PAGE, "7", 400, 300)
BOTH = Box(LEFT.x, LEFT.y, RIGHT.x + RIGHT.w - LEFT.x, LEFT.h)  # the two as one, which is no digit
NOTHING = found_at([])


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return open_classifier(ModelConfig())


def found(*boxes: Box, score: float = 0.9) -> Found:
    return found_at([(box.x, box.y, box.x + box.w, box.y + box.h) for box in boxes], score=score)


def read(classifier: Classifier, first: Found, others: Found = NOTHING) -> tuple[str, int]:
    """The digits that are sure, those that the finder is surest of first, and how many finds are not."""
    pyramid = Pyramid(PAGE)
    classified = classify_upright(pyramid, first, classifier, 0.7, Stopwatch())
    classified = ask_instead(pyramid, classified, others, classifier, 0.7)
    labels = classified.told[classified.is_sure].argmax(axis=1)
    return "".join(map(str, labels)), int((~classified.is_sure).sum())


def test_two_digits_found_as_one_are_none(classifier: Classifier) -> None:
    assert read(classifier, found(BOTH, APART)) == ("7", 1)


def test_and_give_way_to_the_two(classifier: Classifier) -> None:
    assert read(classifier, found(BOTH, APART), found(LEFT, RIGHT, score=0.8)) == ("742", 0)


def test_the_reader_asks_and_enters_each_room_once(classifier: Classifier) -> None:
    seen = Found.joined([found(BOTH, APART), found(LEFT, RIGHT, score=0.8)])
    reader = Reader(Told(lambda _: seen), classifier, FindConfig(), 0.7)
    with traced(PASSED) as calls:
        reading = reader.read(PAGE)
    assert reading.text == "42\n7"
    assert_each_room_is_entered_once(calls)


def test_what_is_sure_gives_way_to_nothing(classifier: Classifier) -> None:
    again = Box(LEFT.x - 1, LEFT.y - 1, LEFT.w + 2, LEFT.h + 2)
    assert read(classifier, found(again)) == ("4", 0)
    read_now, unsure = read(classifier, found(LEFT, APART, BOTH), found(again, RIGHT))
    assert sorted(read_now) == ["2", "4", "7"]
    assert unsure == 0


def test_what_is_no_digit_takes_no_place(classifier: Classifier) -> None:
    bare = Box(BOTH.x + 10, BOTH.y - 40, 30, 40)
    assert read(classifier, found(BOTH, APART), found(bare)) == ("7", 1)


def test_only_so_many_are_asked(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def cut_out(pyramid: Pyramid, boxes: Boxes, within: Mask = OF_NONE) -> CutOut:
        asked.append(len(boxes))
        return original(pyramid, boxes, within)

    original = classifier.cut_out
    monkeypatch.setattr(classifier, "cut_out", cut_out)
    parts = [Box(BOTH.x + 2 + 8 * i, BOTH.y + 2 + 8 * j, 7, 7) for i in range(7) for j in range(6)]
    read(classifier, found(BOTH), found(*parts))
    assert asked[-1] == MOST_AGAIN
