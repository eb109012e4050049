"""What the network answers becomes boxes in pixels of the picture; another network is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.device.stubs import found_at

from digitcam.config import ModelConfig, shipped_finder, shipped_model
from digitcam.errors import ModelError
from digitcam.model.runtime import installed
from digitcam.pictures.image_file import load
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.finder import (
    AT_A_TIME,
    LEVELS,
    SHAPES,
    Finder,
    Found,
    describe,
    open_finder,
)
from digitcam.recognition.look import HEIGHT, WIDTH, Look, Pyramid, Region
from digitcam.recognition.params import HINT, MOST_PLACES

FRAME = Path(shipped_finder()).parents[1] / "samples/frame-0.png"
SCALE = 0.1


class Tensors:
    """An interpreter with a finder's tensors, whose answers a test writes down: stored = 10 * real."""

    def __init__(self, dtype: type = np.int8) -> None:
        self.input_shape = (1, HEIGHT, WIDTH, 1)
        self.shapes = list(SHAPES)
        self.dtype = dtype
        self.answers = {shape: np.full(shape, -128, np.int8) for shape in SHAPES}
        self.seen: NDArray[Any] | None = None

    def _details(self, index: int, shape: tuple[int, ...]) -> dict[str, Any]:
        return {"index": index, "shape": np.array(shape), "dtype": self.dtype, "quantization": (SCALE, 0)}

    def allocate_tensors(self) -> None: ...

    def invoke(self) -> None: ...

    def get_input_details(self) -> list[dict[str, Any]]:
        return [self._details(100, self.input_shape)]

    def get_output_details(self) -> list[dict[str, Any]]:
        # a converter gives them in an order of its own
        return [self._details(i, shape) for i, shape in reversed(list(enumerate(self.shapes)))]

    def set_tensor(self, tensor_index: int, value: NDArray[Any]) -> None:
        assert tensor_index == 100
        self.seen = value

    def get_tensor(self, tensor_index: int) -> NDArray[np.int8]:
        return self.answers[self.shapes[tensor_index]]

    def say(self, level: int, place: tuple[int, int], score: float, reach: float, more: list[float]) -> None:
        """A digit at a place (row, column): logits, and how many places its box reaches to each side."""
        kinds = ([score], [float(np.log(np.expm1(reach)))] * 4, more)
        for shape, values in zip(SHAPES[3 * level : 3 * level + 3], kinds, strict=True):
            self.answers[shape][0, *place] = np.clip(np.rint(np.array(values) / SCALE), -128, 127)


def look_at(region: Region, scale: float) -> Look:
    return Look(np.full((HEIGHT, WIDTH), 200, np.uint8), region, scale)


@pytest.fixture(scope="module")
def finder() -> Finder:
    return open_finder(ModelConfig())


# what is answered


@pytest.mark.parametrize("level", range(3))
def test_a_box_is_in_pixels_of_the_picture(level: int) -> None:
    tensors = Tensors()
    tensors.say(level, (5, 9), 3.0, 2.0, [-5, 0, 5, -5, 4, -4])
    found = Finder(tensors, installed()).find(look_at(Region(1000, 500, 640, 512), 0.5))
    stride = LEVELS[level].stride
    x, y, reach = (9 + 0.5) * stride, (5 + 0.5) * stride, 2 * stride
    box = [1000 + (x - reach) * 2, 500 + (y - reach) * 2, 1000 + (x + reach) * 2, 500 + (y + reach) * 2]
    assert found.boxes[0].tolist() == pytest.approx(box, abs=0.2 * stride)
    assert len(found) == 1
    assert found.scores[0] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-3)
    assert found.seen[0] == pytest.approx(2 * reach, rel=0.1)
    assert found.turns[0].argmax() == 2
    assert found.turns.sum() == pytest.approx(1)
    assert found.cut[0] > 0.9
    assert found.printed[0] < 0.1


def test_a_box_ends_where_the_look_does() -> None:
    tensors = Tensors()
    tensors.say(2, (0, 0), 3.0, 3.0, [0] * 6)
    tensors.say(2, (7, 13), 3.0, 3.0, [0] * 6)
    # the region is smaller than the finder's input, whose rest is no picture
    found = Finder(tensors, installed()).find(look_at(Region(100, 200, 112, 64), 2.0))
    left, top, right, bottom = found.boxes.T
    assert (left.min(), top.min()) == (100, 200)
    assert (right.max(), bottom.max()) == (212, 264)


