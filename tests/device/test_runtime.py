"""A model of another kind is refused, saying in what it differs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from digitcam.errors import ModelError
from digitcam.model.runtime import RUNTIMES, installed, open_interpreter
from digitcam.recognition.classifier import Classifier

MODELS = Path(__file__).parent / "models"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong-side", "input has shape (1, 32, 32, 1); a digit model's has (1, 28, 28, 1)"),
        ("wrong-classes", "output has shape (1, 26); a digit model's has (1, 11) or (1, 10)"),
        ("wrong-dtype", "input is int32; int8, uint8 and float32 are known"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(
    name: str, words: str, tiny: Callable[[str], Path], refused: Callable[..., str]
) -> None:
    model = tiny(name)
    line = refused("read", "--model", model, "any.png")
    assert str(model) in line
    assert words in line


def test_a_model_that_fits_is_run(tiny: Callable[[str], Path]) -> None:
    classifier = Classifier(open_interpreter(tiny("fits").read_bytes()), installed())
    crop = np.zeros((1, 28, 28), np.uint8)
    crop[0, 0, 7] = 255  # this model's answer is the softmax of the first ten pixels
    assert classifier.classify(crop)[0].argmax() == 7


@pytest.mark.parametrize("data", [b"", b"no model", b"no model at all" * 100])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="cannot load the model"):
        open_interpreter(data)


def test_the_installed_runtime_is_told() -> None:
    runtime = installed()
    assert runtime.name in RUNTIMES
    assert runtime.version[0].isdecimal()
    assert runtime.device == "CPU"
