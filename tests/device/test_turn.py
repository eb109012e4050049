"""Frames that lie on their side are turned, and nothing else is."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.classify import CLASSES, Classifier
from digitcam.config import Config
from digitcam.normalize import SIDE
from digitcam.picture import load
from digitcam.reader import AnyReader, open_reader
from digitcam.reading import Box
from digitcam.turn import DECIDING, LEAST, quarter_turn, rotated, rotated_back

SAMPLES = Path(str(files("digitcam") / "samples"))
FRAMES: list[dict[str, Any]] = json.loads((SAMPLES / "frames.json").read_text())["frames"]
TURNS = (90, 180, 270)


@pytest.fixture(scope="module")
def reader() -> AnyReader:
    return open_reader(Config())


class Counting(Classifier):
    """The shipped model, which counts the crops that it is asked about."""

    def __init__(self, classifier: Classifier) -> None:
        self._inner = classifier
        self.asked = 0

    def classify(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked += len(crops)
        return self._inner.classify(crops)


@pytest.fixture
def counting(reader: AnyReader) -> Counting:
    return Counting(reader.classifier)


def test_a_turned_picture_is_turned_back() -> None:
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert rotated(image, 90).tolist() == [[3, 0], [4, 1], [5, 2]]
    assert rotated(np.stack([image, image]), 90)[1].tolist() == rotated(image, 90).tolist()
    for degrees in (0, *TURNS):
        assert np.array_equal(rotated(rotated(image, degrees), -degrees % 360), image)


@pytest.mark.parametrize("degrees", [0, *TURNS])
def test_a_box_of_a_turned_picture_holds_the_same_pixels(degrees: int) -> None:
    image = np.zeros((50, 70), np.uint8)
    image[10:14, 20:29] = 255
    turned = rotated(image, degrees)
    rows, columns = np.nonzero(turned)
    box = Box(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    assert rotated_back(box, degrees, turned.shape) == Box(20, 10, 9, 4)


@pytest.mark.parametrize("lies", TURNS)
@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["image"]))
def test_a_frame_on_its_side_is_read_as_the_upright_one(reader: AnyReader, frame: dict[str, Any], lies: int) -> None:
    image = load(SAMPLES / frame["image"])
    lying = rotated(image, lies)
    upright, reading = reader.read(image), reader.read(lying)
    assert upright.turn == 0
    assert reading.turn == 360 - lies
    assert reading.as_dict()["turn"] == 360 - lies
    assert reading.text == upright.text
    for digit, same in zip(reading.digits, upright.digits, strict=True):
        assert rotated_back(digit.box, lies, lying.shape) == same.box
        assert np.array_equal(digit.crop, same.crop)
        assert digit.line == same.line
    assert sorted(rotated_back(r.box, lies, lying.shape) for r in reading.rejected) == sorted(
        r.box for r in upright.rejected
    )


def test_boxes_are_in_pixels_of_a_large_picture_that_lies_on_its_side(reader: AnyReader) -> None:
    frame = FRAMES[0]
    large = np.kron(load(SAMPLES / frame["image"]), np.ones((3, 3), np.uint8))
    lying = rotated(large, 90)
    reading = reader.read(lying)
    assert reading.turn == 270
    for digit, truth in zip(reading.digits, frame["digits"], strict=True):
        x, y, w, h = (3 * n for n in truth["box"])
        box = rotated_back(digit.box, 90, lying.shape)
        assert abs(box.x + box.w / 2 - x - w / 2) < 0.2 * h
        assert abs(box.y + box.h / 2 - y - h / 2) < 0.2 * h


def test_a_few_digits_are_never_turned(counting: Counting, reader: AnyReader) -> None:
    crops = np.stack([digit.crop for digit in reader.read(load(SAMPLES / FRAMES[0]["image"])).digits])
    for degrees in TURNS:
        lying = rotated(crops[: LEAST - 1], degrees)
        boxes = [Box(0, 0, 20, 30)] * len(lying)
        assert quarter_turn(boxes, lying, reader.classifier.classify(lying), counting) == 0
    assert counting.asked == 0


def test_what_reads_well_as_it_lies_costs_nothing(counting: Counting, reader: AnyReader) -> None:
    digits = reader.read(load(SAMPLES / FRAMES[0]["image"])).digits
    crops = np.stack([digit.crop for digit in digits])
    boxes = [digit.box for digit in digits]
    assert quarter_turn(boxes, crops, reader.classifier.classify(crops), counting) == 0
    assert counting.asked == 0


def test_a_page_full_of_clutter_costs_a_dozen_blobs(counting: Counting) -> None:
    rng = np.random.default_rng(1)
    crops = rng.integers(0, 256, (300, SIDE, SIDE), np.uint8)
    unsure = np.full((300, CLASSES), 1 / CLASSES, np.float32)
    quarter_turn([Box(0, 0, 20, 30)] * 300, crops, unsure, counting)
    assert counting.asked == len(TURNS) * DECIDING


def test_no_blobs_are_not_turned(counting: Counting) -> None:
    assert quarter_turn([], np.empty((0, SIDE, SIDE), np.uint8), np.empty((0, CLASSES), np.float32), counting) == 0
