"""A slash is no 1: it leans further than the digits of the page; where these lean as far, it is one."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.device.pages import lay, paper, write

from digitcam.config import Config
from digitcam.frame import Grey
from digitcam.labels import DIGITS, Labels
from digitcam.recognition import params
from digitcam.recognition.classifier import Probabilities
from digitcam.recognition.evidence import doubt_slashes
from digitcam.recognition.reader import Reader, open_reader

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


def drawn(leans: tuple[float, ...]) -> NDArray[np.uint8]:
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


@pytest.mark.parametrize(
    ("leans", "digits", "doubted"),
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
    leans: tuple[float, ...], digits: tuple[int, ...], doubted: list[int]
) -> None:
    before = said(*digits)
    told = doubt_slashes(drawn(leans), before, DIGITS)
    assert told.sum(axis=1) == pytest.approx(np.ones(len(digits)))
    none = told[:, 10]
    assert np.flatnonzero(none > 0.5).tolist() == doubted
    assert np.delete(none, doubted) == pytest.approx(np.full(len(digits) - len(doubted), 0.1), abs=0.03)
    assert before.tolist() == said(*digits).tolist()


def test_what_is_as_likely_a_1_as_none_is_left_so() -> None:
    shares = np.zeros((1, 11), np.float32)
    shares[0, [1, 10]] = 0.5
    assert doubt_slashes(drawn((0.5,)), shares, DIGITS) == pytest.approx(shares)


def test_what_is_no_digit_has_no_say_in_how_the_page_leans() -> None:
    shares = said(10, 1, 10, 9, 10)
    assert doubt_slashes(drawn((0.0, 0.5, 0.0, 0.5, 0.0)), shares, DIGITS)[1, 10] == pytest.approx(0.1, abs=0.01)


def test_a_1_is_known_by_its_label() -> None:
    shares, crops = said(4, 1, 7, 9), drawn((0.1, 0.5, 0.1, 0.2))
    assert doubt_slashes(crops, shares, Labels(tuple("1023456789"))) == pytest.approx(shares)
    shares[:, [0, 1]] = shares[:, [1, 0]]
    assert doubt_slashes(crops, shares, Labels(tuple("1023456789")))[1, 10] > 0.5
    without = Labels(tuple("023456789"))
    assert np.array_equal(doubt_slashes(crops, shares[:, 1:], without), shares[:, 1:])
