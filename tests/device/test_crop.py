"""A digit's ink is cut out of its paper, whatever the light, and without what stands beside it."""

import cv2
import numpy as np
import pytest
from tests.device.pages import glyph, lay, paper, write

from digitcam.config import ModelConfig
from digitcam.frame import Grey
from digitcam.labels import DIGIT_CLASSES
from digitcam.reading import Box
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.crop import inks_of, parted
from digitcam.recognition.look import Pyramid
from digitcam.recognition.normalize import normalize

SLACK = 4  # pixels by which crops of the same digit may differ in size


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return open_classifier(ModelConfig())


def ends(box: Box) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array([box.x, box.y, box.x + box.w, box.y + box.h], np.float32)


def ink_of(picture: Grey, box: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Grey | None:
    return inks_of(Pyramid(picture), box[None])[0][0]


def alike(one: Grey | None, other: Grey | None) -> bool:
    """Whether both are as large, and the network would see nearly the same, if a pixel to one side."""
    assert one is not None
    assert other is not None
    if max(abs(a - b) for a, b in zip(one.shape, other.shape, strict=True)) > SLACK:
        return False
    seen, wanted = normalize(one).astype(float), normalize(other)
    shifts = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    return min(float(np.abs(np.roll(seen, shift, (1, 0)) - wanted).mean()) for shift in shifts) < 8


def plain(digit: int) -> Grey:
    """A digit's ink as it is cut out of clean paper."""
    page = paper()
    ink = ink_of(page, ends(lay(page, glyph(digit, 80), 200, 200)))
    assert ink is not None
    return ink


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("height", [20, 80, 300])
def test_a_digit_is_read_out_of_its_box(digit: int, height: int, classifier: Classifier) -> None:
    page = paper()
    ink = ink_of(page, ends(lay(page, glyph(digit, height), 100, 100)))
    assert ink is not None
    assert ink.dtype == np.uint8
    assert ink.max() > 200
    assert classifier.classify(normalize(ink)[None])[0, :DIGIT_CLASSES].argmax() == digit


@pytest.mark.parametrize("digit", [2, 5, 8])
def test_light_ink_is_the_same_as_dark(digit: int) -> None:
    page = paper(level=50)
    assert alike(ink_of(page, ends(lay(page, glyph(digit, 80), 200, 200, ink=220))), plain(digit))


@pytest.mark.parametrize("ink", [30, 120, 190])
def test_faint_ink_is_the_same_as_strong(ink: int) -> None:
    page = paper(noise=0.5)
    assert alike(ink_of(page, ends(lay(page, glyph(3, 80), 200, 200, ink=ink))), plain(3))


@pytest.mark.parametrize("axis", [0, 1])
def test_light_that_falls_off_leaves_no_trace(axis: int) -> None:
    page = paper()
    box = lay(page, glyph(4, 80), 200, 200)
    falling = np.linspace(1, 0.4, page.shape[axis])
    page = (page * (falling[:, None] if axis == 0 else falling)).astype(np.uint8)
    assert alike(ink_of(page, ends(box)), plain(4))


def test_a_neighbour_that_reaches_into_the_box_is_left_out() -> None:
    page = paper()
    box = lay(page, glyph(6, 80), 200, 200)
    lay(page, glyph(0, 80), box.x + box.w + 4, 200)
    lay(page, glyph(7, 80), 200, 200 + 84)
    assert alike(ink_of(page, ends(box) + np.array([0, 0, 7, 6], np.float32)), plain(6))


@pytest.mark.parametrize("where", ["below", "above", "left", "right"])
def test_a_rule_beside_a_digit_is_left_out(where: str) -> None:
    page = paper()
    box = lay(page, glyph(3, 80), 200, 200)
    x, y, right, bottom = box.x - 6, box.y - 6, box.x + box.w + 6, box.y + box.h + 6
    start, end = {
        "below": ((0, bottom), (639, bottom)),
        "above": ((0, y), (639, y)),
        "left": ((x, 0), (x, 479)),
        "right": ((right, 0), (right, 479)),
    }[where]
    cv2.line(page, start, end, (100,), 2)
    assert alike(ink_of(page, ends(box)), plain(3))


def test_dust_is_left_out() -> None:
    page = paper()
    box = lay(page, glyph(1, 80), 200, 200)
    page[box.y - 3 : box.y, box.x - 3 : box.x] = 60
    assert alike(ink_of(page, ends(box) + np.array([-4, -4, 0, 0], np.float32)), plain(1))


@pytest.mark.parametrize("corner", [(0, 0), (600, 0), (0, 400), (600, 400)], ids=str)
def test_a_digit_in_a_corner_of_the_picture_is_cut_out(corner: tuple[int, int]) -> None:
    page = paper()
    drawn = glyph(2, 80)
    x, y = min(corner[0], 640 - drawn.shape[1]), min(corner[1], 480 - drawn.shape[0])
    assert alike(ink_of(page, ends(lay(page, drawn, x, y))), plain(2))


def test_a_box_that_is_a_little_off_gives_the_whole_digit() -> None:
    page = paper()
    box = lay(page, glyph(9, 80), 200, 200)
    assert alike(ink_of(page, ends(box) + np.array([2.4, -2.2, 2.6, -2.3], np.float32)), plain(9))


@pytest.mark.parametrize("off", [(-9, 3, -9, 3), (8, -7, 8, -7), (4, 5, -4, -6)], ids=str)
def test_a_box_that_is_an_eighth_off_gives_the_whole_digit(off: tuple[float, float, float, float]) -> None:
    page = paper()
    box = lay(page, glyph(9, 80), 200, 200)
    assert alike(ink_of(page, ends(box) + np.array(off, np.float32)), plain(9))


def test_a_frame_around_a_digit_is_left_out(classifier: Classifier) -> None:
    page = paper()
    box = lay(page, glyph(5, 80), 200, 200)
    cv2.rectangle(page, (box.x - 8, box.y - 8), (box.x + box.w + 8, box.y + box.h + 8), (60,), 3)
    ink = ink_of(page, ends(box) + np.array([-6, -6, 6, 6], np.float32))
    assert ink is not None
    assert ink.shape[0] <= plain(5).shape[0]
    assert classifier.classify(normalize(ink)[None])[0, :DIGIT_CLASSES].argmax() == 5


@pytest.mark.parametrize("digit", range(10))
def test_a_tile_that_ends_near_the_digit_is_its_paper(digit: int) -> None:
    page, drawn = paper(), glyph(digit, 80)
    h, w = drawn.shape
    page[184 : 216 + h, 184 : 216 + w] = 70  # as MNIST's pictures have it
    assert alike(ink_of(page, ends(lay(page, drawn, 200, 200, ink=225))), plain(digit))


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("axis", [0, 1])
def test_the_soft_edge_of_a_shadow_across_a_digit_leaves_no_trace(digit: int, axis: int) -> None:
    page = paper()
    x, y, w, h = box = lay(page, glyph(digit, 80), 200, 200)
    low, high = [(y, y + h), (x, x + w)][axis]
    light = np.interp(np.arange(page.shape[axis]), [low - 20, high + 20], [0.4, 1])
    page = (page * (light[:, None] if axis == 0 else light)).astype(np.uint8)
    assert alike(ink_of(page, ends(box)), plain(digit))


def test_a_stroke_that_leads_to_a_neighbour_ends_where_the_box_does() -> None:
    page = paper()
    box = lay(page, glyph(2, 80), 200, 200)
    cv2.line(page, (box.x + box.w - 8, box.y + box.h - 6), (500, box.y + box.h - 6), (30,), 7)
    ink = ink_of(page, ends(box))
    assert ink is not None
    assert ink.shape[1] / ink.shape[0] < 1.3 * box.w / box.h


def test_many_boxes_are_cut_as_each_of_them() -> None:
    page = paper(noise=2)
    boxes = np.array([ends(box) for box in write(page, "3141592653", 60, 60)])
    together, _ = inks_of(Pyramid(page), boxes)
    for ink, box in zip(together, boxes, strict=True):
        alone = ink_of(page, box)
        assert ink is not None
        assert alone is not None
        assert np.array_equal(ink, alone)
    assert inks_of(Pyramid(page), boxes[:0])[0] == []


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 40), (40, 1)], ids=str)
def test_the_smallest_pictures_hold_no_ink(size: tuple[int, int]) -> None:
    assert ink_of(np.full(size[::-1], 77, np.uint8), np.array([0, 0, *size], np.float32)) is None


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_paper_holds_no_ink(level: int) -> None:
    page = np.full((480, 640), level, np.uint8)
    assert ink_of(page, np.array([100, 100, 160, 180], np.float32)) is None


