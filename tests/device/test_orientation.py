"""A page's digits tell which way up it lies; in doubt it lies as it should."""

from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.device.stubs import found_at

from digitcam.config import ModelConfig
from digitcam.labels import CLASSES
from digitcam.reading import Box
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import Classifier, turn_images
from digitcam.recognition.finder import Found
from digitcam.recognition.layout import DECIDING, find_turn
from digitcam.recognition.normalize import SIDE

Crops = NDArray[np.uint8]
# which of the sides the finder takes a page for
STANDING, LYING = (0.4, 0.1, 0.4, 0.1), (0.1, 0.4, 0.1, 0.4)


class Counting(Classifier):
    """The shipped network, which counts the crops that it is asked about."""

    def __init__(self, inner: Classifier) -> None:
        self._inner = inner
        self.labels, self.knows_none = inner.labels, inner.knows_none
        self.asked = 0

    def classify(self, crops: Crops) -> NDArray[np.float32]:
        self.asked += len(crops)
        return self._inner.classify(crops)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return open_classifier(ModelConfig())


def crops_of(text: str) -> Crops:
    """A shipped crop of each digit."""
    with np.load(str(files("digitcam") / "samples" / "digits.npz")) as shipped:
        images, labels = shipped["images"], shipped["labels"]
    return np.array([images[np.flatnonzero(labels == int(character))[0]] for character in text], np.uint8)


class Saying(Classifier):
    """Is so sure of each digit as it lies, and so on any other side."""

    def __init__(self, as_it_lies: float, turned: float) -> None:
        self._sure = as_it_lies, turned

    def classify(self, crops: Crops) -> NDArray[np.float32]:
        sure = self._sure[bool(crops[0, 0].any())]
        said = np.zeros((len(crops), CLASSES), np.float32)
        said[:, 5], said[:, -1] = sure, 1 - sure
        return said


def places(n: int, turns: tuple[float, ...] = STANDING, score: float = 0.9) -> Found:
    return found_at([(40.0 * i, 100.0, 40.0 * i + 30, 150.0) for i in range(n)], turns=turns, score=score)


def turn_of(crops: Crops, classifier: Classifier, turns: tuple[float, ...] = STANDING) -> tuple[int, int]:
    """By how many quarters a page of these is turned, and how many crops were asked about for that."""
    counting = Counting(classifier)
    return find_turn(places(len(crops), turns), crops, classifier.classify(crops), counting), counting.asked


@pytest.mark.parametrize("quarters", range(4))
def test_a_page_on_its_side_is_told_by_its_digits(quarters: int, classifier: Classifier) -> None:
    lying = turn_images(crops_of("2345724357"), -quarters)
    assert turn_of(lying, classifier, LYING if quarters % 2 else STANDING)[0] == quarters


def test_the_finder_names_the_sides_that_are_asked(classifier: Classifier) -> None:
    lying = turn_images(crops_of("2345724357"), -1)
    assert turn_of(lying, classifier, STANDING) == (0, 10)
    assert turn_of(lying, classifier, LYING) == (1, 20)


@pytest.mark.parametrize(("digits", "quarters"), [(1, 0), (2, 2)])
def test_one_doubtful_digit_turns_no_page_and_two_do(digits: int, quarters: int) -> None:
    crops = np.zeros((digits, SIDE, SIDE), np.uint8)
    crops[:, -1] = 255  # the foot, which shows that it is not turned
    doubtful = Saying(0.7, 0.85)
    assert find_turn(places(digits), crops, doubtful.classify(crops), doubtful) == quarters


@pytest.mark.parametrize(("score", "likely", "quarters"), [(0.9, 0.6, 2), (0.9, 0.5, 0), (0.6, 0.9, 2), (0.5, 0.9, 0)])
def test_letters_that_are_hardly_digits_on_their_head_turn_no_page(score: float, likely: float, quarters: int) -> None:
    crops = np.zeros((6, SIDE, SIDE), np.uint8)
    crops[:, -1] = 255
    letters = Saying(0.01, likely)
    assert find_turn(places(6, score=score), crops, letters.classify(crops), letters) == quarters


def test_a_single_digit_never_stands_on_its_head_and_may_lie_on_its_side(classifier: Classifier) -> None:
    assert turn_of(turn_images(crops_of("7"), 2), classifier)[0] == 0
    assert turn_of(turn_images(crops_of("7"), -1), classifier, LYING)[0] == 1


@pytest.mark.parametrize(("text", "quarters"), [("2345724357", 2), ("24", 0)])
def test_sure_digits_tell_unless_they_are_few_among_what_is_larger(
    text: str, quarters: int, classifier: Classifier
) -> None:
    digits = turn_images(crops_of(text), 2)
    larger = crops_of("4")[[0] * 2 * DECIDING]
    of_larger = [(90.0 * i, 300.0, 90.0 * i + 60, 400.0) for i in range(len(larger))]
    found = Found.joined([places(len(digits)), found_at(of_larger, score=0.5, turns=STANDING)])
    crops = np.concatenate([digits, larger])
    assert find_turn(found, crops, classifier.classify(crops), classifier) == quarters


def test_what_reads_well_as_it_lies_costs_nothing(classifier: Classifier) -> None:
    assert turn_of(crops_of("2345724357"), classifier) == (0, 0)


def test_nothing_lies_upright(classifier: Classifier) -> None:
    assert turn_of(np.empty((0, SIDE, SIDE), np.uint8), classifier) == (0, 0)


@pytest.mark.parametrize("quarters", range(4))
def test_a_page_of_noughts_is_not_turned_the_wrong_way(quarters: int, classifier: Classifier) -> None:
    noughts = turn_images(crops_of("0")[[0] * 6], -quarters)
    assert turn_of(noughts, classifier, LYING if quarters % 2 else STANDING)[0] in {0, quarters}


def test_what_a_page_full_of_clutter_costs_is_bounded(classifier: Classifier) -> None:
    crops = np.random.default_rng(1).integers(0, 256, (300, SIDE, SIDE), np.uint8)
    unsure = np.full((300, CLASSES), 1 / CLASSES, np.float32)
    counting = Counting(classifier)
    find_turn(places(300, LYING), crops, unsure, counting)
    assert counting.asked == 2 * DECIDING


def test_pictures_are_turned_clockwise() -> None:
    picture = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    assert turn_images(picture, 1)[0].tolist() == [[3, 0], [4, 1], [5, 2]]
    for quarters in range(4):
        assert np.array_equal(turn_images(turn_images(picture, quarters), -quarters), picture)


@pytest.mark.parametrize("quarters", range(4))
def test_a_box_moves_with_the_picture_that_is_turned(quarters: int) -> None:
    picture = np.zeros((50, 70), np.uint8)
    picture[10:14, 20:29] = 255
    rows, columns = np.nonzero(np.rot90(picture, -quarters))
    box = Box(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    assert Box(20, 10, 9, 4).turned(quarters, picture.shape) == box
