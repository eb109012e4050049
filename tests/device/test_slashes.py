"""A slash is no 1: it leans further than its page's digits, unless these lean so; nor is what is taller or longer."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.device.pages import lay, paper, write
from tests.device.stubs import found_at

from digitcam.config import Config
from digitcam.frame import Grey
from digitcam.labels import DIGITS, Labels
from digitcam.recognition import params
from digitcam.recognition.classifier import Probabilities
from digitcam.recognition.evidence import doubt_strokes
from digitcam.recognition.layout import classify_upright
from digitcam.recognition.look import Pyramid
from digitcam.recognition.reader import Reader, open_reader
from digitcam.recognition.stopwatch import Stopwatch

Crops = NDArray[np.uint8]
Heights = Sequence[int]
HEIGHT = 60
LEANS = (0.7, 0.8, 0.9)  # at 35 to 42 degrees
SUMS = (("47", "82"), ("82", "65"), ("26", "40"), ("59", "37"))


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(Config())


def stroke(lean: float, height: int, pen: int) -> Grey:
    """A bare stroke, uint8, 255 where it is darkest."""
    wide = round(abs(lean) * height)
    ink = np.zeros((height + 2 * pen, wide + 2 * pen), np.uint8)
    low, high = (pen, pen + wide)[:: 1 if lean > 0 else -1]
    cv2.line(ink, (low, pen + height), (high, pen), (255,), pen, cv2.LINE_AA)
    return ink


def fraction(above: str, below: str, lean: float) -> Grey:
    """A page with two numbers and a stroke between them."""
    page = paper()
    *_, last = write(page, above, 120, 200, height=HEIGHT)
    slash = lay(page, stroke(lean, HEIGHT, 5), last.x + last.w + 20, 195)
    write(page, below, slash.x + slash.w + 20, 200, height=HEIGHT)
    return page


def read(reader: Reader) -> list[str]:
    return [reader.read(fraction(above, below, lean)).text for above, below in SUMS for lean in LEANS]


def test_a_slash_between_two_numbers_is_not_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    meant = [above + below for above, below in SUMS for _ in LEANS]
    texts = read(reader)
    assert sum(told == text for told, text in zip(texts, meant, strict=True)) >= len(meant) - 1
    # which is by its lean: by itself it is a 1
    monkeypatch.setattr(params, "UNEVEN", 1e9)
    assert all("1" in told for told in read(reader))


@pytest.mark.parametrize("lean", [0.0, 0.3, 0.45])
def test_where_all_digits_lean_so_do_its_1s(lean: float, reader: Reader) -> None:
    page = paper(noise=0)
    x = 120
    for text in ("4", "", "2", "7", "", "5"):
        drawn = write(page, text, x, 200, height=HEIGHT)[0] if text else lay(page, stroke(0.02, HEIGHT, 5), x, 195)
        x = drawn.x + drawn.w + 30
    sheared = cv2.warpAffine(page, np.array([[1, -lean, 230 * lean], [0, 1, 0]]), page.shape[::-1], borderValue=(210,))
    assert reader.read(np.asarray(sheared, np.uint8)).text == "412715"


def drawn(leans: tuple[float, ...]) -> Crops:
    """Crops of bare strokes."""
    crops = np.zeros((len(leans), 28, 28), np.uint8)
    for crop, lean in zip(crops, leans, strict=True):
        ink = stroke(lean, 16, 2)
        crop[2 : 2 + ink.shape[0], 2 : 2 + ink.shape[1]] = ink
    return crops


def said(*digits: int) -> Probabilities:
    """Each such a digit, for nine parts of ten, and a tenth none; or none, 10, and a tenth 1."""
    shares = np.zeros((len(digits), 11), np.float32)
    shares[np.arange(len(digits)), digits] = 0.9
    shares[np.arange(len(digits)), [1 if digit == 10 else 10 for digit in digits]] = 0.1
    return shares


def doubted(
    crops: Crops,
    before: Probabilities,
    labels: Labels = DIGITS,
    heights: Heights = (),
    lengths: Sequence[float] = (),
) -> Probabilities:
    """What is left of it where these stand in a row, each so high, or all alike, and so long, or as long as its box."""
    boxes = [(60 * i, 0, 60 * i + 30, height) for i, height in enumerate(heights or [50] * len(crops))]
    return doubt_strokes(found_at(boxes), crops, np.array(lengths or [1.0] * len(crops), np.float32), before, labels)


@pytest.mark.parametrize(
    ("leans", "digits", "none"),
    [
        pytest.param((0.1, 0.5, 0.1, 0.2), (4, 1, 7, 9), [1], id="one that leans further"),
        pytest.param((0.1, 0.5, 0.1, 0.2), (4, 7, 1, 9), [], id="a 7 that leans further"),
        pytest.param((0.5, 0.5, 0.5, 0.5), (4, 1, 7, 1), [], id="all lean so"),
        pytest.param((0.1, -0.5, 0.1, 0.2), (4, 1, 7, 9), [], id="one that leans back"),
        pytest.param((0.8,), (1,), [], id="one by itself"),
        pytest.param((), (), [], id="nothing"),
    ],
)
def test_a_1_is_doubted_by_how_much_further_it_leans(
    leans: tuple[float, ...], digits: tuple[int, ...], none: list[int]
) -> None:
    before = said(*digits)
    told = doubted(drawn(leans), before)
    assert told.sum(axis=1) == pytest.approx(np.ones(len(digits)))
    assert np.flatnonzero(told[:, 10] > 0.5).tolist() == none
    assert np.delete(told[:, 10], none) == pytest.approx(np.full(len(digits) - len(none), 0.1), abs=0.03)
    assert before.tolist() == said(*digits).tolist()


@pytest.mark.parametrize(
    ("digit", "length", "expected"),
    [
        pytest.param(1, 1.36, True, id="a 1 that leads on out of its box"),
        pytest.param(1, 1.05, False, id="a 1 that hardly does"),
        pytest.param(1, 0.9, False, id="a 1 that nearly fills it"),
        pytest.param(1, 0.64, True, id="a 1 that is much shorter: a comma"),
        pytest.param(7, 1.36, False, id="a 7"),
    ],
)
def test_a_1_whose_stroke_leads_on_is_part_of_a_longer_one_and_a_short_one_a_comma(
    digit: int, length: float, *, expected: bool
) -> None:
    told = doubted(drawn((0.1, 0.1, 0.1)), said(4, digit, 9), lengths=(1.3, length, 1.0))
    assert (told[:, 10] > 0.5).tolist() == [False, expected, False]


@pytest.mark.parametrize(("above", "expected"), [(0, 1.0), (10, 1.17), (60, 1.32)])
def test_how_far_a_stroke_leads_on_is_measured_where_it_is_cut_out(above: int, expected: float, reader: Reader) -> None:
    page = paper(noise=0)
    bar = lay(page, stroke(0.0, HEIGHT, 5), 300, 200)
    cv2.line(page, (bar.x + bar.w // 2, 205 - above), (bar.x + bar.w // 2, 230), (60,), 5, cv2.LINE_AA)
    box = np.array([[bar.x, 203, bar.x + bar.w, 203 + HEIGHT + 4]], np.float32)
    assert reader.classifier.cut_out(Pyramid(page), box).lengths == pytest.approx([expected], abs=0.07)


@pytest.mark.parametrize(("beyond", "is_read"), [(0, True), (40, False)])
def test_a_part_of_a_long_bar_is_no_1_beside_digits(beyond: int, *, is_read: bool, reader: Reader) -> None:
    page = paper()
    digits = write(page, "4725", 120, 200, height=HEIGHT)
    bar = lay(page, stroke(0.0, HEIGHT + 2 * beyond, 5), 500, 195 - beyond)
    ends = [(x, y, x + w, y + h) for x, y, w, h in (*digits, (bar.x, 195, bar.w, bar.h - 2 * beyond))]
    settings = reader.classifier, 0.7, Stopwatch()
    told = classify_upright(Pyramid(page), found_at(ends), *settings)
    assert told.told[-1, :10].argmax() == 1
    assert told.is_sure.tolist() == [True] * 4 + [is_read]


def test_what_is_as_likely_a_1_as_none_is_left_so() -> None:
    shares = np.zeros((1, 11), np.float32)
    shares[0, [1, 10]] = 0.5
    assert doubted(drawn((0.5,)), shares) == pytest.approx(shares)


def test_what_is_no_digit_has_no_say_in_how_the_page_leans() -> None:
    shares = said(10, 1, 10, 9, 10)
    assert doubted(drawn((0.0, 0.5, 0.0, 0.5, 0.0)), shares)[1, 10] == pytest.approx(0.1, abs=0.01)


def test_a_1_is_known_by_its_label() -> None:
    shares, crops = said(4, 1, 7, 9), drawn((0.1, 0.5, 0.1, 0.2))
    assert doubted(crops, shares, Labels(tuple("1023456789"))) == pytest.approx(shares)
    shares[:, [0, 1]] = shares[:, [1, 0]]
    assert doubted(crops, shares, Labels(tuple("1023456789")))[1, 10] > 0.5
    without = Labels(tuple("023456789"))
    assert np.array_equal(doubted(crops, shares[:, 1:], without), shares[:, 1:])


def bars(count: int) -> Crops:
    """Crops of upright strokes."""
    crops = np.zeros((count, 28, 28), np.uint8)
    crops[:, 4:24, 13:15] = 255
    return crops


@pytest.mark.parametrize(("height", "none"), [(40, 0.1), (50, 0.1), (55, 0.15), (65, 0.82)])
def test_a_doubtful_1_is_the_likelier_none_the_taller_it_is_than_sure_digits(height: int, none: float) -> None:
    heights = (height, 50, 50, 50)
    shares = said(1, 4, 7, 9)
    assert doubted(bars(4), shares, heights=heights) == pytest.approx(shares)  # none is sure
    shares[1:, 10] = 1e-4
    assert doubted(bars(4), shares, heights=heights)[0, 10] == pytest.approx(none, abs=0.02)
    shares[0, [1, 10]] = 1 - 1e-4, 1e-4
    assert doubted(bars(4), shares, heights=heights) == pytest.approx(shares / shares.sum(axis=1, keepdims=True))
