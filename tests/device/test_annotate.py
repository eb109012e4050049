"""What is drawn can be told from the pixels: a colour where it should be, and none where it should not."""

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.annotate import CELL_HEIGHT, LINE, PAD, READ, REASONS, annotate
from digitcam.config import Config
from digitcam.frame import Grey
from digitcam.pictures import image_file
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.recognition.reader import open_reader

SAMPLES = Path(str(files("digitcam"))) / "samples"
HEAD = 2 * LINE + PAD
CROP = np.full((28, 28), 90, np.uint8)
NOTHING = Reading([], [], {})


def drawn(image: Grey, reading: Reading) -> NDArray[np.uint8]:
    decoded = cv2.imdecode(np.frombuffer(annotate(image, reading), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def paper(width: int, height: int, level: int = 230) -> Grey:
    return np.full((height, width), level, np.uint8)


def coloured(page: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    return np.asarray((page == colour).all(axis=2))


def digit(value: int, box: Box) -> Digit:
    return Digit(str(value), 0.9, np.full(10, 0.1, np.float32), box, CROP, 0)


def refused(box: Box, reason: str = "no digit") -> Reject:
    return Reject(box, reason, 0.8, CROP, np.full(11, 1 / 11, np.float32))


@pytest.mark.parametrize("name", ["frame-0.png", "frame-3.png"], ids=["dark ink", "light ink"])
def test_boxes_stand_around_digits_and_labels_beside_them(name: str) -> None:
    # large enough to be drawn pixel for pixel
    image = np.asarray(cv2.resize(image_file.load(SAMPLES / name), (1280, 960)), np.uint8)
    reading = open_reader(Config()).read(image)
    assert len(reading.digits) == 10
    page = drawn(image, reading)
    green = coloured(page, READ)
    for x, y, w, h in (found.box for found in reading.digits):
        top, left = HEAD + 1 + y, 1 + x
        assert green[top, left : left + w].all()
        assert green[top : top + h, left].all()
        inside = page[top + 2 : top + h - 2, left + 2 : left + w - 2].astype(int)
        assert np.ptp(inside, axis=2).max() == 0  # grey: neither a box nor a label crosses it
        around = green[max(0, top - 40) : top + h + 40, max(0, left - 90) : left + w + 90].sum()
        assert around > 4 * (w + h) + 100  # more than the box: its label


def test_each_reason_has_its_colour_and_its_place_in_the_legend() -> None:
    boxes = [Box(100 + 60 * i, 100, 30, 40) for i in range(6)]
    reasons = ["too small"] * 3 + ["a line"] * 2 + ["too wide"]
    page = drawn(paper(1000, 400), Reading([], [Reject(*pair) for pair in zip(boxes, reasons, strict=True)], {}))
    for (x, y, w, _), colour in zip(boxes, [REASONS[0]] * 3 + [REASONS[1]] * 2 + [REASONS[2]], strict=True):
        assert coloured(page, colour)[HEAD + 1 + y, 1 + x : 1 + x + w].all()
    legend = page[HEAD + 402 :]
    assert all(coloured(legend, colour).sum() >= PAD * PAD for colour in (READ, *REASONS[:3]))
    assert not coloured(legend, REASONS[3]).any()


def test_what_the_network_was_asked_about_has_a_cell_and_the_rest_has_none() -> None:
    image = paper(1000, 400)
    bare = drawn(image, NOTHING)
    asked = drawn(image, Reading([digit(7, Box(50, 50, 30, 40))], [refused(Box(200, 50, 30, 40))], {}))
    unasked = drawn(image, Reading([], [Reject(Box(200, 50, 30, 40), "too small")], {}))
    assert asked.shape[0] == bare.shape[0] + CELL_HEIGHT
    assert unasked.shape == bare.shape
    # both crops, and the tallest bar of each in the colour of its verdict
    cells = asked[-CELL_HEIGHT:]
    assert coloured(cells, (90, 90, 90)).sum() == 2 * 56 * 56
    assert coloured(cells, READ).any()
    assert coloured(cells, REASONS[0]).any()


def test_hundreds_of_rejects_leave_the_picture_a_size_to_look_at() -> None:
    boxes = [Box(12 * (i % 80), 12 * (i // 80), 8, 10) for i in range(800)]
    page = drawn(paper(1000, 400), Reading([], [refused(box) for box in boxes], {}))
    assert page.shape[0] < 1000
    assert coloured(page, REASONS[0]).any()


def test_labels_that_find_no_room_are_left_out() -> None:
    # nothing plain to write on
    image = np.random.default_rng(1).integers(0, 256, (1000, 1000), np.uint8)
    box = Box(500, 500, 60, 80)
    green = coloured(drawn(image, Reading([digit(3, box)], [], {}))[HEAD : HEAD + 1000], READ)
    assert np.count_nonzero(green) <= 2 * 3 * (box.w + box.h + 4)  # the box and nothing else


@pytest.mark.parametrize("size", [(28, 28), (1, 1), (3000, 20), (20, 3000), (6000, 4500)])
def test_any_frame_can_be_drawn_with_nothing_and_with_something_in_it(size: tuple[int, int]) -> None:
    image = paper(*size)
    whole = Box(0, 0, *size)
    for reading in (NOTHING, Reading([digit(3, whole)], [refused(whole), Reject(whole, "too wide")], {"find": 1.0})):
        page = drawn(image, reading)
        assert max(page.shape) in range(960, 2000)


def test_a_long_text_is_cut_off_where_the_picture_ends() -> None:
    digits = [digit(i % 10, Box(i, 10, 1, 1)) for i in range(200)]
    page = drawn(paper(1000, 300), Reading(digits, [], {}))
    assert page.shape[1] == 1002
    assert not coloured(page[:HEAD], READ)[:, -PAD:].any()