def test_what_scores_too_little_is_nothing() -> None:
    tensors = Tensors()
    tensors.say(1, (5, 9), float(np.log(HINT / (1 - HINT))) - 2 * SCALE, 2.0, [0] * 6)
    found = Finder(tensors, installed()).find(look_at(Region(0, 0, WIDTH, HEIGHT), 1.0))
    assert len(found) == 0
    assert found.boxes.shape == found.turns.shape == (0, 4)


def test_the_network_sees_a_grey_level_less_128() -> None:
    tensors = Tensors()
    image = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    Finder(tensors, installed()).find(Look(image, Region(0, 0, WIDTH, HEIGHT), 1.0))
    assert tensors.seen is not None
    assert tensors.seen.shape == (1, HEIGHT, WIDTH, 1)
    assert np.array_equal(tensors.seen[0, ..., 0].astype(int), image.astype(int) - 128)


def test_a_look_full_of_digits_is_bounded() -> None:
    tensors = Tensors()
    for level in range(3):
        rows, columns = SHAPES[3 * level][1:3]
        for row in range(rows):
            for column in range(columns):
                tensors.say(level, (row, column), 3.0, 0.3, [0] * 6)
    found = Finder(tensors, installed()).find(look_at(Region(0, 0, WIDTH, HEIGHT), 1.0))
    assert 0 < len(found) <= MOST_PLACES


def test_the_shipped_finder_answers_in_the_promised_shapes(finder: Finder) -> None:
    picture = load(FRAME)
    height, width = picture.shape
    found = finder.find(Pyramid(picture).look(Region(0, 0, width, height)))
    n = len(found)
    assert n > 0
    assert found.boxes.shape == found.turns.shape == (n, 4)
    assert found.scores.shape == found.cut.shape == found.printed.shape == found.seen.shape == (n,)
    assert {part.dtype for part in (found.boxes, found.scores, found.turns, found.cut, found.printed)} == {
        np.dtype(np.float32)
    }
    assert (np.diff(found.scores) <= 0).all()
    assert found.scores.min() > HINT - 0.01
    left, top, right, bottom = found.boxes.T
    assert (left >= 0).all() and (right <= width).all() and (top >= 0).all() and (bottom <= height).all()  # noqa: PT018
    assert found.turns.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_same_look_is_answered_alike(finder: Finder) -> None:
    picture = load(FRAME)
    look = Pyramid(picture).look(Region(0, 0, *picture.shape[::-1]))
    first = finder.find(look)
    finder.find(look_at(Region(0, 0, WIDTH, HEIGHT), 1.0))
    again = finder.find(look)
    assert np.array_equal(first.boxes, again.boxes)
    assert np.array_equal(first.scores, again.scores)


# boxes that overlap


def kept(boxes: list[tuple[float, float, float, float]], scores: list[float], least: float = 0.4) -> list[float]:
    """The scores of what is left of these."""
    parts = [found_at([box], score=score) for box, score in zip(boxes, scores, strict=True)]
    found, _ = (Found.joined(parts) if parts else found_at([])).apart(least)
    return [round(float(score), 3) for score in found.scores]


def test_boxes_apart_are_kept_the_surest_first() -> None:
    assert kept([(0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10)], [0.5, 0.9, 0.7]) == [0.9, 0.7, 0.5]


def test_what_is_not_sure_enough_is_not_kept() -> None:
    assert kept([(0, 0, 10, 10), (20, 0, 30, 10)], [0.39, 0.41]) == [0.41]


def test_of_two_that_are_the_same_the_surer_one_is_kept() -> None:
    assert kept([(0, 0, 10, 20), (1, 0, 11, 20)], [0.7, 0.9]) == [0.9]


def test_of_neighbours_the_less_sure_loses_the_square_of_what_the_other_covers_of_it() -> None:
    assert kept([(0, 0, 10, 20), (10, 0, 20, 20)], [0.9, 0.8]) == [0.9, 0.8]
    assert kept([(0, 0, 10, 20), (7, 0, 17, 20)], [0.9, 0.8]) == [0.9, 0.728]
    assert kept([(0, 0, 10, 20), (5, 0, 15, 20)], [0.9, 0.8]) == [0.9, 0.6]


def test_who_loses_may_come_after_who_does_not() -> None:
    assert kept([(0, 0, 10, 20), (7, 0, 17, 20), (40, 0, 50, 20)], [0.9, 0.75, 0.7]) == [0.9, 0.7, 0.683]


def test_a_part_of_a_digit_is_no_other() -> None:
    assert kept([(0, 0, 30, 60), (5, 5, 25, 30)], [0.9, 0.8]) == [0.9]
    assert kept([(0, 0, 30, 60), (5, 5, 25, 30)], [0.8, 0.9]) == [0.9]


