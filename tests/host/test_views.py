"""What the finder is told to answer is what the device takes its answers for."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.recognition.finder import LEVELS
from digitcam.recognition.look import HEIGHT, WIDTH
from digitlab.scenes import views
from digitlab.scenes.scene import SIDE, Label, Mark, Scene
from digitlab.scenes.views import COUNTS, KNOWN, OTHER, TARGETS, View

BOXES = np.array(
    [
        [10, 10, 18, 24, 1, 0, 3, 0],
        [60, 40, 90, 80, 1, 1, 0, 0],
        [120, 30, 250, 200, 0.7, 0, 9, 0],
        [20, 150, 60, 170, 1, 0, 5, 0],
    ],
    np.float32,
)  # left, top, right, bottom, share that shows, printed, digit, unsure


def decoded(targets: tuple[NDArray[np.float32], ...]) -> list[tuple[tuple[float, ...], int, bool, bool, int]]:
    """Box, quarter turn, cut, printed and digit of every place that is told to answer for one."""
    told = []
    for target, level in zip(targets, LEVELS, strict=True):
        for row, column in zip(*np.nonzero(target[..., 0] == 1), strict=True):
            place = target[row, column]
            x, y = (column + 0.5) * level.stride, (row + 0.5) * level.stride
            left, top, right, bottom = place[1:5] * level.stride
            box = tuple(round(float(side), 2) for side in (x - left, y - top, x + right, y + bottom))
            assert place[5:9].sum() == 1
            told.append((box, int(place[5:9].argmax()), bool(place[9]), bool(place[10]), int(place[11])))
    return told


@pytest.mark.parametrize("quarters", range(4))
def test_a_boxs_places_answer_with_it(quarters: int) -> None:
    targets = views.targets(BOXES, quarters)
    assert [target.shape for target in targets] == [
        (HEIGHT // level.stride, WIDTH // level.stride, TARGETS) for level in LEVELS
    ]
    wanted = {
        (tuple(map(float, box)), quarters, shown < views.WHOLE, bool(printed), int(digit))
        for *box, shown, printed, digit, _ in BOXES.tolist()
    }
    assert set(decoded(targets)) == wanted


def test_of_a_sliver_at_the_scenes_edge_something_is_shown() -> None:
    sliver = Mark((SIDE - 0.6, 20.0, 0.6, SIDE - 30.0), unlike=True)
    scene = Scene(np.full((SIDE, SIDE), 200, np.uint8), [], [sliver])
    for seed in range(60):
        assert views.take(scene, np.random.default_rng(seed)).image.shape == (HEIGHT, WIDTH)


def test_the_places_of_a_digit_count_the_less_the_more_there_are() -> None:
    for target in views.targets(BOXES, 0):
        answers = target[..., 0] == 1
        assert (target[answers][:, KNOWN] > 0).all()
        assert (target[answers][:, KNOWN] <= views.FEW).all()
        assert (target[answers][:, KNOWN] == target[answers][:, COUNTS]).all()
        assert (target[~answers][:, KNOWN] == 0).all()


def test_a_digit_that_nobody_must_see_may_be_answered_or_not() -> None:
    doubtful = np.array([[60, 40, 90, 80, 1, 0, 7, 1], [120, 40, 150, 80, 0.1, 0, 7, 0]], np.float32)
    targets = views.targets(doubtful, 0)
    assert decoded(targets) == []
    assert sum(int((target[..., COUNTS] == 0).sum()) for target in targets) >= 2
    assert all((target[..., :COUNTS] == 0).all() for target in targets)


def test_a_character_that_is_no_digit_counts_more_than_bare_paper() -> None:
    slash, digit = [100, 40, 106, 80, 1, 0, OTHER, 0], [60, 40, 90, 80, 1, 0, 7, 0]
    targets = views.targets(np.array([digit, slash], np.float32), 0)
    assert [place[0] for place in decoded(targets)] == [tuple(digit[:4])] * len(decoded(targets))
    counts = [target[target[..., 0] == 0][:, COUNTS] for target in targets]
    more = [count[count != 1] for count in counts]
    # 18 x 52 pixels: all of it, and a little beside it; where smaller digits are told, too, since no part of it is one
    assert [len(some) for some in more] == [5 * 14, 2 * 7, 0]
    assert np.concatenate(more) == pytest.approx(views.MARK)
    inside = views.targets(np.array([[55, 35, 95, 85, 1, 0, OTHER, 0], digit], np.float32), 0)
    assert len(decoded(inside)) == len(decoded(targets))


def test_no_digit_is_told_as_such() -> None:
    for target in views.targets(np.zeros((0, 8), np.float32), 0):
        assert (target[..., :COUNTS] == 0).all()
        assert (target[..., COUNTS] == 1).all()


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("zoom", [0.66, 1.0, 1.3])
def test_a_turned_and_enlarged_scenes_boxes_go_with_its_ink(quarters: int, zoom: float) -> None:
    image = np.full((SIDE, SIDE), 255, np.uint8)
    x, y, w, h = 165, 150, 54, 90
    cv2.rectangle(image, (x, y), (x + w - 1, y + h - 1), (0,), -1)
    drawn = Scene(image, [Label((x, y, w, h), 1, shown=1, printed=False, unsure=False)])
    checked = 0
    for seed in range(40):
        view: View = views.cut(drawn, zoom, quarters, np.random.default_rng(seed))
        ink = view.image < 128
        if ink.mean() > 0.3 or ink[[0, -1]].any() or ink[:, [0, -1]].any():
            continue  # light on dark, or a dark border, or the view cuts it
        inside = cv2.boundingRect(ink.astype(np.uint8))
        shown = inside[0], inside[1], inside[0] + inside[2], inside[1] + inside[3]
        for told, turn, cut, printed, digit in set(decoded(view.targets)):
            assert np.abs(np.array(told) - shown).max() <= 1.2
            assert (turn, cut, printed, digit) == (quarters, False, False, 1)
            checked += 1
    assert checked >= 3


def test_a_view_is_part_of_the_scene() -> None:
    rng = np.random.default_rng(4)
    image = rng.integers(0, 256, (SIDE, SIDE), np.uint8)
    label = Label((150, 150, 40, 60), 4, shown=1, printed=True, unsure=False)
    for _ in range(20):
        view = views.take(Scene(image, [label]), rng)
        assert view.image.shape == (HEIGHT, WIDTH)
        assert view.image.dtype == np.uint8
        assert all((printed, digit) == (True, 4) for *_, printed, digit in decoded(view.targets))


@pytest.mark.parametrize(("high", "zoom", "asked"), [(6, 1.0, True), (6, 3.0, False), (12, 3.0, True)])
def test_a_blot_that_was_enlarged_need_not_be_found(high: int, zoom: float, *, asked: bool) -> None:
    image = np.full((60, 60), 200, np.uint8)
    drawn = Scene(image, [Label((27, 27, 5, high), 1, shown=1, printed=False, unsure=False)])
    view = views.cut(drawn, zoom, 0, np.random.default_rng(1))
    assert bool(decoded(view.targets)) is asked
    # what need not be found does not count either
    assert any((target[..., COUNTS] == 0).any() for target in view.targets) is not asked
