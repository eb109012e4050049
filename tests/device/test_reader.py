"""The shipped frames are read through the whole pipeline, with the shipped model."""

import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from digitcam.annotate import annotate
from digitcam.config import Config
from digitcam.picture import load
from digitcam.reader import AnyReader, Reader, open_reader
from digitcam.reading import Box, Digit, Reading

SAMPLES = Path(str(files("digitcam") / "samples"))
FRAMES: list[dict[str, Any]] = json.loads((SAMPLES / "frames.json").read_text())["frames"]


@pytest.fixture(scope="module")
def reader() -> AnyReader:
    return open_reader(Config())


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["image"]))
def test_every_line_of_the_shipped_frames_is_read_and_nothing_else(reader: AnyReader, frame: dict[str, Any]) -> None:
    assert reader.read(load(SAMPLES / frame["image"])).text.split("\n") == frame["lines"]


def test_a_reading_leaves_nothing_behind(reader: AnyReader) -> None:
    image = load(SAMPLES / FRAMES[0]["image"])

    def objects_after(readings: int) -> int:
        for _ in range(readings):
            reader.read(image)
        return sys.getallocatedblocks()

    # what the first ones leave is cached; one object each is megabytes an hour
    before = objects_after(150)
    assert objects_after(100) - before < 50


def test_boxes_are_in_pixels_of_the_frame_whatever_its_size(reader: AnyReader) -> None:
    frame = FRAMES[0]
    image = load(SAMPLES / frame["image"])
    large = cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    for picture, scale in ((image, 1), (large, 4)):
        digits = reader.read(picture).digits
        assert [d.digit for d in digits] == [d["digit"] for d in frame["digits"]]
        for digit, truth in zip(digits, frame["digits"], strict=True):
            x, y, w, h = (n * scale for n in truth["box"])
            assert abs(digit.box.x + digit.box.w / 2 - x - w / 2) < 0.2 * h
            assert abs(digit.box.y + digit.box.h / 2 - y - h / 2) < 0.2 * h
            assert digit.box.h == pytest.approx(h, rel=0.25)


def test_a_digit_carries_what_the_network_saw_and_said(reader: AnyReader) -> None:
    for digit in reader.read(load(SAMPLES / FRAMES[0]["image"])).digits:
        assert digit.crop.shape == (28, 28)
        assert digit.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert digit.confidence == pytest.approx(digit.probabilities[digit.digit])


def test_every_stage_is_timed(reader: AnyReader) -> None:
    reading = reader.read(load(SAMPLES / FRAMES[0]["image"]))
    assert list(reading.ms) == ["find", "normalize", "classify", "split", "order"]
    assert all(ms > 0 for ms in reading.ms.values())


def test_bare_paper_reads_as_nothing(reader: AnyReader) -> None:
    reading = reader.read(np.full((480, 640), 200, np.uint8))
    assert reading.text == ""
    assert reading.digits == []


def test_below_the_asked_confidence_a_blob_is_rejected_and_still_found() -> None:
    config = Config()
    classifier = open_reader(config).classifier
    lax, strict = (Reader(classifier, config.find, least) for least in (0.0, 1.0))
    seen = 0
    for frame in FRAMES:
        # out of focus, so that some of its digits may be others
        image = np.asarray(cv2.GaussianBlur(load(SAMPLES / frame["image"]), (0, 0), 5), np.uint8)
        some, fewer = lax.read(image), strict.read(image)
        unsure = [r for r in fewer.rejected if r.reason == "not sure enough"]
        assert len(unsure) + len(fewer.digits) == len(some.digits)
        assert {r.box for r in unsure} == {d.box for d in some.digits if d.confidence < 1}
        assert all(r.crop is not None and r.confidence is not None for r in unsure)
        seen += len(unsure)
    assert seen


def test_text_has_a_line_a_line() -> None:
    row = np.zeros(10, np.float32)
    crop = np.zeros((28, 28), np.uint8)
    digits = [Digit(n, 0.9, row, Box(0, 0, 1, 1), crop, line) for n, line in ((1, 0), (2, 0), (3, 1))]
    assert Reading(digits, [], {}).text == "12\n3"


def test_the_annotated_picture_is_a_png_with_a_strip_of_crops(reader: AnyReader) -> None:
    image = load(SAMPLES / FRAMES[0]["image"])
    png = np.frombuffer(annotate(image, reader.read(image)), np.uint8)
    picture = np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR))
    assert picture.shape[0] > image.shape[0]
    assert picture.shape[1] >= image.shape[1]
    green = (picture[..., 1] > picture[..., 2] + 60).any()
    assert green, "no box is drawn"


def test_annotating_bare_paper_works(reader: AnyReader) -> None:
    image = np.full((40, 20), 200, np.uint8)
    assert annotate(image, reader.read(image)).startswith(b"\x89PNG")
