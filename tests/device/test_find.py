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


def rule(page: Grey, a: tuple[int, int], b: tuple[int, int], width: int = 2, level: int = 110) -> None:
    cv2.line(page, a, b, (level,), width, cv2.LINE_AA)


@pytest.mark.parametrize("lean", [0, 30, 60])
def test_digits_that_touch_the_lines_of_a_table(lean: int) -> None:
    page = paper()
    for row in range(4):
        rule(page, (80, 60 + 90 * row), (560, 60 + 90 * row + lean), 4 if row in {0, 3} else 2)
    for column in range(7):
        x, drop = 80 + 80 * column, round(lean * column / 6)
        rule(page, (x, 60 + drop), (x - round(0.56 * lean), 330 + drop))
    boxes = [
        box
        for row, text in enumerate(("147", "520", "368"))
        # every second cell, the foot of each digit on the line below it
        for column, digit in enumerate(text)
        for box in write(page, digit, 105 + 160 * column - lean // 5, 60 + 90 * row + 32 + lean * column // 3, pen=5)
    ]
    found = look(page)
    assert same(found, boxes, slack=8), sorted(blob.box for blob in found.blobs)


@pytest.mark.parametrize("kind", ["box", "underline", "margin"])
def test_a_frame_around_a_number(kind: str) -> None:
    page = paper()
    boxes = write(page, "68034", 100, 180, height=60, pen=5)
    left, right = boxes[0].x, boxes[-1].x + boxes[-1].w
    if kind == "box":
        cv2.rectangle(page, (left - 2, 170), (right + 2, 241), (110,), 2)
    elif kind == "underline":
        rule(page, (left - 40, 240), (right + 40, 243), 3)
    else:
        rule(page, (left - 2, 90), (left + 4, 340))
    found = look(page)
    assert same(found, boxes, slack=8), sorted(blob.box for blob in found.blobs)


def test_long_straight_strokes_of_digits_are_no_printed_lines() -> None:
    page = paper()
    boxes = write(page, "141", 60, 60, height=150, pen=4) + write(page, "471", 60, 270, height=150, pen=4)
    assert same(look(page), boxes)


def test_a_line_that_bends() -> None:
    page = paper()
    boxes = write(page, "2689", 120, 200, height=80, pen=6)
    x = np.arange(WIDTH)
    curve = np.stack([x, 250 + 6 * np.sin(x / WIDTH * np.pi)], axis=1).round().astype(np.int32)
    cv2.polylines(page, [curve], isClosed=False, color=(110,), thickness=2, lineType=cv2.LINE_AA)
    found = look(page)
    assert same(found, boxes, slack=8), sorted(blob.box for blob in found.blobs)


def test_a_board_beside_paper() -> None:
    page = paper()
    boxes = write(page, "25", 60, 200)
    board = paper(level=45)[:, :320]
    boxes += [Box(b.x + 320, *b[1:]) for b in write(board, "93", 80, 200, ink=200)]
    page[:, 320:] = board
    found = look(page)
    assert [box for box in boxes if any(_near(box, blob.box) for blob in found.blobs)] == boxes


def _near(a: Box, b: Box) -> bool:
    return all(abs(m - n) <= 6 for m, n in zip(a, b, strict=True))


def test_ink_fainter_than_the_noise() -> None:
    rng = np.random.default_rng(5)
    page = paper(noise=0)
    boxes = write(page, "283", 60, 160, height=120, pen=12, ink=202)
    page = np.clip(page + rng.normal(0, 3.0, page.shape), 0, 255).astype(np.uint8)
    assert same(look(page), boxes, slack=12)


def test_coarse_paper_alone_holds_nothing() -> None:
    rng = np.random.default_rng(5)
    grain = cv2.GaussianBlur(rng.normal(0, 25, (HEIGHT, WIDTH)), (0, 0), 1.5)
    assert not look(np.clip(190 + grain, 0, 255).astype(np.uint8)).blobs


def test_noise_in_a_deep_shadow_is_no_ink() -> None:
    rng = np.random.default_rng(5)
    light = np.where(np.arange(WIDTH) < 320, 0.35, 1.0)
    page = paper(noise=0)
    boxes = write(page, "2608", 60, 200, ink=40)
    page = np.clip(page * light + rng.normal(0, 5, page.shape), 0, 255).astype(np.uint8)
    assert same(look(page), boxes)


def test_a_thick_pen_in_a_picture_that_one_digit_fills() -> None:
    page = np.full((220, 160), 230, np.uint8)
    cv2.ellipse(page, (80, 110), (55, 85), 0, 0, 360, (90,), 34, cv2.LINE_AA)
    found = look(page)
    assert len(found.blobs) == 1
    assert found.blobs[0].box.h > 190


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


@pytest.mark.parametrize("others", [0, 3])
def test_a_nine_in_two_parts_is_one_digit(others: int) -> None:
    page = paper()
    write(page, "268"[:others], 60, 210, height=120, pen=6)
    cv2.ellipse(page, (540, 240), (34, 28), 0, 0, 360, INK, 5, cv2.LINE_AA)
    cv2.line(page, (574, 276), (562, 335), INK, 5, cv2.LINE_AA)
    found = look(page)
    assert len(found.blobs) == 1 + others
    assert max(blob.box.x + blob.box.w for blob in found.blobs if blob.box.h > 110) > 570


def test_digits_close_above_each_other_stay_two() -> None:
    page = paper()
    boxes = write(page, "2358", 60, 150, height=80) + write(page, "6093", 60, 238, height=80)
    assert same(look(page), boxes)


@pytest.mark.parametrize("edge", ["top", "bottom", "left", "right"])
def test_half_a_digit_at_the_frames_edge_is_rejected(edge: str) -> None:
    page = paper()
    boxes = write(page, "238", 200, 200)
    half = paper()
    (box,) = write(half, "0", 300, 200)
    x, y = box.x + box.w // 2, box.y + box.h // 2
    shift = {"top": (0, -y), "bottom": (0, HEIGHT - y), "left": (-x, 0), "right": (WIDTH - x, 0)}[edge]
    moved = cv2.warpAffine(
        half, np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64), (WIDTH, HEIGHT), None, 1, 1
    )
    page = np.minimum(page, moved)
    found = look(page)
    assert same(found, boxes)
    assert "cut by the frame's edge" in [reject.reason for reject in found.rejected]


