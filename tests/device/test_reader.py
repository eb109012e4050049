"""Pages are read through the whole pipeline, with the shipped networks."""

import gc
import itertools
import json
import math
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.device.pages import HEIGHT, WIDTH, glyph, lay, paper, write
from tests.device.stubs import Told, found_at

from digitcam.annotate import annotate
from digitcam.config import Config, FindConfig
from digitcam.frame import Grey
from digitcam.pictures.image_file import load
from digitcam.reading import Box, Digit, Reading
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.normalize import SIDE
from digitcam.recognition.reader import Reader, open_reader
from digitcam.wire import DetailedReading, to_wire

SAMPLES = Path(str(files("digitcam") / "samples"))
FRAMES: list[dict[str, Any]] = json.loads((SAMPLES / "frames.json").read_text())["frames"]
LINES = ["46273", "59081"]
TOUCHING = 0.85  # share of the digits that touch each other of which this much, at the least, is read
WHOLE_ONLY = 0.85  # share of the pages with half a digit at an edge on which it is not


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(Config())


def page_with(lines: list[str], *, level: int = 210, noise: float = 2.0, **how: Any) -> Grey:  # noqa: ANN401  # write's own
    page = paper(level, noise=noise)
    height = how.get("height", 60)
    for number, line in enumerate(lines):
        write(page, line, 60, 60 + round(1.9 * height) * number, **how)
    return page


def middle(box: Box) -> tuple[float, float]:
    return box.x + box.w / 2, box.y + box.h / 2


# the shipped frames


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["image"]))
def test_every_line_of_the_shipped_frames_is_read_and_nothing_else(reader: Reader, frame: dict[str, Any]) -> None:
    assert reader.read(load(SAMPLES / frame["image"])).text.split("\n") == frame["lines"]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_frame_on_its_side_is_read_as_the_upright_one(reader: Reader, quarters: int) -> None:
    missed = 0
    for frame in FRAMES:
        lying = np.ascontiguousarray(np.rot90(load(SAMPLES / frame["image"]), quarters))
        reading = reader.read(lying)
        assert reading.turn == to_wire(DetailedReading, reading).turn == 90 * quarters
        boxes = [digit.box.turned(quarters, lying.shape) for digit in reading.digits]
        told = [(Box(*truth["box"]), truth["digit"], truth["line"]) for truth in frame["digits"]]
        stand = [min(told, key=lambda one: math.dist(middle(one[0]), middle(box))) for box in boxes]
        assert [(digit.digit, digit.line) for digit in reading.digits] == [one[1:] for one in stand]
        assert [one for one in told if one in stand] == stand
        for box, (at, *_) in zip(boxes, stand, strict=True):
            assert middle(box) == pytest.approx(middle(at), abs=0.2 * at.h)
        missed += len(told) - len(stand)
    # a bare 1 of a page on its side may be
    assert missed <= 1


def test_boxes_are_in_pixels_of_the_frame_whatever_its_size(reader: Reader) -> None:
    frame = FRAMES[0]
    image = load(SAMPLES / frame["image"])
    large = cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    for picture, scale in ((image, 1), (large, 4)):
        digits = reader.read(picture).digits
        assert [d.digit for d in digits] == [d["digit"] for d in frame["digits"]]
        for digit, truth in zip(digits, frame["digits"], strict=True):
            told = Box(*(n * scale for n in truth["box"]))
            assert middle(digit.box) == pytest.approx(middle(told), abs=0.2 * told.h)
            assert digit.box.h == pytest.approx(told.h, rel=0.25)


# what pages are like


@pytest.mark.parametrize("ink", [30, 100, 170])
def test_strong_and_faint_ink(reader: Reader, ink: int) -> None:
    assert reader.read(page_with(LINES, ink=ink)).text.split("\n") == LINES


def test_chalk_on_a_blackboard(reader: Reader) -> None:
    assert reader.read(page_with(LINES, level=50, ink=220)).text.split("\n") == LINES


def test_a_hard_shadow_across_the_digits(reader: Reader) -> None:
    page = page_with(LINES)
    page[:, 240:] //= 2
    assert reader.read(page).text.split("\n") == LINES


def test_light_that_falls_off_to_one_side(reader: Reader) -> None:
    page = (page_with(LINES) * np.linspace(1, 0.35, WIDTH)).astype(np.uint8)
    assert reader.read(page).text.split("\n") == LINES


