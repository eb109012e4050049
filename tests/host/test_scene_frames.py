"""Scenes that are cut from rendered frames say what stands in them."""

import numpy as np
import pytest

from digitcam.reading import Box
from digitlab.render.camera import Labelled, Rendered
from digitlab.scenes.frames import cut
from digitlab.scenes.scene import SIDE, Scene

DIGIT, MARK, AT_EDGE = Box(400, 200, 40, 80), Box(250, 200, 50, 20), Box(-10, 300, 60, 60)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    """Cut from a frame that holds one digit, one mark, and what its left edge cuts, all of them black."""
    image = np.full((480, 640), 230, np.uint8)
    for x, y, w, h in (DIGIT, MARK, AT_EDGE):
        image[y : y + h, max(x, 0) : x + w] = 20
    frame = Rendered(image, ("7",), [Labelled(7, DIGIT, 0)], [MARK, AT_EDGE])
    return [cut(frame, np.random.default_rng(seed)) for seed in range(40)]


def test_a_scene_shows_a_part_of_the_frame_and_its_boxes_hold_what_stands_there(scenes: list[Scene]) -> None:
    for image, labels, marks in scenes:
        assert image.shape == (SIDE, SIDE)
        rest = image.copy()
        for x, y, w, h in [label.box for label in labels] + [mark.box for mark in marks]:
            assert 0 <= x < x + w <= SIDE
            assert 0 <= y < y + h <= SIDE
            inside = np.s_[round(y) : round(y + h), round(x) : round(x + w)]
            assert image[inside].mean() < 60
            rest[max(0, round(y) - 2) : round(y + h) + 2, max(0, round(x) - 2) : round(x + w) + 2] = 230
        assert rest.min() > 200


def test_digits_are_labelled_and_what_is_none_is_a_mark(scenes: list[Scene]) -> None:
    for _, labels, marks in scenes:
        sure = [label for label in labels if not label.unsure]
        assert [label.digit for label in sure] in ([7], [])
        assert all(label.shown > 0 for label in labels)
        assert len(marks) <= 1
    assert any(label.shown == 1 and not label.unsure for _, labels, _ in scenes for label in labels)
    assert any(0 < label.shown < 1 and not label.unsure for _, labels, _ in scenes for label in labels)


def test_what_the_frame_cuts_is_unsure(scenes: list[Scene]) -> None:
    cut_off = [label for _, labels, _ in scenes for label in labels if label.unsure]
    assert 0 < len(cut_off) < len(scenes)
    assert {label.box[0] for label in cut_off} == {0.0}
