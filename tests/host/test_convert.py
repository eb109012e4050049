"""A network of one's own becomes what the device reads: a nearest mean of the shipped digits, saved as Keras saves."""

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from digitcam.config import ModelConfig
from digitcam.model.card import load_card
from digitcam.recognition.adoption import shipped
from digitcam.recognition.adoption.exam import READS, examine
from digitcam.recognition.adoption.opening import open_classifier

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

# In a process of its own: tflite-runtime does not survive TensorFlow.
MAKE = """
import sys
from pathlib import Path
from digitlab.training.framework import load_tensorflow
load_tensorflow()
import keras, numpy as np
from digitcam.recognition.adoption import shipped

folder = Path(sys.argv[1])
images, labels = shipped.read_digits()
means = np.stack([(images[labels == digit] / 255).mean(axis=0).ravel() for digit in range(10)])

def network(scale):
    model = keras.Sequential([
        keras.Input((28, 28, 1)), keras.layers.Rescaling(1 / scale), keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax")])
    model.layers[-1].set_weights([means.T, -(means ** 2).sum(axis=1) / 2])
    return model

network(1).save(folder / "mine.keras")
network(255).export(folder / "saved", verbose=False)
network(1).save(folder / "letters.keras")
(folder / "letters.txt").write_text("\\n".join("OIZEASGTBP") + "\\n")
"""


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks")
    subprocess.run([sys.executable, "-c", MAKE, folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight of each shipped digit, dark ink on light paper, in a folder for each."""
    folder = tmp_path_factory.mktemp("pictures")
    images, labels = shipped.read_digits()
    for digit in range(10):
        (folder / f"{digit}").mkdir()
        for number, image in enumerate(images[labels == digit][:8]):
            cv2.imwrite(str(folder / f"{digit}" / f"{number}.png"), 240 - image // 2)
    return folder


@pytest.fixture(scope="module")
def converted(drawn: "Drawn", networks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("converted")
    for source in ("mine.keras", "saved"):
        done = drawn.digitlab("convert", networks / source, "--out", out)
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stderr.splitlines() if "━" not in line] == []
        assert f"digitcam read --model {out}/{Path(source).stem}-int8.tflite" in done.stdout
    return out


@pytest.mark.parametrize("name", ["mine-float", "mine-int8", "saved-float", "saved-int8"])
def test_both_forms_are_read_with_their_card(converted: Path, name: str) -> None:
    classifier = open_classifier(ModelConfig(path=str(converted / f"{name}.tflite")))
    assert examine(classifier).share > READS
    assert load_card(converted / f"{name}.tflite").input.dtype == ("int8" if "int8" in name else "float32")


def test_the_range_that_the_network_wants_is_found_and_measured_in(converted: Path) -> None:
    for name, scale in (("mine", 1), ("saved", 255)):
        card = load_card(converted / f"{name}-int8.tflite")
        assert card.contract.scale == scale
        assert card.input.scale == pytest.approx(scale / 255, rel=0.01)
        assert card.about["representative"] == {"from": "the shipped digits", "pictures": 500}


def test_the_range_is_found_in_pictures_of_ones_own(
    drawn: "Drawn", networks: Path, pictures: Path, tmp_path: Path
) -> None:
    done = drawn.digitlab("convert", networks / "saved", "--out", tmp_path, "--data", pictures)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("shown 0 to 255, bright ink on black, it reads ") == 2


def test_an_own_model_gets_the_tables_of_every_evaluation(drawn: "Drawn", converted: Path, pictures: Path) -> None:
    models = converted / "mine-int8.tflite", converted / "mine-float.tflite"
    done = drawn.digitlab("evaluate", "--data", pictures, "--model", *models)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("80 test pictures")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    rows = {row[0]: row for row in cells}
    for model in models:
        shares = open_classifier(ModelConfig(path=str(model))).classify(shipped.read_digits()[0])
        labels = shipped.read_digits()[1]
        eight = np.concatenate([np.flatnonzero(labels == digit)[:8] for digit in range(10)])
        right = int((shares[eight, :10].argmax(axis=1) == labels[eight]).sum())
        # the pictures have half the contrast: one or the other may be read otherwise
        assert float(rows[model.stem][1].removesuffix(" %")) == pytest.approx(100 * right / 80, abs=4)
    assert "| mine-int8 " in done.stdout
    assert sum(int(cell) for digit in range(10) for cell in [rows[str(digit)][1]] if cell.isdigit()) > 0


def test_other_labels_need_pictures_of_them(drawn: "Drawn", networks: Path, pictures: Path, tmp_path: Path) -> None:
    line = drawn.refused("convert", networks / "letters.keras", "--out", tmp_path)
    assert "letters.keras: reads O I Z E A S G T B P: name pictures of them" in line
    assert "A/1.png" in line
    renamed = tmp_path / "pictures"
    renamed.mkdir()
    for digit, letter in enumerate("OIZEASGTBP"):
        (renamed / letter).symlink_to(pictures / f"{digit}")
    done = drawn.digitlab("convert", networks / "letters.keras", "--out", tmp_path, "--data", renamed)
    assert done.returncode == 0, done.stderr
    card = load_card(tmp_path / "letters-int8.tflite")
    assert "".join(card.labels) == "OIZEASGTBP"
    assert card.about["representative"]["pictures"] == 80
    told = drawn.digitlab("evaluate", "--data", renamed, "--model", tmp_path / "letters-int8.tflite").stdout
    assert re.findall(r"^\| ([OZP]) .* %", told, re.MULTILINE) == ["O", "Z", "P"]
    (renamed / "Q").mkdir()
    said = drawn.refused("evaluate", "--data", renamed, "--model", tmp_path / "letters-int8.tflite")
    assert "Q: no label of the model's, which are O I Z E A S G T B P" in said


def test_what_is_no_network_is_refused(drawn: "Drawn", tmp_path: Path) -> None:
    (tmp_path / "cut.keras").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("nothing.keras", "neither a .keras file nor the folder of a SavedModel"),
        ("cut.keras", "no Keras model"),
        ("empty", "no SavedModel with a signature serving_default"),
    ):
        assert said in drawn.refused("convert", tmp_path / name)


def test_evaluating_an_own_model_needs_pictures(drawn: "Drawn", converted: Path, tmp_path: Path) -> None:
    model = converted / "mine-int8.tflite"
    assert "--model needs --data" in drawn.refused("evaluate", "--model", model)
    assert "nowhere: no such folder" in drawn.refused("evaluate", "--model", model, "--data", tmp_path / "nowhere")
