"""Two kinds of picture, upright and level bars, stand for 1 and 0, so that every figure can be worked out by hand."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.errors import ModelError, OutputError
from digitcam.model.runtime import installed
from digitlab.accuracy import Bin, reliability, score, wilson
from digitlab.evaluation.store import save
from digitlab.evaluation.variants import evaluate, load

# In a process of its own: tflite-runtime does not survive TensorFlow.
MAKE_MODELS = """
import sys
from pathlib import Path
import keras, numpy as np, tensorflow as tf

folder = Path(sys.argv[1])
upright, level = np.zeros((2, 28, 28), np.float32)
upright[4:9, 12:16] = level[12:16, 4:9] = 1
pixels = np.stack([level, upright], axis=-1).reshape(784, 2)

def convert(name, weights, bias, kind):
    model = keras.Sequential([
        keras.Input((28, 28, 1), batch_size=1), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
    model.layers[-1].set_weights([weights, bias])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if kind != "float":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "int8":
        converter.representative_dataset = lambda: ([p[None, ..., None]] for p in (upright, level))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    (folder / f"{name}.tflite").write_bytes(converter.convert())

bars = np.pad(pixels, ((0, 0), (0, 8)))
for kind in ("float", "dynamic", "int8"):
    convert(kind, bars, np.zeros(10), kind)
convert("always-1", np.zeros((784, 10)), 5.0 * np.eye(10)[1], "float")
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, "-c", MAKE_MODELS, folder], check=True, capture_output=True)
    return folder


def bars(kinds: str) -> NDArray[np.uint8]:
    """A bar for each character, "1" upright and "0" level, off the centre as in a picture not yet normalized."""
    images = np.zeros((len(kinds), 28, 28), np.uint8)
    for image, kind in zip(images, kinds, strict=True):
        bar = image[2:22, 3:7] if kind == "1" else image[3:7, 2:22]
        bar[:] = 255
    return images


# Seven pictures labelled 1, one of them a level bar, and three labelled 0: the model is right 9 times in 10.
IMAGES = bars("1111110000")
LABELS = np.array([1, 1, 1, 1, 1, 1, 1, 0, 0, 0], np.uint8)


def test_each_variant_is_read_through_the_devices_own_code(models: Path) -> None:
    found = evaluate({name: models / f"{name}.tflite" for name in ("float", "int8")}, IMAGES, LABELS)
    assert found.n == 10
    assert found.runtime == f"{installed().name} {installed().version}"
    for variant in found.variants:
        assert variant.score is not None
        assert variant.score.right == 9
        assert variant.score.predicted == [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
        assert variant.size == (models / f"{variant.name}.tflite").stat().st_size
    assert found.shipped.confusion[0][:2] == [3, 0]
    assert found.shipped.confusion[1][:2] == [1, 6]
    assert np.sum(found.shipped.confusion) == 10


def test_a_variant_is_compared_with_the_float_one(models: Path) -> None:
    found = evaluate({"float": models / "float.tflite", "int8": models / "always-1.tflite"}, IMAGES, LABELS)
    reference, shipped = found.variants
    assert (reference.drop, reference.agreement, reference.size_ratio) == (0, 1, 1)
    assert shipped.drop == pytest.approx(100 * (0.9 - 0.7))
    assert shipped.agreement == pytest.approx(0.6), "the float variant reads six of the ten as 1"
    assert shipped.size_ratio == shipped.size / reference.size


def test_without_a_float_variant_nothing_is_compared(models: Path) -> None:
    (only,) = evaluate({"int8": models / "int8.tflite"}, IMAGES, LABELS).variants
    assert (only.drop, only.agreement, only.size_ratio) == (None, None, None)


def test_a_variant_that_this_runtime_cannot_load_is_told_and_stops_nothing(models: Path, tmp_path: Path) -> None:
    (tmp_path / "dynamic.tflite").write_bytes(b"no model at all")
    found = evaluate({"dynamic": tmp_path / "dynamic.tflite", "int8": models / "int8.tflite"}, IMAGES, LABELS)
    dynamic, shipped = found.variants
    assert dynamic.score is None
    assert dynamic.problem.startswith(f"not loadable in {found.runtime}: ")
    assert dynamic.problem in found.table()
    assert shipped.score is not None
    assert shipped.problem == ""


@pytest.mark.skipif(installed().name != "tflite-runtime", reason="LiteRT loads dynamic-range models")
def test_tflite_runtime_cannot_load_a_dynamic_range_dense_layer(models: Path) -> None:
    found = evaluate({name: models / f"{name}.tflite" for name in ("dynamic", "int8")}, IMAGES, LABELS)
    assert "FULLY_CONNECTED" in found.variants[0].problem


def test_an_int8_model_that_cannot_be_loaded_is_an_error(models: Path, tmp_path: Path) -> None:
    broken = tmp_path / "int8.tflite"
    broken.write_bytes(b"no model at all")
    with pytest.raises(ModelError, match=r"int8\.tflite: .* cannot load the model"):
        evaluate({"float": models / "float.tflite", "int8": broken}, IMAGES, LABELS)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"int8\.tflite: cannot read: No such file or directory; `digitlab quantize --out .*` makes it"
    ):
        evaluate({"int8": tmp_path / "int8.tflite"}, IMAGES, LABELS)


