"""The classifier turns crops into probabilities, with the model that is shipped."""

import re
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.labels import check_labels
from digitcam.model.card import Contract
from digitcam.model.ends import describe
from digitcam.model.runtime import installed
from digitcam.recognition.adoption import shipped
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import Classifier


class Tensors:
    """An interpreter of given input and output whose answer is always the same row."""

    def __init__(self, row: Sequence[float], dtype: type = np.float32, scale: float = 0.0, zero: int = 0) -> None:
        self.row, self.dtype, self.scale, self.zero = np.array([row]), dtype, scale, zero
        self.seen: NDArray[Any] | None = None
        self.shape: tuple[int, ...] = (1, 28, 28, 1)

    def _detail(self, shape: tuple[int, ...]) -> list[dict[str, Any]]:
        return [{"index": 0, "shape": np.array(shape), "dtype": self.dtype, "quantization": (self.scale, self.zero)}]

    def allocate_tensors(self) -> None: ...

    def invoke(self) -> None: ...

    def get_input_details(self) -> list[dict[str, Any]]:
        return self._detail(self.shape)

    def get_output_details(self) -> list[dict[str, Any]]:
        return self._detail((1, len(self.row[0])))

    def set_tensor(self, tensor_index: int, value: NDArray[Any]) -> None:
        assert tensor_index == 0
        self.seen = value

    def get_tensor(self, tensor_index: int) -> NDArray[Any]:
        assert tensor_index == 0
        return self.row


ONE_HOT = [0.0] * 3 + [1.0] + [0.0] * 6
CROPS = np.arange(28 * 28, dtype=np.int64).reshape(1, 28, 28).astype(np.uint8)


def test_the_shipped_model_gives_probabilities_that_add_up_to_one() -> None:
    crops = np.random.default_rng(1).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    probabilities = open_classifier(ModelConfig()).classify(crops)
    assert probabilities.shape == (5, 11)
    assert probabilities.dtype == np.float32
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_no_crops_give_no_probabilities() -> None:
    assert open_classifier(ModelConfig()).classify(np.empty((0, 28, 28), np.uint8)).shape == (0, 11)


def test_an_int8_model_sees_the_pixel_less_128() -> None:
    tensors = Tensors([-128] * 10, np.int8, 1 / 255, -128)
    Classifier(tensors, installed()).classify(CROPS)
    assert tensors.seen is not None
    assert tensors.seen.dtype == np.int8
    assert np.array_equal(tensors.seen[0, ..., 0], (CROPS[0] ^ 0x80).view(np.int8))


def test_a_float_model_sees_zero_to_one() -> None:
    tensors = Tensors(ONE_HOT)
    assert Classifier(tensors, installed()).classify(CROPS).argmax() == 3
    assert tensors.seen is not None
    assert np.allclose(tensors.seen[0, ..., 0], CROPS[0] / 255)


@pytest.mark.parametrize(
    ("contract", "seen"),
    [
        (Contract(scale=255), CROPS[0].astype(float)),
        (Contract(scale=2, offset=-1), CROPS[0] / 127.5 - 1),
        (Contract(inverted=True), 1 - CROPS[0] / 255),
        (Contract(255, -128, inverted=True, transposed=True), 127.0 - CROPS[0].T),
    ],
)
def test_a_model_sees_what_its_contract_says(contract: Contract, seen: NDArray[np.float64]) -> None:
    tensors = Tensors(ONE_HOT)
    Classifier(tensors, installed(), contract).classify(CROPS)
    assert tensors.seen is not None
    assert np.allclose(tensors.seen[0, ..., 0], seen, atol=1e-4)


def test_a_quantized_model_of_0_to_255_sees_the_grey_level() -> None:
    tensors = Tensors([1] * 10, np.uint8, 1.0)
    Classifier(tensors, installed(), Contract(scale=255)).classify(CROPS)
    assert tensors.seen is not None
    assert np.array_equal(tensors.seen[0, ..., 0], CROPS[0])


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 1, 28, 28), (1, 784)])
def test_a_model_may_have_its_channel_elsewhere_or_none(shape: tuple[int, ...]) -> None:
    tensors = Tensors(ONE_HOT)
    tensors.shape = shape
    Classifier(tensors, installed()).classify(CROPS)
    assert tensors.seen is not None
    assert tensors.seen.shape == shape
    assert np.allclose(tensors.seen.ravel(), CROPS.ravel() / 255)


INDEPENDENT = Contract(answers="independent")


def test_independent_answers_become_the_probabilities_that_at_most_one_digit_is_there() -> None:
    found = Classifier(Tensors([0.9, 0.5] + [0.0] * 8), installed(), INDEPENDENT).classify(CROPS)
    # the first alone: 0.9 * 0.5; the second alone: 0.1 * 0.5; none: 0.1 * 0.5
    assert found[0, [0, 1, 10]] == pytest.approx(np.array([0.45, 0.05, 0.05]) / 0.55, abs=1e-4)
    assert found.sum() == pytest.approx(1)


