"""Marks of ink of any kind are found on rendered pages: what is said of them in docs/models.md."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digitcam.recognition.adoption.marks import find_marks
from digitcam.recognition.look import Pyramid
from digitcam.recognition.reader import is_cut

Page = NDArray[np.uint8]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghijkmnpqrtuyÄö"
PAPER, INK = 225, 50


class Rendered(NamedTuple):
    page: Page
    boxes: list[tuple[float, float, float, float]]


def render(size: int, letters: str = LETTERS, width: int = 640, height: int = 480) -> Rendered:
    """Letters of Pillow's own font, as many as fit."""
    image = Image.new("L", (width, height), PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    boxes, x, y = [], size // 2, size // 2
    for letter in letters:
        if x + 1.3 * size > width:
            x, y = size // 2, y + int(1.6 * size)
        if y + 1.5 * size > height:
            break
        draw.text((x, y), letter, INK, font)
        boxes.append(draw.textbbox((x, y), letter, font))
        x += int(1.2 * size)
    return Rendered(np.asarray(image), boxes)


def shadow(page: Page) -> Page:
    height, width = page.shape
    light = np.linspace(0.45, 1, width) * np.linspace(0.8, 1, height)[:, None]
    return (page * light).astype(np.uint8)


def noisy(page: Page) -> Page:
    noise = np.random.default_rng(1).normal(0, 8, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def ruled(page: Page) -> Page:
    page = page.copy()
    page[45::60] = np.minimum(page[45::60], 170)
    return page


def squared(page: Page) -> Page:
    return ruled(ruled(page).T).T


def faint(page: Page) -> Page:
    return ((page - float(PAPER)) * 0.18 + 190).astype(np.uint8)


def on_a_table(page: Page) -> Page:
    return np.asarray(cv2.copyMakeBorder(page, 0, 0, 0, 90, cv2.BORDER_CONSTANT, value=(50,)), np.uint8)


WAYS: list[Callable[[Page], Page]] = [np.copy, shadow, noisy, np.invert, ruled, squared, faint, on_a_table]


@pytest.mark.parametrize("size", [36, 70, 200])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_letters_are_found_whole(way: Callable[[Page], Page], size: int) -> None:
    page, boxes = render(size)
    found = find_marks(Pyramid(way(page)))
    right = sum(any(overlap(box, other) > 0.5 for other in found.boxes.tolist()) for box in boxes)
    assert right >= 0.9 * len(boxes)
    assert len(found) <= 1.2 * len(boxes)


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union."""
    wide, high = (min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1))
    shared = max(wide, 0) * max(high, 0)
    areas = ((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (sum(areas) - shared)


@pytest.mark.parametrize("page", [np.full((480, 640), 200, np.uint8), noisy(np.full((480, 640), 200, np.uint8))])
def test_bare_paper_has_none(page: Page) -> None:
    assert len(find_marks(Pyramid(page))) == 0


@pytest.mark.parametrize("shape", [(8, 8), (8, 700), (700, 8)])
def test_the_smallest_pictures_are_looked_at(shape: tuple[int, int]) -> None:
    page = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert find_marks(Pyramid(page)).boxes.shape[1] == 4


def test_a_dot_belongs_to_its_letter_and_a_frame_to_none() -> None:
    page, boxes = render(60, "ijÄ")
    page = page.copy()
    cv2.rectangle(page, (5, 5), (300, 200), INK, 3)
    cv2.putText(page, "x", (240, 160), cv2.FONT_HERSHEY_SIMPLEX, 1, (INK,), 2)
    found = find_marks(Pyramid(page)).boxes
    for box in boxes:
        assert max(overlap(box, other) for other in found.tolist()) > 0.4
    assert (found[:, 2:] - found[:, :2]).max() < 100  # the frame's sides are 295 and 195 pixels


def test_what_the_pictures_edge_cuts_is_cut() -> None:
    page, _ = render(70, "HH")
    whole = find_marks(Pyramid(page))
    assert not is_cut(whole, Pyramid(page)).any()
    left = round(float(whole.boxes[:, 0].min())) + 10
    cut = page[:, left:]
    assert is_cut(find_marks(Pyramid(cut)), Pyramid(cut)).sum() == 1
