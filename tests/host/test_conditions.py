"""Scenes show what their truth says."""

import cv2
import numpy as np
import pytest

from digitlab.camera import CUT, visible
from digitlab.conditions import CONDITIONS, render_mixed, render_scene
from digitlab.hand import from_pictures, write
from digitlab.marks import LETTERS, OPERATORS, character, doodle, smudge
from digitlab.render import FRAME
from digitlab.strokes import draw_set


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_same_state_gives_the_same_frame_and_its_truth(condition: str) -> None:
    first, again = (render_scene(np.random.default_rng(3), condition) for _ in range(2))
    assert np.array_equal(first.image, again.image)
    assert first.labels == again.labels
    assert first.image.shape == FRAME[::-1]
    assert "".join(str(label.digit) for label in first.labels) == "".join(first.lines)
    # the truth's lines and the labels' are the same text
    assert len(first.lines) == len({label.line for label in first.labels})


@pytest.mark.parametrize("condition", sorted(set(CONDITIONS) - {"text", "empty", "cut"}))
def test_every_digit_is_within_the_frame_and_darker_or_lighter_than_its_paper(condition: str) -> None:
    rendered = render_scene(np.random.default_rng(5), condition)
    assert rendered.labels
    for label in rendered.labels:
        x, y, w, h = label.box
        assert visible(label.box, FRAME) == 1
        inside = rendered.image[y : y + h, x : x + w].astype(int)
        around = rendered.image[max(0, y - 4) : y + h + 4, max(0, x - 4) : x + w + 4].astype(int)
        assert np.ptp(inside) >= 0.4 * np.ptp(around)


@pytest.mark.parametrize("condition", ["text", "empty"])
def test_some_pages_hold_no_digit(condition: str) -> None:
    for seed in range(3):
        rendered = render_scene(np.random.default_rng(seed), condition)
        assert rendered.labels == []
        assert rendered.lines == ()
        assert condition == "empty" or len(rendered.clutter) > 20


def test_a_cut_digit_is_clutter_and_the_others_are_whole() -> None:
    cut = 0
    for seed in range(6):
        rendered = render_scene(np.random.default_rng(seed), "cut")
        assert all(visible(label.box, FRAME) > CUT for label in rendered.labels)
        shares = [visible(box, FRAME) for box in rendered.clutter]
        assert all(0 < share <= CUT for share in shares)
        cut += len(shares)
    assert cut > 0


def test_a_turned_page_keeps_its_order_and_turns_its_boxes() -> None:
    for seed in range(4):
        rendered = render_scene(np.random.default_rng(seed), "turned")
        lines: dict[int, list[float]] = {}
        for label in rendered.labels:
            lines.setdefault(label.line, []).append(label.box.y + label.box.h / 2)
        for middles in lines.values():
            # along the picture's columns, up or down by which side it lies on
            steps = np.diff(middles)
            assert (steps > 0).all() or (steps < 0).all()


def test_touching_digits_touch() -> None:
    joined = 0
    for seed in range(4):
        rendered = render_scene(np.random.default_rng(seed), "touching")
        pairs = zip(rendered.labels, rendered.labels[1:], strict=False)
        joined += sum(a.line == b.line and b.box.x <= a.box.x + a.box.w + 1 for a, b in pairs)
    assert joined > 5


def test_sums_and_words_mark_what_is_no_digit() -> None:
    for condition in ("sums", "words", "clutter", "dust"):
        assert render_scene(np.random.default_rng(2), condition).clutter


def test_mixed_scenes_vary() -> None:
    frames = [render_mixed(np.random.default_rng(seed)) for seed in range(6)]
    tones = [float(np.median(frame.image)) for frame in frames]
    heights = [np.median([label.box.h for label in frame.labels]) for frame in frames if frame.labels]
    assert np.ptp(tones) > 20
    assert np.ptp(heights) > 20


@pytest.mark.parametrize("char", LETTERS + OPERATORS)
def test_a_character_is_drawn_about_as_large_as_asked(char: str) -> None:
    drawn = character(char, np.random.default_rng(1), 60, 5)
    assert drawn.max() > 200
    assert 4 <= max(drawn.shape) <= 150


def test_doodles_differ_and_smudges_are_soft() -> None:
    rng = np.random.default_rng(1)
    assert len({doodle(rng, 60, 4).shape for _ in range(10)}) > 5
    assert np.abs(np.diff(smudge(rng, 80).astype(int), axis=1)).max() < 80


def test_mnist_like_pictures_are_written_at_any_size_with_any_pen() -> None:
    pictures, labels = draw_set(20, np.random.default_rng(1), height=20)
    images = np.zeros((20, 28, 28), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        image[4 : 4 + picture.shape[0], 4 : 4 + min(20, picture.shape[1])] = picture[:, :20]
    ink = from_pictures(images, labels)
    for height in (12, 40, 200):
        drawn = ink(3, np.random.default_rng(2), height, 0.1 * height)
        assert drawn.shape[0] == pytest.approx(height, rel=0.2)
        assert drawn.max() > 200
    thin, thick = (write(np.pad(images[0], 2), 120, pen) for pen in (4, 20))
    assert cv2.countNonZero(thick) > 1.2 * cv2.countNonZero(thin)
