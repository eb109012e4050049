from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from digitcam.model.ends import describe
from digitcam.model.runtime import installed, open_interpreter
from digitcam.recognition.classifier import Classifier
from digitlab.crops.batch import Crops
from digitlab.data import mnist as datasets
from digitlab.training.quantize import PER_CLASS, representative

if TYPE_CHECKING:
    from tests.host.conftest import Drawn


def test_the_representative_pictures_are_balanced_and_follow_the_seed() -> None:
    labels = np.random.default_rng(1).permutation(np.repeat(np.arange(11, dtype=np.uint8), 150))
    images = np.arange(1650, dtype=np.uint16).view(np.uint8).reshape(1650, 1, 2)  # each tells its own number
    crops = Crops(images, labels)
    sample = representative(crops, seed=4)
    chosen = np.ascontiguousarray(sample.crops).view(np.uint16).ravel()
    assert np.bincount(labels[chosen]).tolist() == [PER_CLASS] * 11
    assert len(set(chosen.tolist())) == 11 * PER_CLASS
    assert np.array_equal(sample.crops, representative(crops, seed=4).crops)
    assert not np.array_equal(sample.crops, representative(crops, seed=5).crops)


def test_int8_takes_grey_levels_and_gives_256ths(trained: Path) -> None:
    taken, given = describe(open_interpreter((trained / "int8.tflite").read_bytes()))
    assert (taken.shape, taken.dtype, taken.zero_point) == ((1, 28, 28, 1), "int8", -128)
    assert taken.scale == pytest.approx(1 / 255)
    assert (given.shape, given.dtype, given.zero_point, given.scale) == ((1, 11), "int8", -128, 1 / 256)


@pytest.mark.parametrize("name", ["float", "int8"])
def test_every_variant_reads_well(drawn: "Drawn", trained: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "SHA256", drawn.sha256)
    mnist = datasets.load(drawn.folder)
    classifier = Classifier(open_interpreter((trained / f"{name}.tflite").read_bytes()), installed())
    read = classifier.classify(mnist.test_images).argmax(axis=1)
    assert (read == mnist.test_labels).mean() > 0.8


def test_int8_is_small(trained: Path) -> None:
    assert (trained / "int8.tflite").stat().st_size < 120_000
    assert (trained / "int8.tflite").stat().st_size < (trained / "float.tflite").stat().st_size / 3


def test_quantizing_comes_after_training(drawn: "Drawn", crops: Path, tmp_path: Path) -> None:
    line = drawn.refused("quantize", "--crops", crops, "--out", tmp_path)
    assert f"model.keras: missing; run `digitlab train --out {tmp_path}` first" in line


def test_a_damaged_network_is_refused(drawn: "Drawn", crops: Path, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.npz").write_bytes((trained / "checkpoint.npz").read_bytes())
    (tmp_path / "model.keras").write_bytes((trained / "model.keras").read_bytes()[:1000])
    words = "quantize", "--crops", crops, "--out", tmp_path
    assert "model.keras: out of date: nobody noted how it was made; run `digitlab train --out " in drawn.refused(*words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.npz", "model.keras"]
    assert "model.keras: not a trained network" in drawn.refused(*words, "--keep")
    assert not list(tmp_path.glob("*.tflite"))