def test_what_was_left_out_takes_nothing_along() -> None:
    # the second lies in the first and the third, which are two
    row: list[tuple[float, float, float, float]] = [(0, 0, 20, 20), (9, 0, 29, 20), (18, 0, 38, 20)]
    assert kept(row, [0.9, 0.55, 0.8]) == [0.9, 0.792]


def test_what_is_like_nothing_that_is_kept_may_stand_there_instead() -> None:
    both = found_at([(0, 0, 60, 60)], score=0.9)
    alike, left, small = (found_at([box], score=0.6) for box in ((2, 0, 60, 58), (0, 5, 25, 55), (70, 0, 75, 10)))
    first, others = Found.joined([both, alike, left, small]).apart(0.4)
    assert first.boxes[1].tolist() == [70, 0, 75, 10]
    assert others.boxes.tolist() == [[0, 5, 25, 55]]


def test_of_hundreds_each_loses_to_all_surer_ones() -> None:
    rng = np.random.default_rng(1)
    corners = rng.uniform(0, 120, (300, 2))
    boxes = np.hstack([corners, corners + rng.uniform(8, 14, (300, 2))]).astype(np.float32)
    scores = np.sort(rng.uniform(0.4, 1, 300))[::-1]
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    left = scores.copy()
    for i in range(300):
        for j in range(i + 1, 300):
            sides = np.minimum(boxes[i, 2:], boxes[j, 2:]) - np.maximum(boxes[i, :2], boxes[j, :2])
            if left[i] >= 0.4:
                left[j] *= 1 - (sides.clip(0).prod() / min(areas[i], areas[j])) ** 2
    wanted = np.sort(left[left >= 0.4])[::-1].round(3).tolist()
    assert len(wanted) > AT_A_TIME
    assert kept([tuple(box) for box in boxes.tolist()], scores.tolist()) == pytest.approx(wanted, abs=2e-3)


def test_nothing_is_kept_of_nothing() -> None:
    assert kept([], []) == []


def test_a_box_without_area_is_taken() -> None:
    assert kept([(5, 5, 5, 5), (0, 0, 10, 10), (20, 20, 20, 40)], [0.9, 0.8, 0.7])[0] == 0.9


def test_what_two_looks_found_is_joined_the_surest_first() -> None:
    one = found_at([(0, 0, 10, 20), (50, 0, 60, 20)], score=0.8, seen=10)
    other = found_at([(0, 0, 11, 20)], score=0.9, seen=20)
    found = Found.joined([one, other])
    assert found.scores.tolist() == pytest.approx([0.9, 0.8, 0.8])
    assert found.seen.tolist() == [20, 10, 10]
    assert len(found[found.seen > 15]) == 1
    assert found.apart(0.4)[0].seen.tolist() == [20, 10]


# other networks


def test_a_finder_is_described_in_its_own_order() -> None:
    tensors = Tensors()
    first, outputs = describe(tensors)
    assert first.shape == tensors.input_shape
    assert tuple(end.shape for end in outputs) == SHAPES


def test_another_input_is_refused() -> None:
    tensors = Tensors()
    tensors.input_shape = (1, 240, 320, 1)
    with pytest.raises(ModelError, match=r"input has shape \(1, 240, 320, 1\); a finder's \(1, 256, 320, 1\)"):
        describe(tensors)


def test_a_missing_output_is_refused() -> None:
    tensors = Tensors()
    del tensors.shapes[4]
    with pytest.raises(ModelError, match=r"no output of shape \(1, 32, 40, 4\), which a finder has"):
        describe(tensors)


def test_a_finder_that_is_not_quantized_is_refused() -> None:
    with pytest.raises(ModelError, match="not int8 throughout"):
        Finder(Tensors(np.float32), installed())


def test_a_network_that_reads_is_refused_as_one_that_finds_and_the_other_way_round() -> None:
    with pytest.raises(ModelError, match=r"digits\.tflite: the model's input has shape \(1, 28, 28, 1\); a finder's"):
        open_finder(ModelConfig(finder=shipped_model()))
    with pytest.raises(ModelError, match=r"finder\.tflite: the model's input has shape \(1, 256, 320, 1\)|9 outputs"):
        open_classifier(ModelConfig(path=shipped_finder()))


@pytest.mark.parametrize("length", [0, 10, 50_000])
def test_a_truncated_finder_is_refused(length: int, finder_file: Path) -> None:
    finder_file.write_bytes(finder_file.read_bytes()[:length])
    with pytest.raises(ModelError, match=r"finder\.tflite: SHA-256 is .* damaged"):
        open_finder(ModelConfig(finder=str(finder_file)))