def test_a_bright_sheet_on_a_dark_table(reader: Reader) -> None:
    page = paper(level=40)
    page[40:380, 40:600] = page_with(LINES)[40:380, 40:600]
    assert reader.read(page).text.split("\n") == LINES


def test_ruled_paper(reader: Reader) -> None:
    page = paper()
    for y in range(45, HEIGHT, 80):
        cv2.line(page, (0, y), (WIDTH, y), (150,), 1)
    for number, line in enumerate(LINES):
        write(page, line, 60, 60 + 160 * number, height=60)
    assert reader.read(page).text.split("\n") == LINES


def test_squared_paper(reader: Reader) -> None:
    page = squared()
    for number, line in enumerate(LINES):
        write(page, line, 60, 68 + 114 * number, height=60)
    assert reader.read(page).text.split("\n") == LINES


def squared() -> Grey:
    page = paper()
    for at in range(10, WIDTH, 24):
        cv2.line(page, (at, 0), (at, HEIGHT), (175,), 1)
        cv2.line(page, (0, at), (WIDTH, at), (175,), 1)
    return page


def test_most_digits_that_touch_are_read(reader: Reader) -> None:
    rng = np.random.default_rng(1)
    read = written = 0
    for _ in range(60):
        text = "".join(map(str, rng.integers(0, 10, rng.integers(2, 5))))
        page = paper()
        boxes = write(page, text, 120, 180, height=int(rng.integers(60, 120)), gap=-0.03)
        digits = reader.read(page).digits
        written += len(text)
        for digit, box in zip(text, boxes, strict=True):
            read += [d.digit for d in digits if middle(d.box) == pytest.approx(middle(box), abs=0.2 * box.h)] == [
                int(digit)
            ]
    assert read >= TOUCHING * written


@pytest.mark.parametrize("height", [24, 48, 100, 300])
def test_digits_of_all_heights(reader: Reader, height: int) -> None:
    page = paper()
    text = "3" if height > 200 else "358"
    write(page, text, 60, 60, height=height)
    assert reader.read(page).text == text


def test_a_few_small_digits_in_a_large_picture(reader: Reader) -> None:
    page = paper(size=(3000, 2200))
    write(page, "46273", 2100, 1700, height=60)
    assert reader.read(page).text == "46273"


def test_a_thumbnail(reader: Reader) -> None:
    page = paper(size=(160, 120))
    write(page, "358", 20, 40, height=36)
    assert reader.read(page).text == "358"


