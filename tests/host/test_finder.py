"""The finder from its scenes to the device, command by command, with a tiny training."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.model.card import read_model
from digitcam.model.runtime import open_interpreter
from digitcam.recognition.finder import SHAPES, open_finder
from digitcam.recognition.look import HEIGHT, WIDTH, Look, Region
from digitlab.cli.main import main
from digitlab.evaluation import finder_figures
from digitlab.publishing.finder_card import publish
from digitlab.scenes.pool import Pool
from digitlab.steps import StepError
from digitlab.training.finder import Settings
from digitlab.training.framework import FRAMEWORKS, JAX, TENSORFLOW, best_framework
from digitlab.training.fused import best_precision
from digitlab.training.loop import TrainingError

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

FINDING = ("--views", "128", "--batch", "8")
KERNEL = 4  # dimensions of a convolution's kernel
SLOWLY = ("--rate", "0.0003")  # what frameworks round differently does not grow


def test_training_is_noted(finder: Path) -> None:
    history = json.loads((finder / "history.json").read_text())
    assert [entry["views"] for entry in history] == [64, 128]
    assert history[-1]["score"] < history[0]["score"]


def test_a_published_finder_can_be_trained_on(drawn: "Drawn", scenes: Path, finder: Path, tmp_path: Path) -> None:
    published = finder / "finder.tflite"
    restored = tmp_path / "restored"
    for words in (
        ("finder-restore", "--model", published, "--pool", scenes, "--out", restored),
        ("finder-quantize", "--pool", scenes, "--out", restored),
        ("finder", *FINDING, "--first", restored / "finder.keras", "--pool", scenes, "--out", tmp_path / "on"),
    ):
        done = drawn.digitlab(*words)
        assert done.returncode == 0, done.stderr
    images = [scene.image[:HEIGHT, :WIDTH] for scene in Pool(scenes / "held")]
    before, after = (_answers(path, images) for path in (published, restored / "int8.tflite"))
    for one, other in zip(before, after, strict=True):
        assert np.abs(one - other).mean() < 0.1 * np.abs(one).mean()


def _answers(model: Path, images: list[NDArray[np.uint8]]) -> list[NDArray[np.float64]]:
    """Give what a finder answers, of each of its tensors."""
    interpreter = open_interpreter(model.read_bytes())
    of = {tuple(details["shape"]): details for details in interpreter.get_output_details()}
    answers: dict[tuple[int, ...], list[NDArray[np.float64]]] = {shape: [] for shape in SHAPES}
    for image in images:
        stored = (image ^ 128).view(np.int8)[None, ..., None]
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], stored)
        interpreter.invoke()
        for shape, told in answers.items():
            scale, zero = of[shape]["quantization"]
            told.append((interpreter.get_tensor(of[shape]["index"]).astype(float) - zero) * scale)
    return [np.stack(told) for told in answers.values()]


@pytest.mark.parametrize("content", [b"", b"TFL3", b"x" * 5000])
def test_what_is_no_finder_is_not_restored(drawn: "Drawn", scenes: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "finder.tflite"
    path.write_bytes(content)
    said = drawn.refused("finder-restore", "--model", path, "--pool", scenes, "--out", tmp_path / "restored")
    assert f"{path}: not a published finder of this network" in said


def test_another_network_is_not_restored(drawn: "Drawn", scenes: Path, tmp_path: Path) -> None:
    model = ModelConfig().path
    said = drawn.refused("finder-restore", "--model", model, "--pool", scenes, "--out", tmp_path)
    assert "not a published finder of this network (its operations follow each other differently)" in said


def test_an_interrupted_training_goes_on_after_its_last_part(drawn: "Drawn", scenes: Path, tmp_path: Path) -> None:
    words = ("finder", *FINDING, "--pool", scenes, "--out", tmp_path)
    process = subprocess.Popen(
        drawn.command(*words), env=drawn.environ, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("       64 views"):
                break
        # as Ctrl-C at a terminal: to every process of the command
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    command = f"digitlab finder --views 128 --batch 8 --pool {scenes} --out {tmp_path}"
    assert f"`{command}` goes on after the last finished part" in said
    assert (tmp_path / "finder.keras").is_file()  # what it can do so far

    again = drawn.digitlab(*words)
    assert again.returncode == 0, again.stderr
    assert "       64 views" not in again.stderr
    assert "      128 views" in again.stderr
    assert [entry["views"] for entry in json.loads((tmp_path / "history.json").read_text())] == [64, 128]

    same = drawn.digitlab(*words)
    assert "finder.keras: up to date" in same.stdout


def test_the_first_weights_are_kept_in_part(drawn: "Drawn", scenes: Path, finder: Path, tmp_path: Path) -> None:
    first = finder / "finder.keras"
    out = {kept: tmp_path / kept for kept in ("0", "0.25")}
    for kept, folder in out.items():
        words = ("--first", first, "--kept", kept, "--precision", "float32", "--pool", scenes, "--out", folder)
        done = drawn.digitlab("finder", *FINDING, *words)
        assert done.returncode == 0, done.stderr
    before, trained, mixed = (_kernels(path) for path in (first, *(folder / "finder.keras" for folder in out.values())))
    moved, away = (np.abs(one - before).mean() for one in (trained, mixed))
    assert np.abs(mixed - (0.25 * before + 0.75 * trained)).mean() < 0.1 * moved
    assert away == pytest.approx(0.75 * moved, rel=0.1)
    refused = drawn.refused("finder", *FINDING, "--kept", "0.25", "--pool", scenes, "--out", tmp_path / "none")
    assert "kept is 0.25, of no first weights" in refused


def _kernels(trained: Path) -> NDArray[np.float64]:
    """Give all kernels of a trained finder, one after another; without Keras, which imports TensorFlow."""
    kernels: list[NDArray[np.float64]] = []

    def keep(_: str, saved: object) -> None:
        if isinstance(saved, h5py.Dataset) and saved.ndim == KERNEL:
            kernels.append(np.asarray(saved, np.float64).ravel())

    with ZipFile(trained) as parts, h5py.File(io.BytesIO(parts.read("model.weights.h5"))) as weights:
        weights.visititems(keep)
    return np.concatenate(kernels)


def test_either_framework_learns_alike(drawn: "Drawn", scenes: Path, finder: Path, tmp_path: Path) -> None:
    losses = {}
    for framework in FRAMEWORKS:
        out = tmp_path / framework
        words = ("--framework", framework, "--precision", "float32", "--first", finder / "finder.keras", *SLOWLY)
        done = drawn.digitlab("finder", *FINDING, *words, "--pool", scenes, "--out", out)
        assert done.returncode == 0, done.stderr
        parts = json.loads((out / "history.json").read_text())
        kinds = ("score", "box", "turn", "cut", "printed", "digit")
        losses[framework] = np.array([[part[kind] for kind in kinds] for part in parts])
    assert losses[TENSORFLOW] == pytest.approx(losses[JAX], rel=0.01)
    assert (losses[JAX][0] != losses[JAX][1]).all()


def test_drawing_that_is_interrupted_goes_on(drawn: "Drawn", scenes: Path, tmp_path: Path) -> None:
    words = ("scenes", "--count", "24", "--held", "12", "--processes", "1", "--pool", tmp_path)
    process = subprocess.Popen(
        drawn.command(*words), env=drawn.environ, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        while process.poll() is None and not (tmp_path / "seen" / "0000.npy").is_file():
            pass
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr
        said = process.stderr.read()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "goes on after the last finished file of scenes" in said
    assert drawn.digitlab(*words).returncode == 0
    # the same as without an interruption, and with other processes
    for name in ("0000.npy", "0001.npy"):
        assert (tmp_path / "seen" / name).read_bytes() == (scenes / "seen" / name).read_bytes()


@pytest.mark.parametrize(
    ("flag", "value"),
    [("views", "0"), ("batch", "0"), ("rate", "-1"), ("decay", "2"), ("precision", "x"), ("framework", "x")],
)
def test_a_setting_out_of_range_is_refused(drawn: "Drawn", flag: str, value: str) -> None:
    assert f"{flag} is {value}" in drawn.refused("finder", f"--{flag}", value)


def test_defaults_are_within_their_ranges() -> None:
    assert Settings(**asdict(Settings())) == Settings()
    with pytest.raises(TrainingError, match="seed is -1; it must lie between 0 and"):
        Settings(seed=-1)
    with pytest.raises(TrainingError, match="precision is float16; it must be one of float32, mixed_bfloat16"):
        Settings(precision="float16")


def test_a_batch_larger_than_a_part_is_refused(drawn: "Drawn", scenes: Path, tmp_path: Path) -> None:
    line = drawn.refused("finder", "--batch", "65", "--pool", scenes, "--out", tmp_path)
    assert "batch is 65, more than the 64 views between two checkpoints" in line


def test_each_step_says_which_comes_before_it(drawn: "Drawn", scenes: Path, tmp_path: Path) -> None:
    out = "--out", tmp_path
    assert f"run `digitlab scenes --pool {tmp_path}` first" in drawn.refused("finder", "--pool", tmp_path, *out)
    assert "run `digitlab finder --out " in drawn.refused("finder-quantize", "--pool", scenes, *out)
    assert "run `digitlab finder-quantize --out " in drawn.refused("finder-evaluate", "--pool", scenes, *out)
    assert "run `digitlab finder --out " in drawn.refused("finder-publish", *out)


def test_a_published_finder_is_what_its_card_says(drawn: "Drawn", finder: Path) -> None:
    data, card = read_model(finder / "finder.tflite")
    assert data == (finder / "int8.tflite").read_bytes()
    about = card.about
    assert about["bytes"] == len(data)
    assert about["data"]["sha256"] == drawn.sha256
    assert about["scenes"] == {"count": 60, "held": 36, "seed": 1}
    assert about["commands"][0] == "digitlab scenes --count 60 --held 36 --seed 1"
    assert about["commands"][1].startswith(
        f"digitlab finder --seed 1 --framework {best_framework()} --precision {best_precision()} --views 128 --batch 8 "
    )
    assert about["held_out"]["scenes"] == 36
    assert about["held_out"]["digits"] > 100
    assert 150_000 < about["parameters"] < 200_000
    assert set(about["versions"]) == {"python", "tensorflow", "keras", "numpy", "opencv-python-headless"}
    finder_ = open_finder(ModelConfig(finder=str(finder / "finder.tflite")))
    found = finder_.find(Look(np.full((HEIGHT, WIDTH), 200, np.uint8), Region(0, 0, WIDTH, HEIGHT), 1.0))
    assert found.boxes.shape == (len(found), 4)


def test_publishing_refuses_figures_of_another_model(finder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(finder, tmp_path / "finder"))
    other = (folder / "int8.tflite").read_bytes() + b"\0"
    (folder / "int8.tflite").write_bytes(other)
    with pytest.raises(StepError, match=r"int8.tflite: out of date: it is not as it was made; run `digitlab finder-qu"):
        publish(folder, tmp_path / "finder.tflite")
    with pytest.raises(ModelError, match=r"evaluation.json: of another model; run `digitlab finder-evaluate` again"):
        publish(folder, tmp_path / "finder.tflite", keep=True)
    assert not (tmp_path / "finder.tflite").exists()


def test_a_full_disk_keeps_the_old_finder(drawn: "Drawn", finder: Path, tmp_path: Path) -> None:
    for suffix in (".tflite", ".json"):
        shutil.copy(finder / f"finder{suffix}", tmp_path)
    before = read_model(tmp_path / "finder.tflite")
    words = "finder-publish", "--out", finder, "--model", tmp_path / "finder.tflite"
    assert "cannot write: File too large" in drawn.refused(*words, largest_kb=50)
    assert read_model(tmp_path / "finder.tflite") == before


def test_measuring_does_not_import_tensorflow(
    finder: Path, scenes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(finder / "int8.tflite", tmp_path)
    words = ["finder-evaluate", "--out", str(tmp_path), "--pool", str(scenes), "--processes", "1"]
    assert main(words) == 1
    assert main([*words, "--keep"]) == 0  # of a finder whose making nobody noted
    assert "tensorflow" not in sys.modules
    said = capsys.readouterr().out
    measured = finder_figures.load(tmp_path / "evaluation.json")
    assert measured.sha256 == hashlib.sha256((tmp_path / "int8.tflite").read_bytes()).hexdigest()
    assert measured.sha256[:12] in said
    assert sum(group.scenes or 0 for group in measured.contents) == measured.n == 36
    assert sum(group.digits for group in measured.heights) == measured.all.digits
    assert measured == finder_figures.load(finder / "evaluation.json")  # the same again


def test_what_is_no_finder_is_not_measured(drawn: "Drawn", trained: Path, scenes: Path, tmp_path: Path) -> None:
    shutil.copy(trained / "int8.tflite", tmp_path)
    line = drawn.refused("finder-evaluate", "--out", tmp_path, "--pool", scenes, "--keep")
    assert "int8.tflite: the model's input has shape" in line


def test_a_damaged_evaluation_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"evaluation.json: .*run `digitlab finder-evaluate --out .* first"):
        finder_figures.load(tmp_path / "evaluation.json")
    (tmp_path / "evaluation.json").write_text("[]")
    with pytest.raises(ModelError, match=r"not an evaluation .*run `digitlab finder-evaluate --out .* again"):
        finder_figures.load(tmp_path / "evaluation.json")
