"""The worked example of letters, as its first lines say it is run, with few letters and one epoch."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digitcam.model.card import load_card

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "letters.py"


@pytest.fixture(scope="module")
def folder(drawn: "Drawn", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the example and `digitlab convert` after it write."""
    folder = tmp_path_factory.mktemp("letters")
    subprocess.run([sys.executable, SCRIPT, folder, "--each", "60", "--epochs", "6"], check=True, capture_output=True)
    done = drawn.digitlab("convert", folder / "letters.keras", "--data", folder / "pictures")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_model_reads_letters_and_nothing_else(folder: Path) -> None:
    card = load_card(folder / "letters-int8.tflite")
    assert "".join(card.labels[:26]) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert card.labels[26:] == ("none",)
    assert card.contract.scale == 1


def test_it_is_measured_on_letters_that_it_has_not_seen(drawn: "Drawn", folder: Path) -> None:
    done = drawn.digitlab("evaluate", "--model", folder / "letters-int8.tflite", "--data", folder / "pictures")
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("| letters-int8 "))
    assert float(row.split()[3]) > 50  # of a training of seconds; chance is 4


def test_it_reads_a_rendered_page(folder: Path) -> None:
    command = [sys.executable, "-m", "digitcam", "read", "--min-confidence", "0.3", "--model"]
    words = [str(folder / name) for name in ("letters-int8.tflite", "page.png")]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=True)
    read = set("".join(line for line in done.stdout.splitlines() if not line.startswith((" ", "rejected"))))
    assert len(read & set("QUICKBROWNFOXESJUMPED")) >= 8, done.stdout
