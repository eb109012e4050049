"""The tutorial's way, on a small stand-in for MNIST: what it shows is what it has made."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.host.pages import Page

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

PLAN = ("--pictures", "1800", "--epochs", "2")


class Walked(NamedTuple):
    """What one run said, and where it wrote."""

    stdout: str
    stderr: str
    folder: Path
    page: Page


@pytest.fixture(scope="module")
def walked(drawn: "Drawn", tmp_path_factory: pytest.TempPathFactory) -> Walked:
    folder = tmp_path_factory.mktemp("tutorial") / "made on" / "demand"
    done = drawn.digitlab("tutorial", *PLAN, "--out", folder)
    assert done.returncode == 0, done.stderr
    return Walked(done.stdout, done.stderr, folder, Page(folder.with_name("demand.html").read_text("utf-8")))


def test_nothing_but_progress_is_told_beside_the_steps(walked: Walked) -> None:
    told = [line for line in walked.stderr.splitlines() if "━" not in line]
    assert [line.split("  ")[0] for line in told] == ["epoch 1/2", "epoch 2/2"], walked.stderr
    assert "tensorflow" not in walked.stdout.lower().replace("tensorflow lite", "")


def test_every_step_is_shown_on_the_terminal(walked: Walked) -> None:
    titles = re.findall(r"^\d\. (.*)$", walked.stdout, re.MULTILINE)
    assert titles == [
        "25 of 1,800 training pictures",
        "The network",
        "Training, 2 epochs",
        "Test pictures that it has never seen",
        "TensorFlow Lite: smaller",
        "One picture, read by digitcam",
    ]
    assert "Total params: 110,986" in walked.stdout
    assert walked.stdout.count("Class ") == 10


def test_the_page_shows_samples_and_predictions_with_mistakes_in_red(walked: Walked) -> None:
    said = re.search(r"accuracy (\S+) %: (\d+) mistakes in 300", walked.stdout)
    assert said
    share, mistakes = float(said[1]), int(said[2])
    assert share == pytest.approx(100 * (300 - mistakes) / 300, abs=0.005)
    samples, predictions = walked.page.section("samples"), walked.page.section("predictions")
    assert samples.count("<figure") == 25
    first, wrong = predictions.split("<h3>")
    assert first.count("<figure") == 100
    in_red = len(re.findall(r"\d\(\d\)", walked.stdout.partition("taken for")[2]))
    assert first.count('class="miss"') == in_red
    assert f"The first {min(20, mistakes)} of its {mistakes} mistakes" in wrong
    assert wrong.count('class="miss"') == wrong.count("<figure") == min(20, mistakes)
    assert f"<b>{share:.2f} %</b>" in walked.page.html
    assert walked.page.needs_nothing_else()
    assert not walked.page.open


def test_the_forms_are_saved_and_their_figures_are_those_of_the_files(walked: Walked) -> None:
    sizes = {form: (walked.folder / f"{form}.tflite").stat().st_size for form in ("float", "dynamic", "int8")}
    for form, size in sizes.items():
        row = next(line for line in walked.stdout.splitlines() if line.startswith(f"| {form} "))
        _, _, told, ratio, accuracy, mistakes, *_ = (cell.strip() for cell in row.split("|"))
        assert told == f"{size:,}"
        assert ratio == f"{100 * size / sizes['float']:.2f} %"
        assert float(accuracy.split()[0]) == pytest.approx(100 * (1 - int(mistakes) / 300), abs=0.005)
        assert f"<td>{size:,}</td>" in walked.page.section("variants")
    assert 0.2 < sizes["int8"] / sizes["float"] < 0.3
    assert (walked.folder / "model.keras").is_file()


def test_the_picture_is_read_by_the_device_with_the_model_that_was_made(walked: Walked) -> None:
    words = ["read", "--json", "--classes", "--model", walked.folder / "int8.tflite", walked.folder / "picture.png"]
    command = [sys.executable, "-m", "digitcam", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for digit in json.loads(done.stdout)["digits"]:
        for share in digit["probabilities"]:
            assert f"{100 * share:.2f} %" in walked.page.section("reading")
    assert "digitcam read --classes --model" in walked.page.section("reading")


def test_a_picture_of_ones_own_that_cannot_be_read_is_told_before_the_training(drawn: "Drawn", tmp_path: Path) -> None:
    said = drawn.refused("tutorial", "--image", tmp_path / "mine.jpg", "--out", tmp_path / "out")
    assert "mine.jpg: cannot read" in said


def test_a_folder_that_cannot_be_made_is_told_before_the_training(drawn: "Drawn", tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "inside: cannot make this folder: Not a directory" in drawn.refused(
        "tutorial", "--out", tmp_path / "file" / "inside"
    )