def test_int8_cannot_be_left_out(models: Path) -> None:
    with pytest.raises(ModelError, match="no int8 variant among float"):
        evaluate({"float": models / "float.tflite"}, IMAGES, LABELS)


@pytest.mark.parametrize("images", [IMAGES[:0], IMAGES[:9]])
def test_every_picture_needs_a_label(images: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=f"{len(images)} pictures and 10 labels"):
        evaluate({}, images, LABELS)


def test_the_table_has_the_figures_that_a_person_looks_for(models: Path) -> None:
    table = evaluate({name: models / f"{name}.tflite" for name in ("float", "int8")}, IMAGES, LABELS).table()
    int8 = next(line for line in table.splitlines() if line.startswith("| int8 "))
    assert int8.split()[1:10] == ["int8", "|", "90.00", "%", "|", "59.58", "to", "98.21", "%"]
    assert "0.00 points" in int8
    one = next(line for line in table.splitlines() if line.startswith("| 1 "))
    assert [cell.strip() for cell in one.split("|")[1:-1]] == ["1", "7", "6", "85.71 %", "100.00 %"]
    assert max(map(len, table.splitlines())) <= 120


def test_an_evaluation_is_saved_and_read_back(models: Path, tmp_path: Path) -> None:
    found = evaluate({"int8": models / "int8.tflite"}, IMAGES, LABELS)
    save(found, tmp_path / "evaluation.json")
    assert load(tmp_path / "evaluation.json") == found


def test_an_evaluation_cannot_be_saved_in_a_folder_that_is_not_there(models: Path, tmp_path: Path) -> None:
    found = evaluate({"int8": models / "int8.tflite"}, IMAGES, LABELS)
    with pytest.raises(OutputError, match="No such file or directory"):
        save(found, tmp_path / "nowhere" / "evaluation.json")


@pytest.mark.parametrize("content", [None, b"{", b'{"runtime": 1}'])
def test_what_is_no_evaluation_is_refused_by_name(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "evaluation.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"evaluation\.json: .*run `digitlab evaluate --out "):
        load(path)


@pytest.mark.parametrize(
    ("right", "n", "expected"),
    [
        # Worked out with z = 1.959964 from the formula in Wilson (1927).
        (9, 10, (0.595848, 0.982122)),
        (0, 10, (0.0, 0.277533)),
        (10, 10, (0.722467, 1.0)),
        (1, 1, (0.206549, 1.0)),
    ],
)
def test_wilson_interval(right: int, n: int, expected: tuple[float, float]) -> None:
    assert wilson(right, n) == pytest.approx(expected, abs=2e-6)


def test_score_of_five_readings() -> None:
    labels = np.array([0, 0, 1, 1, 2], np.uint8)
    predicted = np.array([0, 1, 1, 1, 0], np.int64)
    confidence = np.array([0.9, 0.6, 0.8, 0.7, 0.5], np.float32)
    found = score(predicted, confidence, labels)
    assert found.right == 3
    assert found.accuracy == pytest.approx(0.6)
    assert [row[:3] for row in found.confusion[:3]] == [[1, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert np.sum(found.confusion) == 5
    assert [(c.n, c.right, c.recall, c.precision) for c in found.classes[:4]] == [
        (2, 1, 0.5, 0.5),
        (2, 2, 1.0, pytest.approx(2 / 3)),
        (1, 0, 0.0, None),
        (0, 0, None, None),
    ]
    # Each has a bin of its own: 0.1 and 0.2 and 0.3 short of being right, 0.6 and 0.5 sure of being wrong.
    assert found.calibration_error == pytest.approx((0.1 + 0.6 + 0.2 + 0.3 + 0.5) / 5)
    assert found.predicted == [0, 1, 1, 1, 0]
    assert found.predictions().tolist() == [0, 1, 1, 1, 0]
    assert found.confidence == [0.9, 0.6, 0.8, 0.7, 0.5]


def test_readings_of_like_confidence_share_a_bin() -> None:
    found = reliability(np.array([0.95, 1.0, 0.1]), np.array([True, False, True]))
    assert found == [Bin(n=1, confidence=0.1, right=1), Bin(n=2, confidence=0.975, right=1)]


def test_what_classifies_never_imports_tensorflow() -> None:
    look = "import sys, digitlab.reports.report, digitlab.training.baseline; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