def test_independent_answers_of_a_model_that_knows_no_digit_as_well() -> None:
    found = Classifier(Tensors([0.0] * 10 + [0.8]), installed(), INDEPENDENT).classify(CROPS)
    assert found[0, 10] == pytest.approx(1, abs=1e-4)


def test_independent_answers_that_are_quite_sure_are_finite() -> None:
    found = Classifier(Tensors([1.0] + [0.0] * 9), installed(), INDEPENDENT).classify(CROPS)
    assert found[0, 0] == pytest.approx(1, abs=1e-4)


def test_logits_become_probabilities() -> None:
    found = Classifier(Tensors([0, 0, 5, -3, 0, 0, 0, 0, 0, 0]), installed()).classify(CROPS)
    assert found.sum() == pytest.approx(1)
    assert found[0, 2] == pytest.approx(np.exp(5) / (np.exp(5) + np.exp(-3) + 8))


def test_logits_between_zero_and_one_are_still_logits() -> None:
    found = Classifier(Tensors([0.9] * 9 + [1.0]), installed()).classify(CROPS)
    assert found[0, 9] == pytest.approx(np.exp(0.1) / (np.exp(0.1) + 9))


def test_a_model_of_other_classes_without_labels_is_refused() -> None:
    with pytest.raises(ModelError, match="gives 5 answers, and nothing says of what; write a label for each, in"):
        Classifier(Tensors([0.0] * 5), installed())
    with pytest.raises(ModelError, match="gives 5 answers, and its labels are 2; write a label for each, in"):
        Classifier(Tensors([0.0] * 5), installed(), labels=("a", "b"))


@pytest.mark.parametrize("shape", [(1, 28, 30, 1), (2, 28, 28, 1), (1, 28, 28, 2), (1, 300, 300, 1), (1, 7), (28, 28)])
def test_an_input_that_is_no_square_picture_is_refused(shape: tuple[int, ...]) -> None:
    tensors = Tensors(ONE_HOT)
    tensors.shape = shape
    with pytest.raises(ModelError, match=re.escape(f"input has shape {shape}")):
        describe(tensors)


@pytest.mark.parametrize(("shape", "axis"), [((1, 32, 32, 3), 2), ((1, 3, 32, 32), 0), ((1, 32, 32, 1), None)])
def test_a_model_may_take_colour_and_another_size(shape: tuple[int, ...], axis: int | None) -> None:
    tensors = Tensors(ONE_HOT)
    tensors.shape = shape
    classifier = Classifier(tensors, installed())
    assert (classifier.side, classifier.box) == (32, 23)
    crop = np.arange(32 * 32).reshape(32, 32).astype(np.uint8)
    classifier.classify(crop[None])
    assert tensors.seen is not None
    assert tensors.seen.shape == shape
    seen = tensors.seen[0] if axis is None else tensors.seen[0].take(1, axis=axis)
    assert np.allclose(seen.reshape(32, 32), crop / 255)


def test_crops_of_the_usual_size_are_brought_to_the_models() -> None:
    tensors = Tensors(ONE_HOT)
    tensors.shape = (1, 64, 64, 1)
    crops, _ = shipped.read_digits()
    larger = Classifier(tensors, installed()).fitted(crops[:5])
    assert larger.shape == (5, 64, 64)
    for crop, usual in zip(larger, crops, strict=False):
        assert max(np.ptp(where) + 1 for where in np.nonzero(crop > 8)) in {45, 46}
        assert np.corrcoef(cv2.resize(crop, (28, 28), interpolation=cv2.INTER_AREA).ravel(), usual.ravel())[0, 1] > 0.9


def test_labels_are_given_in_order_and_none_comes_last() -> None:
    classifier = Classifier(Tensors([0.1, 0.2, 0.7]), installed(), labels=("x", "none", "stop"))
    assert classifier.labels.texts == ("x", "stop")
    assert classifier.knows_none
    assert classifier.classify(CROPS)[0] == pytest.approx([0.1, 0.7, 0.2])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (("a", "a"), "label 2 is 'a' again"),
        (("a", ""), "label 2 is ''; a label is 1 to 32 characters"),
        (("a b", "c"), "label 1 is 'a b'"),
        (("none",), "no label but 'none'"),
    ],
)
def test_labels_that_are_none_are_refused(labels: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        check_labels(labels)


def test_a_model_of_another_type_is_refused() -> None:
    with pytest.raises(ModelError, match="int16"):
        describe(Tensors(ONE_HOT, np.int16, 1.0))


def test_an_int8_model_without_a_scale_is_refused() -> None:
    with pytest.raises(ModelError, match="without a quantization scale"):
        describe(Tensors(ONE_HOT, np.int8))
