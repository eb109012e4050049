"""Joined digits are cut where they join."""

import cv2
import numpy as np
import pytest

from digitcam.blob import Blob
from digitcam.frame import Grey  # noqa: TC001 (as everywhere)
from digitcam.reading import Box
from digitcam.split import PROPOSALS, split

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


def near(pieces: tuple[Blob, ...], boxes: list[Box]) -> bool:
    return len(pieces) == len(boxes) and all(
        abs(piece.box.x - box.x) < 14 and abs(piece.box.x + piece.box.w - box.x - box.w) < 14
        for piece, box in zip(pieces, boxes, strict=True)
    )


@pytest.mark.parametrize("pen", [6, 14])
@pytest.mark.parametrize("text", ["20", "38", "56", "803", "2058"])
def test_the_right_cut_is_among_the_proposals(text: str, pen: int) -> None:
    blob, boxes = draw(text, pen)
    assert any(near(pieces, boxes) for pieces in split(blob))


def test_cuts_slant_with_the_writing() -> None:
    blob, boxes = draw("00", 8, shear=-0.3)
    assert boxes[1].x < boxes[0].x + boxes[0].w - 4
    assert any(near(pieces, boxes) for pieces in split(blob))


def test_pieces_hold_all_the_ink_from_left_to_right() -> None:
    blob, _ = draw("803", 8)
    proposals = split(blob)
    assert 0 < len(proposals) <= PROPOSALS
    for pieces in proposals:
        assert [piece.box.x for piece in pieces] == sorted(piece.box.x for piece in pieces)
        together = np.zeros_like(blob.ink)
        for piece in pieces:
            x, y = piece.box.x - blob.box.x, piece.box.y - blob.box.y
            place = together[y : y + piece.box.h, x : x + piece.box.w]
            assert piece.ink.shape == place.shape
            assert not ((place > 0) & (piece.ink > 0)).any()
            np.maximum(place, piece.ink, out=place)
        assert (together == blob.ink).all()


def test_a_slim_blob_is_not_cut() -> None:
    ink = np.zeros((80, 12), np.uint8)
    ink[:, 3:9] = 255
    assert not split(Blob(Box(0, 0, 12, 80), ink, 255.0))
