"""What the classifier is in doubt of is cut out again, and read right more often than by one cut."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.device.pages import glyph, lay, paper
from tests.device.stubs import Told, found_at

from digitcam.config import FindConfig, ModelConfig
from digitcam.frame import Grey
from digitcam.pictures.image_file import load
from digitcam.reading import Reading
from digitcam.recognition import params
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import MOST_AGAIN, Boxes, Classifier, Crops, Probabilities, turn_images
from digitcam.recognition.look import Pyramid
from digitcam.recognition.reader import Reader

SAMPLES = Path(str(files("digitcam") / "samples"))
SURE = ModelConfig().min_confidence


class Counting(Classifier):
    """The shipped classifier, which counts what it is asked about."""

    asked = 0

    def classify(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked += len(crops)
        return super().classify(crops)


@pytest.fixture
def classifier() -> Counting:
    opened = open_classifier(ModelConfig())
    opened.__class__ = Counting
    assert isinstance(opened, Counting)
    return opened


def boxes_off(digits: list[dict[str, list[int]]], off: float, rng: np.random.Generator) -> Boxes:
    """Labelled boxes, each of whose sides is off by up to so much of the longer one; a slender 1 stays in it."""
    left, top, w, h = np.array([digit["box"] for digit in digits], np.float64).T
    boxes = np.stack([left, top, left + w, top + h], axis=1)
    most = np.minimum(np.maximum(w, h)[:, None], 2 * np.stack([w, h, w, h], axis=1))
    return np.asarray(boxes + rng.uniform(-off, off, boxes.shape) * most, np.float32)


def pages(off: float, times: int = 1) -> Iterator[tuple[Grey, list[int], Boxes]]:
    """Each shipped frame so many times, its digits, and boxes of these that are off, differently each time."""
    rng = np.random.default_rng(7)
    for frame in times * json.loads((SAMPLES / "frames.json").read_text())["frames"]:
        digits = frame["digits"]
        yield load(SAMPLES / frame["image"]), [digit["digit"] for digit in digits], boxes_off(digits, off, rng)


def cut_and_asked(classifier: Classifier, page: Grey, boxes: Boxes) -> tuple[Pyramid, Crops, Probabilities]:
    pyramid = Pyramid(page)
    inked, crops, *_ = classifier.cut_out(pyramid, boxes)
    assert len(inked) == len(boxes)
    return pyramid, crops, classifier.classify(crops)


def count_unread(said: Probabilities, digits: list[int]) -> int:
    return int((said[np.arange(len(digits)), digits] < SURE).sum())


def test_of_boxes_that_are_off_more_digits_are_read(classifier: Counting) -> None:
    by_one_cut = by_three = 0
    for page, digits, boxes in pages(off=0.3, times=6):
        pyramid, crops, said = cut_and_asked(classifier, page, boxes)
        _, told = classifier.ask_again(pyramid, boxes, crops, said, 0)
        assert told.sum(axis=1) == pytest.approx(1, abs=3 / 256)
        by_one_cut, by_three = by_one_cut + count_unread(said, digits), by_three + count_unread(told, digits)
    assert by_one_cut > 30
    assert by_three < 0.7 * by_one_cut


def in_frames(page: Grey, boxes: Boxes) -> tuple[Grey, Boxes]:
    """The page with a frame around each digit, and boxes that hold these frames."""
    page, ink = page.copy(), int(page.min() if np.median(page) > 128 else page.max())
    boxes = np.rint(boxes + 0.03 * (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) * [-1, -1, 1, 1])
    for x0, y0, x1, y1 in boxes.astype(int).tolist():
        cv2.rectangle(page, (x0, y0), (x1, y1), (ink,), max(2, (y1 - y0) // 12))
    return page, np.asarray(boxes, np.float32)


def test_of_digits_in_frames_more_are_read(classifier: Counting) -> None:
    by_one_cut = by_three = 0
    for page, digits, boxes in pages(off=0.0):
        with_frames, frames = in_frames(page, boxes)
        pyramid, crops, said = cut_and_asked(classifier, with_frames, frames)
        _, told = classifier.ask_again(pyramid, frames, crops, said, 0)
        by_one_cut, by_three = by_one_cut + count_unread(said, digits), by_three + count_unread(told, digits)
    assert by_one_cut > 15
    assert by_three < 0.25 * by_one_cut


def test_of_boxes_that_hold_a_part_of_a_clear_neighbour_more_are_read(classifier: Counting) -> None:
    unread = np.zeros(2, np.intp)
    for left, right in np.ndindex(10, 10):
        page, digits = paper(), (glyph(left, 120), glyph(right, 120))
        lay(page, digits[0], 200, 100)
        at = 200 + digits[0].shape[1] - 12
        lay(page, digits[1], at, 100)
        boxes = np.array([[200, 100, at + 12, 220], [at - 30, 100, at + digits[1].shape[1], 220]], np.float32)
        pyramid, crops, said = cut_and_asked(classifier, page, boxes)
        said[0], said[1] = np.eye(11)[left], 1 / 11
        _, told = classifier.ask_again(pyramid, boxes, crops, said, 0)
        unread += [classifier.classify(crops)[1].argmax() != right, told[1].argmax() != right]
    assert unread[1] < 10 < unread[0] / 3


def test_what_it_is_sure_of_is_neither_cut_out_nor_asked_about_again(classifier: Counting) -> None:
    page, _, boxes = next(pages(off=0.0))
    pyramid, crops, said = cut_and_asked(classifier, page, boxes)
    assert said[:, :-1].max(axis=1).min() > params.WELL
    asked = classifier.asked
    crops_told, told = classifier.ask_again(pyramid, boxes, crops, said, 0)
    assert classifier.asked == asked
    assert np.array_equal(crops_told, crops)
    assert np.array_equal(told, said)


def test_what_surely_is_no_digit_is_not_asked_about_again_either(classifier: Counting) -> None:
    page, _, boxes = next(pages(off=0.0))
    pyramid, crops, said = cut_and_asked(classifier, page, boxes)
    said[:] = np.eye(11)[10]
    asked = classifier.asked
    _, told = classifier.ask_again(pyramid, boxes, crops, said, 0)
    assert classifier.asked == asked
    assert np.array_equal(told, said)


def test_the_rest_stays_as_it_was(classifier: Counting) -> None:
    page, _, boxes = next(pages(off=0.3))
    pyramid, crops, said = cut_and_asked(classifier, page, boxes)
    said[:5] = np.eye(11)[:5]
    said[5:, :] = 1 / 11
    crops_told, told = classifier.ask_again(pyramid, boxes, crops, said, 0)
    assert np.array_equal(told[:5], said[:5])
    assert np.array_equal(crops_told[:5], crops[:5])
    assert not (told[5:] == said[5:]).all(axis=1).any()


def test_the_crop_that_is_shown_is_the_surest(classifier: Counting) -> None:
    shown = 0
    for page, _, boxes in pages(off=0.3):
        pyramid, crops, said = cut_and_asked(classifier, page, boxes)
        surest, _ = classifier.ask_again(pyramid, boxes, crops, said, 0)
        before, after = (classifier.classify(some)[:, :-1].max(axis=1) for some in (crops, surest))
        assert (after >= before).all()
        shown += int((after > before).sum())
    assert shown


def test_a_turned_page_is_cut_out_as_it_was_turned(classifier: Counting) -> None:
    page, _, boxes = next(pages(off=0.3))
    pyramid, crops, said = cut_and_asked(classifier, page, boxes)
    said[:] = 1 / 11
    upright = classifier.ask_again(pyramid, boxes, crops, said, 0)
    height = page.shape[0]
    lying = np.ascontiguousarray(np.rot90(page, -1))
    turned = np.stack([height - boxes[:, 3], boxes[:, 0], height - boxes[:, 1], boxes[:, 2]], axis=1)
    pyramid = Pyramid(lying)
    crops = classifier.cut_out(pyramid, turned).crops
    on_its_side = classifier.ask_again(pyramid, turned, turn_images(crops, 3), said, 3)
    # a rounded middle lies a pixel off
    assert np.abs(on_its_side[1] - upright[1]).max() < 0.3
    assert (on_its_side[1].argmax(axis=1) == upright[1].argmax(axis=1)).all()


def test_no_more_than_so_many_are_asked_about_again(classifier: Counting) -> None:
    page, _, boxes = next(pages(off=0.0))
    pyramid, crops, said = cut_and_asked(classifier, page, np.tile(boxes, (5, 1)))
    said[:] = 1 / 11
    asked = classifier.asked
    _, told = classifier.ask_again(pyramid, np.tile(boxes, (5, 1)), crops, said, 0)
    assert classifier.asked - asked == 2 * MOST_AGAIN
    assert np.array_equal(told[MOST_AGAIN:], said[MOST_AGAIN:])


def read_at(boxes: Boxes, page: Grey, classifier: Classifier) -> Reading:
    """What a reader makes of a page whose finder says that digits stand at these boxes."""
    return Reader(Told(lambda _: found_at(boxes.tolist())), classifier, FindConfig(), SURE).read(page)


def test_a_reading_asks_again_about_what_is_in_doubt_and_about_nothing_else(classifier: Counting) -> None:
    again = 0
    for off in (0.0, 0.3):
        for page, _, boxes in pages(off):
            before = classifier.asked
            reading = read_at(boxes, page, classifier)
            extra = classifier.asked - before - len(reading.digits) - len(reading.rejected)
            assert off or not extra
            again += extra
    assert again > 0
