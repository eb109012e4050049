"""Digits are found on paper of all kinds, and what is no digit is not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.config import FindConfig
from digitcam.find import Found, find
from digitcam.reading import Box

Grey = NDArray[np.uint8]
WIDTH, HEIGHT = 640, 480
INK = (60,)


def paper(level: int = 210, noise: float = 2.0) -> Grey:
    rng = np.random.default_rng(3)
    return np.clip(rng.normal(level, noise, (HEIGHT, WIDTH)), 0, 255).astype(np.uint8)


def write(page: Grey, text: str, x: int, y: int, *, height: int = 60, pen: int = 4, ink: int = 60) -> list[Box]:
    """Draw digits on a page, the top left corner of the first at (x, y); returns their boxes."""
    scale = height / 21  # the height of this font's digits
    boxes = []
    for character in text:
        mask = np.zeros_like(page)
        cv2.putText(mask, character, (x, y + height), cv2.FONT_HERSHEY_SIMPLEX, scale, (255,), pen, cv2.LINE_AA)
        share = mask.astype(np.float32) / 255
        page[:] = (page * (1 - share) + ink * share).astype(np.uint8)
        box = Box(*cv2.boundingRect((mask > 100).astype(np.uint8)))
        boxes.append(box)
        x = box.x + box.w + round(0.5 * height)
    return boxes


def look(page: Grey, polarity: str = "auto") -> Found:
    return find(page, FindConfig(polarity=polarity))  # type: ignore[arg-type]  # parametrized


def same(found: Found, boxes: list[Box], slack: int = 5) -> bool:
    """Whether exactly these boxes were found."""
    got = sorted(blob.box for blob in found.blobs)
    return len(got) == len(boxes) and all(
        abs(g - w) <= slack for a, b in zip(got, sorted(boxes), strict=True) for g, w in zip(a, b, strict=True)
    )


def test_bare_paper_holds_nothing() -> None:
    assert not look(paper()).blobs


@pytest.mark.parametrize("pen", [1, 2, 4, 8, 12])
def test_thin_and_thick_pens(pen: int) -> None:
    page = paper()
    boxes = write(page, "2035", 60, 150, pen=pen)
    assert same(look(page), boxes)


@pytest.mark.parametrize("share", [0.03, 0.06, 0.15, 0.4, 0.7])
def test_digits_from_three_to_seventy_percent_of_the_height(share: float) -> None:
    page, height = paper(noise=1), round(share * HEIGHT)
    boxes = write(page, "3" if share > 0.3 else "358", 80, 40, height=height, pen=max(1, height // 14))
    assert same(look(page), boxes, slack=max(3, height // 20))


@pytest.mark.parametrize("ink", [30, 120, 185])
def test_strong_and_faint_ink(ink: int) -> None:
    page = paper()
    boxes = write(page, "4682", 60, 200, ink=ink)
    assert same(look(page), boxes)


@pytest.mark.parametrize("polarity", ["auto", "light"])
def test_chalk_on_a_blackboard(polarity: str) -> None:
    page = paper(level=50)
    boxes = write(page, "9274", 60, 200, ink=220)
    assert same(look(page, polarity), boxes)


def test_a_hard_shadow_across_the_digits() -> None:
    page = paper()
    boxes = write(page, "2580", 60, 200)
    page[:, 200:] //= 2
    assert same(look(page), boxes)


def test_light_that_falls_off_to_one_side() -> None:
    page = paper()
    boxes = write(page, "258036", 60, 100) + write(page, "47", 400, 300)
    page = (page * np.linspace(1, 0.3, WIDTH)).astype(np.uint8)
    assert same(look(page), boxes)


def test_rules_that_cross_the_digits_are_taken_out() -> None:
    page = paper()
    boxes = write(page, "2467", 60, 195, height=80, pen=7)
    for y in range(50, HEIGHT, 60):
        cv2.line(page, (0, y), (WIDTH, y + 6), (120,), 2, cv2.LINE_AA)
    found = look(page)
    assert same(found, boxes, slack=8), [blob.box for blob in found.blobs]


def test_a_bright_sheet_on_a_dark_table() -> None:
    page = paper(level=40)
    sheet = paper(level=200)[60:420, 80:560]
    boxes = [Box(b.x + 80, b.y + 60, b.w, b.h) for b in write(sheet, "3691", 60, 140)]
    page[60:420, 80:560] = sheet
    assert same(look(page), boxes)


def test_two_strokes_of_a_five_are_one_digit() -> None:
    page = paper()
    cv2.ellipse(page, (300, 260), (30, 34), 0, -120, 120, INK, 5, cv2.LINE_AA)
    cv2.line(page, (284, 230), (284, 180), INK, 5, cv2.LINE_AA)
    cv2.line(page, (294, 178), (330, 174), INK, 5, cv2.LINE_AA)
    found = look(page)
    assert len(found.blobs) == 1
    assert found.blobs[0].box.h > 110


def test_the_grey_of_the_ink_is_kept_and_the_neighbour_is_left_out() -> None:
    page = paper()
    boxes = write(page, "00", 100, 200)
    found = sorted(look(page).blobs, key=lambda blob: blob.box.x)
    assert len(np.unique(found[0].ink)) > 10
    assert found[0].ink.shape == (found[0].box.h, found[0].box.w)
    assert found[0].box.x + found[0].box.w < boxes[1].x


@pytest.mark.parametrize(
    ("name", "reason"),
    [("dot", "too small"), ("dash", "too wide"), ("disc", "a filled blob"), ("border", "lies along the frame's edge")],
)
def test_what_is_no_digit_is_rejected_with_the_reason(name: str, reason: str) -> None:
    page = paper()
    boxes = write(page, "238", 100, 200)
    if name == "dot":
        cv2.circle(page, (500, 250), 4, INK, -1)
    elif name == "dash":
        cv2.line(page, (450, 230), (560, 230), INK, 6)
    elif name == "disc":
        cv2.circle(page, (500, 230), 22, INK, -1)
    else:
        page[100:400, :4] = 40
    found = look(page)
    assert same(found, boxes)
    assert reason in [reject.reason for reject in found.rejected]
