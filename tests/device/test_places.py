"""Files and folders that this user may not open, names that no file may have, and pipes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from users import AS_A_USER

FRAME = Path(str(files("digitcam") / "samples")) / "frame-0.png"
LONG = "a" * 300


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A picture, one that may not be opened, and one in a folder that may not be entered."""
    for name in ("a.png", "secret.png", "locked/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(FRAME, tmp_path / name)
    (tmp_path / "secret.png").chmod(0)
    (tmp_path / "locked").chmod(0)
    yield tmp_path
    (tmp_path / "locked").chmod(0o700)


COMMANDS = {
    "read secret.png": "secret.png: cannot read: Permission denied",
    "read locked/a.png": "locked/a.png: cannot read: Permission denied",
    "read locked": "locked: cannot list the folder: Permission denied",
    "read locked/*.png": "locked/*.png: no file is called like this",
    "run --source secret.png": "secret.png: cannot read: Permission denied",
    "run --source locked/a.png": "locked/a.png: cannot read: Permission denied",
    "run --source locked": "locked: cannot list the folder: Permission denied",
    "run --source replay:locked": "locked: cannot list the folder: Permission denied",
    "read --annotate locked/out.png a.png": "locked/out.png: cannot write: no permission in ",
    "run --source a.png --annotate locked/out.png": "locked/out.png: cannot write: no permission in ",
    "config --config locked/digitcam.toml": "locked/digitcam.toml: cannot read the configuration: Permission denied",
    "read --model locked/m.tflite a.png": "locked/m.tflite: cannot read: Permission denied",
    f"read {LONG}": f"{LONG}: cannot read: File name too long",
    f"run --source {LONG}": f"{LONG}: cannot read: File name too long",
    f"read --annotate {LONG}.png a.png": f"{LONG}.png: cannot write: File name too long",
    f"config --config {LONG}": f"{LONG}: cannot read the configuration: File name too long",
}


@pytest.mark.parametrize(("words", "said"), COMMANDS.items(), ids=[words.replace(LONG, "LONG") for words in COMMANDS])
def test_what_may_not_be_opened_is_one_line(words: str, said: str, place: Path) -> None:
    command = [*AS_A_USER, sys.executable, "-m", "digitcam", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=place)
    assert done.returncode == 1, done
    assert f"digitcam: {said}" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("digitcam: ")


def test_a_picture_among_others_that_may_not_be_opened_is_told_and_skipped(place: Path) -> None:
    for words in (["read", "."], ["run", "--json", "--source", "."]):
        command = [*AS_A_USER, sys.executable, "-m", "digitcam", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=place)
        assert done.returncode == 1
        assert "secret.png: cannot read: Permission denied" in done.stderr
        assert "46273" in done.stdout


def test_a_pipe_in_a_folder_is_not_waited_for(place: Path) -> None:
    (place / "secret.png").unlink()
    os.mkfifo(place / "pipe.png")
    command = [sys.executable, "-m", "digitcam", "read", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("46273")


def test_a_pipe_that_is_named_is_read_as_a_picture(place: Path) -> None:
    os.mkfifo(place / "pipe.png")
    for words in (["read", "pipe.png"], ["run", "--source", "pipe.png"]):
        command = [sys.executable, "-m", "digitcam", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=place) as process:
            (place / "pipe.png").write_bytes(FRAME.read_bytes())
            said = process.communicate(timeout=120)[0]
        assert process.returncode == 0
        assert said.startswith("46273")


def test_what_lies_in_the_working_folder_is_not_taken_for_a_module(tmp_path: Path) -> None:
    for name in ("json", "signal", "numpy", "cv2", "digitcam"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')\n")
    for words in (["run", "--source", "demo"], ["check", "--source", "demo"]):
        command = [sys.executable, "-P", "-m", "digitcam", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path)
        assert done.returncode == 0, done
