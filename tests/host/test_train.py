import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from digitlab.render.camera import Camera, View
from digitlab.render.frame import render_frame
from digitlab.render.paper import FELT, PLAIN
from digitlab.training.fit import Settings
from digitlab.training.loop import TrainingError

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

TRAINING = ("--epochs", "4", "--batch", "64")


def test_a_trained_model_reads_a_rendered_page(trained: Path, tmp_path: Path) -> None:
    import cv2  # only here

    lines = "31415", "92680"
    rng = np.random.default_rng(7)
    page = render_frame(
        rng, lines=lines, paper=PLAIN, pen=FELT, height=0.2, view=View(), camera=Camera.ideal((640, 480))
    )
    cv2.imwrite(str(tmp_path / "page.png"), page.image)
    command = [
        sys.executable,
        "-m",
        "digitcam",
        "read",
        "--json",
        "--min-confidence",
        "0",
        "--model",
        trained / "digits.tflite",
        tmp_path / "page.png",
    ]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
    text = json.loads(done.stdout)["text"]
    assert Levenshtein.distance("\n".join(lines), text) <= 4, text  # of 11, the line's end with them; chance gives nine


def test_training_learns(trained: Path) -> None:
    history = json.loads((trained / "history.json").read_text())
    assert [entry["epoch"] for entry in history] == [1, 2, 3, 4]
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["val_accuracy"] > 0.8  # of hands that it did not learn from; chance is 0.1


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(
    drawn: "Drawn", crops: Path, trained: Path, tmp_path: Path
) -> None:
    words = ("train", *TRAINING, "--crops", crops, "--out", tmp_path)
    process = subprocess.Popen(
        drawn.command(*words), env=drawn.environ, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("epoch   1/4"):
                break
        # as Ctrl-C at a terminal: to every process of the command
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert (
        f"`digitlab train --epochs 4 --batch 64 --crops {crops} --out {tmp_path}` goes on after the last finished epoch"
        in said
    )
    assert len(json.loads((tmp_path / "history.json").read_text())) < 4
    assert not (tmp_path / "model.keras").exists()

    again = drawn.digitlab(*words)
    assert again.returncode == 0, again.stderr
    assert "epoch   1/4" not in again.stderr
    with np.load(tmp_path / "checkpoint.npz") as resumed, np.load(trained / "checkpoint.npz") as straight:
        keys = [key for key in straight.files if key.isdigit()]
        assert len(keys) > 50
        assert all(np.array_equal(resumed[key], straight[key]) for key in keys)


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("epochs", "0"),
        ("batch", "0"),
        ("rate", "-1"),
        ("rate", "nan"),
        ("smoothing", "0.9"),
        ("seed", "-1"),
        ("precision", "x"),
    ],
)
def test_a_setting_out_of_range_is_refused(drawn: "Drawn", flag: str, value: str) -> None:
    assert f"{flag} is {value}" in drawn.refused("train", f"--{flag}", value)


def test_defaults_are_within_their_ranges() -> None:
    assert Settings(**asdict(Settings())) == Settings()
    with pytest.raises(TrainingError, match="decay is 2; it must lie between 0 and 1"):
        Settings(decay=2)
    with pytest.raises(TrainingError, match="precision is float16; it must be one of float32, mixed_bfloat16"):
        Settings(precision="float16")


def test_a_batch_larger_than_the_data_is_refused(drawn: "Drawn", crops: Path, tmp_path: Path) -> None:
    line = drawn.refused("train", "--batch", "50000", "--crops", crops, "--out", tmp_path)
    assert "batch is 50000, more than the " in line


def begin(trained: Path, folder: Path) -> bytes:
    """Leave in a folder what a training has there before it ends; the checkpoint's content."""
    made = json.loads((trained / "model.keras.made.json").read_text())
    (folder / "model.keras.made.json").write_text(json.dumps({**made, "outputs": {}}))
    return Path(shutil.copy(trained / "checkpoint.npz", folder)).read_bytes()


def test_a_run_that_was_begun_otherwise_is_neither_gone_on_with_nor_lost(
    drawn: "Drawn", crops: Path, trained: Path, tmp_path: Path
) -> None:
    whole = begin(trained, tmp_path)
    words = ("train", "--epochs", "5", "--batch", "64", "--crops", crops, "--out", tmp_path)
    line = drawn.refused(*words)
    assert line.endswith(
        "model.keras: not finished, and begun otherwise: epochs was 4, is 5; "
        "make it anew with --restart, or go on with --keep"
    )
    assert "checkpoint.npz: made with other settings" in drawn.refused(*words, "--keep")
    assert (tmp_path / "checkpoint.npz").read_bytes() == whole


def test_a_damaged_checkpoint_is_refused(drawn: "Drawn", crops: Path, trained: Path, tmp_path: Path) -> None:
    whole = (trained / "checkpoint.npz").read_bytes()
    (tmp_path / "checkpoint.npz").write_bytes(whole[: len(whole) // 2])
    words = ("train", *TRAINING, "--crops", crops, "--out", tmp_path)
    assert "nobody noted how it was made; make it anew with --restart, or go on with --keep" in drawn.refused(*words)
    assert "checkpoint.npz: damaged" in drawn.refused(*words, "--keep")


def test_a_folder_that_cannot_be_made_is_told_before_training(drawn: "Drawn", crops: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    line = drawn.refused("train", *TRAINING, "--crops", crops, "--out", tmp_path / "file" / "inside")
    assert "inside: cannot make this folder: Not a directory" in line


def test_a_full_disk_loses_nothing(drawn: "Drawn", crops: Path, trained: Path, tmp_path: Path) -> None:
    begin(trained, tmp_path)
    line = drawn.refused("train", *TRAINING, "--crops", crops, "--out", tmp_path, largest_kb=300)
    assert "model.keras: cannot write: " in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.npz", "model.keras.made.json"]
    again = drawn.digitlab("train", *TRAINING, "--crops", crops, "--out", tmp_path)
    assert again.returncode == 0
    assert "epoch   4/4" not in again.stderr
    assert (tmp_path / "model.keras").is_file()