@pytest.mark.parametrize("digit", range(10))
def test_one_digit_that_fills_the_picture(reader: Reader, digit: int) -> None:
    page = paper(size=(120, 160))
    drawn = glyph(digit, 110)
    lay(page, drawn, 60 - drawn.shape[1] // 2, 25)
    assert reader.read(page).text == str(digit)


def test_one_digit_that_the_picture_was_cropped_to(reader: Reader) -> None:
    read = 0
    for digit, number in itertools.product(range(10), range(5)):
        drawn = glyph(digit, 160, number)
        rows, columns = np.nonzero(drawn > 60)
        drawn = drawn[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        page = paper(size=(drawn.shape[1], drawn.shape[0]))
        lay(page, drawn, 0, 0)
        read += reader.read(page).text == str(digit)
    assert read >= 48  # of 50


# what is no digit


@pytest.mark.parametrize("level", [0, 60, 200, 255])
def test_bare_paper_reads_as_nothing(reader: Reader, level: int) -> None:
    reading = reader.read(np.full((HEIGHT, WIDTH), level, np.uint8))
    assert (reading.text, reading.digits, reading.turn) == ("", [], 0)


def test_coarse_paper_reads_as_nothing(reader: Reader) -> None:
    rng = np.random.default_rng(5)
    grain = cv2.GaussianBlur(rng.normal(0, 25, (HEIGHT, WIDTH)), (0, 0), 1.5)
    assert reader.read(np.clip(190 + grain, 0, 255).astype(np.uint8)).text == ""


def test_empty_squared_paper_reads_as_nothing(reader: Reader) -> None:
    assert reader.read(squared()).text == ""


def test_letters_are_not_taken_for_digits(reader: Reader) -> None:
    page = paper()
    for number, words in enumerate(["HAMMER", "KNAPP", "WENN", "FAXEN"]):
        cv2.putText(page, words, (60, 100 + 100 * number), cv2.FONT_HERSHEY_SIMPLEX, 2, (60,), 4, cv2.LINE_AA)
    assert len(reader.read(page).digits) <= 1


def test_operators_are_left_out_of_a_sum(reader: Reader) -> None:
    page = paper()
    x, y, h = 60, 200, 60
    for character in "24+35=59":
        if character == "+":
            cv2.line(page, (x, y + 32), (x + 34, y + 30), (60,), 5, cv2.LINE_AA)
            cv2.line(page, (x + 16, y + 14), (x + 18, y + 48), (60,), 5, cv2.LINE_AA)
            x += 60
        elif character == "=":
            cv2.line(page, (x, y + 24), (x + 34, y + 22), (60,), 5, cv2.LINE_AA)
            cv2.line(page, (x, y + 40), (x + 34, y + 38), (60,), 5, cv2.LINE_AA)
            x += 60
        else:
            x += lay(page, glyph(int(character), h), x, y).w + 24
    assert reader.read(page).text == "243559"


@pytest.mark.parametrize("edge", ["top", "bottom", "left", "right"])
def test_half_a_digit_at_the_frames_edge_is_hardly_ever_read(reader: Reader, edge: str) -> None:
    # half of a bare 1 is a 1
    halves = [glyph(digit, 90, number) for digit in (0, *range(2, 10)) for number in range(3)]
    told = []
    for half in halves:
        page = paper()
        write(page, "238", 200, 200)
        x, y = half.shape[1] // 2, 45
        places = {"top": (300, -y), "bottom": (300, HEIGHT - y), "left": (-x, 200), "right": (WIDTH - x, 200)}
        lay(page, half, *places[edge])
        told.append(reader.read(page).text)
    assert told.count("238") >= WHOLE_ONLY * len(halves)


@pytest.mark.parametrize(
    "shape",
    [(1, 1), (1, 640), (480, 1), (2, 2), (7, 900), (HEIGHT, WIDTH)],
    ids=lambda shape: "x".join(map(str, shape)),
)
def test_any_shape_is_read(reader: Reader, shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    for digit in reader.read(picture).digits:
        x, y, w, h = digit.box
        assert 0 <= x < x + w <= shape[1]
        assert 0 <= y < y + h <= shape[0]


# what a reading holds


def test_a_reading_leaves_nothing_behind(reader: Reader) -> None:
    image = load(SAMPLES / FRAMES[0]["image"])

    def objects_after(readings: int) -> int:
        for _ in range(readings):
            reader.read(image)
        gc.collect()
        sys._clear_type_cache()  # noqa: SLF001  # keeps thousands of the names that NumPy looks up, each a new string
        return sys.getallocatedblocks()

    # what the first ones leave is cached; one object each is megabytes an hour
    before = objects_after(150)
    assert objects_after(100) - before < 50


def test_a_digit_carries_what_the_network_saw_and_said(reader: Reader) -> None:
    digits = reader.read(load(SAMPLES / FRAMES[0]["image"])).digits
    assert digits
    for digit in digits:
        assert digit.crop.shape == (SIDE, SIDE)
        assert 0.9 < digit.probabilities.sum() <= 1 + 3 / 256  # as int8 has it; the rest is that it is none
        assert digit.confidence == pytest.approx(digit.probabilities[digit.digit])
    crops = np.stack([digit.crop for digit in digits])
    told = np.array([digit.probabilities for digit in digits])
    said = reader.classifier.classify(crops)[:, :10]
    # how likely each is to be any digit, its neighbours have a say in; not which
    assert told / told.sum(axis=1, keepdims=True) == pytest.approx(said / said.sum(axis=1, keepdims=True), abs=1e-6)


def test_every_stage_is_timed(reader: Reader) -> None:
    reading = reader.read(load(SAMPLES / FRAMES[0]["image"]))
    assert list(reading.ms) == ["find", "normalize", "classify", "order"]
    assert all(ms > 0 for ms in reading.ms.values())


def test_below_the_asked_confidence_a_place_is_rejected_and_still_found(reader: Reader) -> None:
    lax, strict = (Reader(reader.finder, reader.classifier, FindConfig(), least) for least in (0.0, 1.0))
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


# what is found and not read


class Counting(Classifier):
    """The shipped network, which counts the crops that it is asked about."""

    def __init__(self, inner: Classifier) -> None:
        self._inner = inner
        self.labels, self.side, self.box, self.knows_none = inner.labels, inner.side, inner.box, inner.knows_none
        self.asked = 0

    def classify(self, crops: Grey) -> np.ndarray[Any, np.dtype[np.float32]]:
        self.asked += len(crops)
        return self._inner.classify(crops)


@pytest.mark.parametrize(
    ("config", "told", "reason"),
    [
        (FindConfig(), {"cut": 0.9}, "cut by the frame's edge"),
        (FindConfig(printed=False), {"printed": 0.9}, "print"),
        (FindConfig(min_height=0.3), {}, "too small"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_found_and_not_asked_about_is_rejected_with_the_reason(
    reader: Reader, config: FindConfig, told: dict[str, Any], reason: str
) -> None:
    page = paper()
    box = lay(page, glyph(8, 80), 0, 200)
    corners = (box.x, box.y, box.x + box.w, box.y + box.h)
    finder = Told(lambda _: found_at([corners], **told))
    counting = Counting(reader.classifier)
    reading = Reader(finder, counting, config, 0.6).read(page)
    assert reading.digits == []
    assert [(reject.box, reject.reason, reject.crop) for reject in reading.rejected] == [(box, reason, None)]
    assert counting.asked == 0
    allowed = Reader(Told(lambda _: found_at([corners])), counting, FindConfig(), 0.6).read(page)
    assert (allowed.text, counting.asked) == ("8", 1)


@pytest.mark.parametrize(("places", "surest", "is_asked"), [(8, 0.6, True), (9, 0.6, False), (9, 0.7, True)])
def test_many_doubtful_places_are_a_pattern_and_cost_nothing(
    reader: Reader, places: int, surest: float, *, is_asked: bool
) -> None:
    page = paper()
    boxes = [lay(page, glyph(8, 50), 20 + 60 * i, 200) for i in range(places)]
    found = found_at([(box.x, box.y, box.x + box.w, box.y + box.h) for box in boxes], score=0.5)
    found.scores[0] = surest
    counting = Counting(reader.classifier)
    reading = Reader(Told(lambda _: found), counting, FindConfig(), 0.6).read(page)
    assert counting.asked == (places if is_asked else 0)
    assert [reject.reason for reject in reading.rejected].count("a pattern") == (0 if is_asked else places)
    assert bool(reading.digits) == is_asked


@pytest.mark.parametrize(("score", "text"), [(0.51, "8"), (0.49, "")])
def test_what_stands_alone_is_read_if_it_is_likelier_a_digit_than_not(reader: Reader, score: float, text: str) -> None:
    page = paper()
    box = lay(page, glyph(8, 60), 300, 200)
    found = found_at([(box.x, box.y, box.x + box.w, box.y + box.h)], score=score)
    reading = Reader(Told(lambda _: found), reader.classifier, FindConfig(), 0.6).read(page)
    assert reading.text == text
    assert len(reading.rejected) == (not text)


def test_a_box_without_ink_is_rejected(reader: Reader) -> None:
    finder = Told(lambda _: found_at([(100, 100, 140, 180)]))
    page = np.full((HEIGHT, WIDTH), 200, np.uint8)
    reading = Reader(finder, reader.classifier, FindConfig(), 0.6).read(page)
    assert reading.rejected == []


def test_text_has_a_line_a_line() -> None:
    row = np.zeros(10, np.float32)
    crop = np.zeros((28, 28), np.uint8)
    digits = [Digit(str(n), 0.9, row, Box(0, 0, 1, 1), crop, line) for n, line in ((1, 0), (2, 0), (3, 1))]
    assert Reading(digits, [], {}).text == "12\n3"


def test_the_annotated_picture_is_a_png_with_a_strip_of_crops(reader: Reader) -> None:
    image = load(SAMPLES / FRAMES[0]["image"])
    png = np.frombuffer(annotate(image, reader.read(image)), np.uint8)
    picture = np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR))
    assert picture.shape[0] > image.shape[0]
    assert picture.shape[1] >= image.shape[1]
    green = (picture[..., 1] > picture[..., 2] + 60).any()
    assert green, "no box is drawn"


def test_annotating_bare_paper_works(reader: Reader) -> None:
    image = np.full((40, 20), 200, np.uint8)
    assert annotate(image, reader.read(image)).startswith(b"\x89PNG")
