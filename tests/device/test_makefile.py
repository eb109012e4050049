"""What a person gives to `make` reaches the program as it was given."""

import subprocess
from pathlib import Path

import pytest

MADE = ("DEVICE", "LIVE", "HOST", "DEPLOY", "INSTALL")
ODD = '/x/my  data; it\'s "odd" `now` & (then)*'


def make(folder: Path, *words: str) -> list[str]:
    """What the program is given that a task runs, a word a line, and first $DIGITLAB_DATA."""
    says = folder / "says"
    says.write_text('#!/bin/sh\nprintf "%s\\n" "${DIGITLAB_DATA-}" "$@"\n')
    says.chmod(0o755)
    environments = [f"{name}={folder / name}" for name in MADE]
    for name in MADE:
        (folder / name).touch()
    programs = [f"{name}={says}" for name in ("CAM", "LAB", "ON_PI", "HERE", "EMULATED")]
    done = subprocess.run(["make", *words, *environments, *programs], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("task", "variable", "given"),
    [
        ("read", "IMAGE", ["read", ODD]),
        ("pi-show", "IMAGE", ["show", ODD]),
        ("bench", "PI", ["bench", ODD]),
        ("deploy", "PI", ["deploy", ODD]),
        ("status", "PI", ["status", ODD]),
        ("install", "CAMERA", ["install", "--camera", ODD]),
        ("install", "MQTT", ["install", "--mqtt", ODD]),
    ],
)
def test_a_path_arrives_whole(task: str, variable: str, given: list[str], tmp_path: Path) -> None:
    assert make(tmp_path, task, f"{variable}={ODD}")[1:] == given


@pytest.mark.parametrize("folder", [ODD, "my  data"])
def test_the_folder_of_mnist_arrives_whole(folder: str, tmp_path: Path) -> None:
    assert make(tmp_path, "evaluate", f"DATA={folder}") == [folder, "evaluate"]


def test_camera_and_broker_are_for_a_deployment_only(tmp_path: Path) -> None:
    chosen = ("PI=pi@a", "CAMERA=v4l2:/dev/video2", "MQTT=nas")
    given = ["deploy", "pi@a", "--camera", "v4l2:/dev/video2", "--mqtt", "nas"]
    assert make(tmp_path, "deploy", *chosen)[1:] == given
    assert make(tmp_path, "status", *chosen)[1:] == ["status", "pi@a"]


def test_flags_are_read_as_a_shell_reads_them(tmp_path: Path) -> None:
    given = make(tmp_path, "logs", "PI=pi@a", "FLAGS=--key '/x/my key' --follow")
    assert given[1:] == ["logs", "pi@a", "--key", "/x/my key", "--follow"]


def planned(task: str, *words: str) -> str:
    """What a task would do."""
    command = ["make", "--dry-run", task, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_source_arrives_whole(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.touch()
    recipe = planned("page", f"LIVE={made}", "SOURCE=my clip.mp4").replace(".venv-live/bin/digitcam", "printf '%s\\n'")
    for source, given in (("my clip.mp4", "my clip.mp4"), ("", "loop:demo")):
        done = subprocess.run(
            ["bash", "-euc", recipe], env={"SOURCE": source}, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines() == ["run", "--source", given]


def test_a_python_in_a_folder_with_spaces_makes_the_environments(tmp_path: Path) -> None:
    recipe = planned(f"{tmp_path}/made", f"DEVICE={tmp_path}/made", "PYTHON=/x/my pythons/python3")
    assert recipe.count('"/x/my pythons/python3" -') == 3
    assert recipe.count("/x/my pythons/python3") == 4


def test_a_quick_training_takes_the_steps_of_the_long_one_and_writes_apart(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.touch()

    def steps(*words: str) -> list[list[str]]:
        recipe = planned("train", f"HOST={made}", *words).replace("\\\n", "").splitlines()
        return [line.split("bin/digitlab ")[1].split() for line in recipe if "bin/digitlab " in line]

    long, quick = steps(), steps("QUICK=1")
    assert [step for step, *_ in quick] == [step for step, *_ in long if not step.startswith("finder")]
    for step, *options in quick:
        written = dict(zip(options[::2], options[1::2], strict=True))
        folders = [written[flag] for flag in ("--pool", "--crops", "--out", "--model", "--output") if flag in written]
        assert folders, step
        assert all(folder.startswith("build/quick/") for folder in folders), step


def test_the_tutorial_takes_a_picture_and_flags(tmp_path: Path) -> None:
    given = make(tmp_path, "tutorial", f"IMAGE={ODD}", "FLAGS=--epochs 2")
    assert given[1:] == ["tutorial", "--image", ODD, "--epochs", "2"]
    assert make(tmp_path, "tutorial")[1:] == ["tutorial"]