def test_a_digit_that_touches_the_edge_of_a_picture_that_it_fills_is_found() -> None:
    page = np.full((200, 160), 220, np.uint8)
    cv2.ellipse(page, (80, 100), (76, 96), 0, 0, 360, INK, 8, cv2.LINE_AA)
    assert len(look(page).blobs) == 1


def test_joined_digits_are_kept_apart_from_what_is_only_wide() -> None:
    page = paper()
    write(page, "38", 60, 100)
    for middle in (300, 340, 380, 420):
        cv2.ellipse(page, (middle, 250), (20, 30), 0, 0, 360, INK, 5, cv2.LINE_AA)
    cv2.line(page, (80, 400), (250, 400), INK, 6)
    found = look(page)
    assert [blob.box.x for blob in found.wide] == pytest.approx([277], abs=6)
    assert [reject.reason for reject in found.rejected] == ["too wide"]


def test_small_print_is_not_joined_into_digits() -> None:
    page = paper()
    boxes = write(page, "2358", 60, 60, height=110, pen=8)
    for row in range(5):
        write(page, "6" * 9, 80, 260 + 30 * row, height=22, pen=2)
    found = look(page)
    assert all(blob.box.h < 40 for blob in found.blobs if blob.box.y > 240)
    assert same(Found([blob for blob in found.blobs if blob.box.y < 240], []), boxes)


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
