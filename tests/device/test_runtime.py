"""A model of another kind is refused, saying in what it differs."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest

from digitcam.errors import ModelError, RuntimeMissingError
from digitcam.model.runtime import RUNTIMES, installed, open_interpreter
from digitcam.recognition.classifier import Classifier


def is_installed(distribution: str) -> bool:
    try:
        return bool(version(distribution))
    except PackageNotFoundError:
        return False


INSTALLED = [name for name in RUNTIMES if is_installed(name)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong-side", "input has shape (1, 300, 300, 1); a picture of 8 to 256 pixels"),
        ("wrong-classes", "gives 26 answers, and nothing says of what"),
        ("wrong-dtype", "input is int32; int8, uint8 and float32 are known"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(
    name: str, words: str, bare: Callable[[str], Path], refused: Callable[..., str]
) -> None:
    model = bare(name)
    line = refused("read", "--model", model, "any.png")
    assert str(model) in line
    assert words in line


@pytest.mark.skipif(installed().name != "tflite-runtime", reason="LiteRT loads it")
def test_a_dynamic_range_model_is_refused_with_what_reads_it(
    tiny: Callable[[str], Path], refused: Callable[..., str]
) -> None:
    line = refused("read", "--model", tiny("dynamic-range"), "any.png")
    assert "does not know FULLY_CONNECTED version 12, which converting with dynamic range gives; convert it to" in line
    assert 'model.runtime = "litert"' in line


def test_a_model_of_tensorflows_own_operations_is_refused(
    tiny: Callable[[str], Path], refused: Callable[..., str]
) -> None:
    line = refused("read", "--model", tiny("flex"), "any.png")
    assert "operations of TensorFlow's own; convert it with `supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]`" in line


@pytest.mark.skipif(len(INSTALLED) > 1, reason="both runtimes are installed")
def test_a_runtime_that_is_not_installed_is_told(refused: Callable[..., str]) -> None:
    other = "litert" if installed().name == "tflite-runtime" else "tflite-runtime"
    line = refused("read", "--runtime", other, "any.png")
    assert f'model.runtime is "{other}", but ' in line
    assert "ai-edge-litert" in line or "tflite-runtime ends at Python 3.11; use LiteRT here" in line


def test_a_model_that_fits_is_run(tiny: Callable[[str], Path]) -> None:
    classifier = Classifier(open_interpreter(tiny("fits").read_bytes()), installed())
    crop = np.zeros((1, 28, 28), np.uint8)
    crop[0, 0, 7] = 255  # this model's answer is the softmax of the first ten pixels
    assert classifier.classify(crop)[0].argmax() == 7


@pytest.mark.parametrize("data", [b"", b"no model", b"no model at all" * 100])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"cannot load the model: .* convert it, or copy it here, again"):
        open_interpreter(data)


def test_a_runtime_that_is_broken_is_told_and_no_other_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package, content in (("broken_runtime", "raise ImportError('no such symbol')"), ("other_runtime", "")):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(f"__version__ = '1'\n{content}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(RUNTIMES, "tflite-runtime", "broken_runtime.interpreter")
    monkeypatch.setitem(RUNTIMES, "ai-edge-litert", "other_runtime.interpreter")
    with pytest.raises(RuntimeMissingError, match="tflite-runtime does not work here: no such symbol"):
        installed()
    assert installed("litert").version == "1"


def test_a_folder_that_a_runtime_left_behind_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "left_behind").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    for name in RUNTIMES:
        monkeypatch.setitem(RUNTIMES, name, "left_behind.interpreter")
    with pytest.raises(RuntimeMissingError, match="no TFLite runtime is installed"):
        installed()


def test_the_installed_runtime_is_told() -> None:
    runtime = installed()
    assert runtime.name in RUNTIMES
    assert runtime.version[0].isdecimal()
    assert runtime.device == "CPU"
