import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.model.card import Contract, card_json, read_model
from digitcam.recognition.adoption.card import derive, write_card
from digitcam.recognition.adoption.exam import READS, examine
from digitcam.recognition.adoption.opening import open_classifier
from digitlab.publishing.card import publish
from digitlab.steps import StepError
from digitlab.training.framework import best_framework
from digitlab.training.fused import best_precision

if TYPE_CHECKING:
    from tests.host.conftest import Drawn


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A copy of the training that a test may damage."""
    return Path(shutil.copytree(trained, tmp_path / "train"))


def test_a_published_model_is_what_its_card_says(drawn: "Drawn", trained: Path) -> None:
    data, card = read_model(trained / "digits.tflite")
    assert data == (trained / "int8.tflite").read_bytes()
    assert card.sha256 == hashlib.sha256(data).hexdigest()
    assert set(card.accuracy) == {"float", "dynamic", "int8"}
    assert card.about["data"]["sha256"] == drawn.sha256
    assert card.about["seed"] == 1
    assert card.about["commands"][0] == "digitlab crops --variants 2 --drawn 600 --scenes 60 --held 36 --seed 1"
    precision = f"--framework {best_framework()} --precision {best_precision()}"
    assert card.about["commands"][1].startswith(f"digitlab teach --seed 1 {precision} --epochs 2 --batch 64 ")
    assert card.about["commands"][2].startswith(f"digitlab train --seed 1 {precision} --epochs 4 --batch 64 ")
    assert 0.25 <= card.about["temperature"] <= 4
    assert card.about["representative"]["per_class"] == 100
    assert card.about["bytes"]["int8"] == len(data)
    # the weights of the convolutions, of the last field and of the dense layer, and biases of every layer
    convolutions = 9 * (4 * 32 + 2 * 32 * 32 + 32 * 48 + 2 * 48 * 48)
    assert card.about["parameters"] == convolutions + 49 * 48 + 48 * 11 + (3 * 32 + 3 * 48 + 48 + 11)
    assert set(card.about["versions"]) == {"python", "tensorflow", "keras", "numpy", "opencv-python-headless"}


@pytest.mark.parametrize("step", ["train", "quantize", "evaluate"])
def test_publishing_needs_every_step(folder: Path, tmp_path: Path, step: str) -> None:
    made = {"train": "model.keras", "quantize": "int8.tflite", "evaluate": "evaluation.json"}[step]
    (folder / made).unlink()
    with pytest.raises(StepError, match=f"{made}: missing; run `digitlab {step} --out .* first"):
        publish(folder, tmp_path / "digits.tflite")


def test_publishing_refuses_what_is_not_as_it_was_made(folder: Path, tmp_path: Path) -> None:
    (folder / "int8.tflite").write_bytes((folder / "float.tflite").read_bytes())
    with pytest.raises(
        StepError, match=r"int8.tflite: out of date: it is not as it was made; run `digitlab quantize --out"
    ):
        publish(folder, tmp_path / "digits.tflite")


def test_a_report_is_of_the_model_that_its_training_made(drawn: "Drawn", folder: Path, tmp_path: Path) -> None:
    words = "--out", folder, "--model", folder / "digits.tflite", "--output", tmp_path / "report.html"
    other = json.loads((folder / "digits.json").read_text())
    other["sha256"] = "ab" * 32
    (folder / "digits.json").write_text(json.dumps(other))
    said = drawn.refused("report", *words)
    assert f"digits.json: not of {folder / 'int8.tflite'}; run `digitlab publish --out {folder} " in said
    assert not (tmp_path / "report.html").exists()
    (folder / "evaluation.json").unlink()
    assert f"run `digitlab evaluate --out {folder}` first" in drawn.refused("report", *words)


def test_a_full_disk_keeps_the_old_model(drawn: "Drawn", trained: Path, tmp_path: Path) -> None:
    model = tmp_path / "digits.tflite"
    for suffix in (".tflite", ".json"):
        shutil.copy(trained / f"digits{suffix}", tmp_path)
    before = read_model(model)
    line = drawn.refused("publish", "--out", trained, "--model", model, largest_kb=50)
    assert "digits.tflite" in line
    assert "cannot write: File too large" in line
    assert read_model(model) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.json", "digits.tflite"]


def test_a_folder_without_permission_is_named(drawn: "Drawn", trained: Path) -> None:
    assert "cannot write" in drawn.refused("publish", "--out", trained, "--model", "/proc/digits.tflite")


def test_a_model_of_your_own_gets_a_card(trained: Path, tmp_path: Path) -> None:
    model = Path(shutil.copy(trained / "float.tflite", tmp_path / "mine.tflite"))
    derived = derive(model)
    assert derived.card.input.dtype == "float32"
    model.with_suffix(".json").write_bytes(card_json(derived.card))
    assert examine(open_classifier(ModelConfig(path=str(model)))) == derived.exam


# In a process of its own: tflite-runtime does not survive TensorFlow.
MAKE = """
import sys
from pathlib import Path
import make
from digitcam.model.card import Contract

Path(sys.argv[1], "flat.tflite").write_bytes(make.reading(Contract(scale=255), (1, 784)))
for number, contract in enumerate(eval(sys.argv[2])):
    Path(sys.argv[1], f"{number}.tflite").write_bytes(make.reading(contract))
"""
CONTRACTS = (
    Contract(scale=255),
    Contract(scale=2, offset=-1),
    Contract(scale=1 / 0.3081, offset=-0.1307 / 0.3081),
    Contract(inverted=True, answers="independent"),
    Contract(scale=255, inverted=True, transposed=True),
)
UNUSUAL = Contract(scale=30, offset=-700)


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models of each contract, by number, and of one of an unusual one."""
    folder = tmp_path_factory.mktemp("readers")
    made = repr((*CONTRACTS, UNUSUAL))
    environ = {**os.environ, "PYTHONPATH": f"tests/device/models:{os.environ.get('PYTHONPATH', '')}"}
    subprocess.run([sys.executable, "-c", MAKE, folder, made], check=True, capture_output=True, env=environ)
    return folder


@pytest.mark.parametrize("number", range(len(CONTRACTS)), ids=map(str, CONTRACTS))
def test_a_card_says_how_a_model_wants_its_digits(number: int, readers: Path, tmp_path: Path) -> None:
    model = Path(shutil.copy(readers / f"{number}.tflite", tmp_path))
    derived = write_card(model)
    assert derived.card.contract == CONTRACTS[number]
    assert derived.exam is not None
    assert derived.exam.share >= READS
    assert examine(open_classifier(ModelConfig(path=str(model)))) == derived.exam


def test_pixels_in_one_row_are_tried_too(readers: Path, tmp_path: Path) -> None:
    model = Path(shutil.copy(readers / "flat.tflite", tmp_path))
    said = write_card(model).said
    assert re.fullmatch(r"shown 0 to 255, bright ink on black, it reads \d+ of 500 shipped digits, \d+ as .*", said)


def test_a_model_that_reads_in_no_usual_way_is_told_and_its_card_can_be_set_right(
    readers: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copy(readers / f"{len(CONTRACTS)}.tflite", tmp_path / "odd.tflite"))
    path = tmp_path / "odd.json"
    with pytest.raises(ModelError, match=f"{path}: written, but in none of the usual ways the model reads: "):
        write_card(model)
    card = json.loads(path.read_text())
    card["contract"] |= {"scale": UNUSUAL.scale, "offset": UNUSUAL.offset, "inverted": False, "transposed": False}
    path.write_text(json.dumps(card))
    assert examine(open_classifier(ModelConfig(path=str(model)))).share >= READS