@pytest.mark.parametrize(
    "box", [(100.2, 100.1, 100.3, 100.2), (639, 479, 640, 480), (0, 0, 640, 480), (0, 0, 0.5, 480)], ids=str
)
def test_any_box_is_taken(box: tuple[float, float, float, float]) -> None:
    page = paper(noise=20)
    write(page, "123", 60, 60)
    ink = ink_of(page, np.array(box, np.float32))
    assert ink is None or normalize(ink).shape == (28, 28)


def halved(box: tuple[float, ...], *others: tuple[float, ...]) -> list[float]:
    """Where a box ends that is parted from these."""
    ((left, top, right, lower),) = parted(np.array([box], np.float32), np.array(others, np.float32).reshape(-1, 4))
    return [left, top, right, lower]


def test_a_box_ends_half_way_into_what_it_shares_with_a_neighbour() -> None:
    assert halved((100, 50, 140, 110), (130, 45, 160, 115)) == [100, 50, 135, 110]
    assert halved((100, 50, 140, 110), (70, 60, 108, 100)) == [104, 50, 140, 110]
    assert halved((100, 50, 140, 110), (70, 60, 108, 100), (130, 45, 160, 115)) == [104, 50, 135, 110]
    # on a page that lies on its side
    assert halved((50, 100, 110, 140), (45, 130, 115, 160)) == [50, 100, 110, 135]
    assert halved((50, 100, 110, 140), (45, 70, 115, 110)) == [50, 105, 110, 140]


def test_where_nothing_is_shared_a_box_stays() -> None:
    assert halved((100, 50, 140, 110)) == [100, 50, 140, 110]
    assert halved((100, 50, 140, 110), (140, 50, 160, 110), (130, 110, 160, 150)) == [100, 50, 140, 110]


def test_of_digits_that_touch_halved_boxes_read_more(classifier: Classifier) -> None:
    read = np.zeros(2, np.intp)
    for left, right in np.ndindex(10, 10):
        page, digits = paper(), (glyph(left, 120), glyph(right, 120))
        at = 200 + digits[0].shape[1] - 12
        first, second = (lay(page, digit, x, 100) for digit, x in zip(digits, (200, at), strict=True))
        # each holds a part of the other
        boxes = np.stack([ends(first), ends(second)])
        boxes[0, 2] += 30
        boxes[1, 0] -= 30
        apart = np.vstack([parted(boxes[:1], boxes[1:]), parted(boxes[1:], boxes[:1])])
        for way, some in enumerate((boxes, apart)):
            crops = classifier.cut_out(Pyramid(page), some).crops
            read[way] += (classifier.classify(crops).argmax(axis=1) == [left, right]).sum()
    assert read[1] > 190 > 2 * read[0]
