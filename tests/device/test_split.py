"""Joined digits are cut where they join."""

import cv2
import numpy as np
import pytest

from digitcam.blob import Blob
from digitcam.frame import Grey  # noqa: TC001 (as everywhere)
from digitcam.reading import Box
from digitcam.split import LOWEST, cuts, lowest_in, piece

HEIGHT = 100


def draw(text: str, pen: int, *, shear: float = 0.0) -> tuple[Blob, list[Box]]:
    """Digits set so close that they join; also the box of each."""
    canvas = np.zeros((HEIGHT + 40, 90 * len(text) + 200), np.uint8)
    lean = np.array([[1, shear, 0], [0, 1, 0]], np.float64)
    x = 30
    boxes: list[Box] = []
    inks: list[Grey] = []
    for character in text:
        ink = np.zeros_like(canvas)
        cv2.putText(ink, character, (100, HEIGHT + 15), cv2.FONT_HERSHEY_SIMPLEX, HEIGHT / 21, (255,), pen, cv2.LINE_AA)
        ink = np.asarray(cv2.warpAffine(ink, lean, ink.shape[::-1]), np.uint8)
        left, _, width, _ = cv2.boundingRect(ink)
        # as far to the left as joins it to the one before
        ink = np.roll(ink, x - left, axis=1)
        while inks and not (ink & inks[-1]).any():
            ink = np.roll(ink, -1, axis=1)
        inks.append(ink)
        boxes.append(Box(*cv2.boundingRect((ink > 100).astype(np.uint8))))
        x = boxes[-1].x + width + 20
    together = np.max(inks, axis=0)
    box = Box(*cv2.boundingRect((together > 30).astype(np.uint8)))
    return Blob(box, together[box.y : box.y + box.h, box.x : box.x + box.w], 255.0), boxes


def parted(blob: Blob, boxes: list[Box]) -> bool:
    """Whether some of the cuts part a blob into pieces with these boxes."""
    ends = cuts(blob)
    reached = {0}
    for box in boxes:
        reached = {
            right
            for left in reached
            for right in range(left + 1, len(ends))
            if (found := piece(blob, ends[left], ends[right], lowest_in(blob))) and near(found.box, box)
        }
    return len(ends) - 1 in reached


def near(found: Box, box: Box) -> bool:
    return abs(found.x - box.x) < 14 and abs(found.x + found.w - box.x - box.w) < 14


@pytest.mark.parametrize("pen", [6, 14])
@pytest.mark.parametrize("text", ["20", "38", "56", "803", "2058", "9356820"])
def test_digits_come_apart_where_they_join(text: str, pen: int) -> None:
    blob, boxes = draw(text, pen)
    assert parted(blob, boxes)


def test_cuts_slant_with_the_writing() -> None:
    blob, boxes = draw("00", 8, shear=-0.3)
    assert boxes[1].x < boxes[0].x + boxes[0].w - 4
    assert parted(blob, boxes)


def test_two_pieces_share_no_ink_and_lose_none() -> None:
    blob, _ = draw("88", 8)
    left, *between, right = cuts(blob)
    halves = [(piece(blob, left, cut, HEIGHT / 2), piece(blob, cut, right, HEIGHT / 2)) for cut in between]
    whole = [(one, other) for one, other in halves if one and other]
    assert whole
    for pieces in whole:
        together = np.zeros_like(blob.ink)
        for half in pieces:
            x, y = half.box.x - blob.box.x, half.box.y - blob.box.y
            place = together[y : y + half.box.h, x : x + half.box.w]
            assert place.shape == half.ink.shape
            assert not ((place > 0) & (half.ink > 0)).any()
            np.maximum(place, half.ink, out=place)
        assert (together == blob.ink).all()


def test_what_is_too_low_or_too_broad_is_no_piece() -> None:
    ink = np.zeros((60, 150), np.uint8)
    ink[:, :20] = ink[30:, 20:40] = ink[:, 50:] = 255
    blob = Blob(Box(0, 0, 150, 60), ink, 255.0)
    edges = [np.full(60, x, np.intp) for x in (0, 20, 45, 150)]
    first = piece(blob, edges[0], edges[1], 42)
    assert first
    assert first.box == Box(0, 0, 20, 60)
    assert piece(blob, edges[1], edges[2], 42) is None
    assert piece(blob, edges[2], edges[3], 42) is None
    assert piece(blob, edges[1], edges[0], 42) is None


def test_a_slanted_row_is_as_high_as_its_digits() -> None:
    blob, _ = draw("9356820", 8)
    slanted = np.zeros((blob.box.h + 100, blob.box.w), np.uint8)
    for x in range(blob.box.w):
        y = 100 * x // blob.box.w
        slanted[y : y + blob.box.h, x] = blob.ink[:, x]
    box = Box(0, 0, *slanted.shape[::-1])
    assert lowest_in(Blob(box, slanted, 255.0)) == pytest.approx(LOWEST * blob.box.h, rel=0.1)
    assert lowest_in(blob) == pytest.approx(LOWEST * blob.box.h, rel=0.1)


def test_a_slim_blob_is_not_cut() -> None:
    ink = np.zeros((80, 12), np.uint8)
    ink[:, 3:9] = 255
    assert len(cuts(Blob(Box(0, 0, 12, 80), ink, 255.0))) == 2
