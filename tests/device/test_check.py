"""`digitcam check` finds what is wrong, says what to do, and its status is 0 only if nothing is."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from digitcam import __version__

Command = Callable[..., subprocess.CompletedProcess[str]]


NAMES = ["configuration", "runtime", "finder", "model", "camera", "Coral", "finder's Coral"]


def checked(digitcam: Command, *arguments: object, **options: Any) -> tuple[int, dict[str, dict[str, Any]]]:  # noqa: ANN401  # subprocess.run's own
    """The exit status, and each check by its name."""
    done = digitcam("check", "--json", *arguments, **options)
    assert "Traceback" not in done.stderr
    result = json.loads(done.stdout)
    assert result["ok"] == (done.returncode == 0)
    return done.returncode, {check["name"]: check for check in result["checks"]}


def test_a_whole_installation_passes(digitcam: Command) -> None:
    status, checks = checked(digitcam, "--source", "demo")
    assert status == 0
    assert list(checks) == NAMES
    assert "'demo'" in checks["configuration"]["found"]
    assert "NumPy" in checks["runtime"]["found"]
    assert "int8 [1, 28, 28, 1] -> int8 [1, 11]" in checks["model"]["found"]
    assert re.search(r"reads (49\d|500) of 500 shipped digits, \d as others and \d+ not", checks["model"]["found"])
    assert "int8 [1, 256, 320, 1] -> int8 [1, 64, 80, 1] and 8 more" in checks["finder"]["found"]
    assert "first frame 640x480" in checks["camera"]["found"]


def test_a_person_sees_one_line_for_each(digitcam: Command) -> None:
    environment = {**os.environ, "DIGITCAM_MODEL_FINDER_CORAL": "off"}
    done = digitcam("check", "--source", "demo", "--coral", "off", env=environment)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == len(NAMES)
    for line, name in zip(lines, NAMES, strict=True):
        assert re.match(rf"ok +{name} +\S", line)


def test_a_faulty_configuration_is_a_fault(digitcam: Command, tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text("[camera]\nsorce = 'x'\n")
    status, checks = checked(digitcam, "--config", path)
    assert status == 1
    assert checks["configuration"]["state"] == "fault"
    assert "did you mean source?" in checks["configuration"]["advice"]
    assert checks["runtime"]["state"] == "ok"


def test_what_differs_from_the_defaults_is_told(digitcam: Command) -> None:
    _, checks = checked(digitcam, "--source", "demo", "--min-confidence", "0.6", "--coral", "off")
    assert "model.min_confidence = 0.6" in checks["configuration"]["found"]
    assert "model.coral = 'off'" in checks["configuration"]["found"]


def test_a_damaged_model_is_a_fault_and_the_rest_is_still_checked(digitcam: Command, shipped: Path) -> None:
    shipped.write_bytes(shipped.read_bytes()[:-1])
    status, checks = checked(digitcam, "--source", "demo", "--model", shipped)
    assert status == 1
    assert checks["model"]["state"] == "fault"
    assert f"{shipped}: SHA-256 is" in checks["model"]["advice"]
    assert checks["camera"]["state"] == "ok"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("missing", "finder.tflite: cannot read: No such file"),
        ("cut", "finder.tflite: SHA-256 is"),
        ("cut with a card that fits", "damaged|cannot load"),
        ("no network", "cannot load the model"),
        ("one that reads", "input has shape (1, 28, 28, 1); a finder's (1, 256, 320, 1)"),
    ],
)
def test_a_finder_that_is_none_is_a_fault_in_one_line(
    damage: str, words: str, digitcam: Command, finder_file: Path, shipped: Path
) -> None:
    finder = finder_file
    whole = finder.read_bytes()
    if damage == "missing":
        finder.unlink()
    elif damage == "cut":
        finder.write_bytes(whole[:5000])
    elif damage == "cut with a card that fits":
        forge(finder, whole[:5000])
    elif damage == "no network":
        forge(finder, b"no network at all" * 100)
    else:
        finder = shipped
    environment = {**os.environ, "DIGITCAM_MODEL_FINDER": str(finder)}
    status, checks = checked(digitcam, "--source", "demo", env=environment)
    assert (status, checks["finder"]["state"]) == (1, "fault")
    said = checks["finder"]["advice"]
    assert said.startswith(str(finder))
    assert any(word in said for word in words.split("|")), said
    assert "\n" not in said
    assert checks["model"]["state"] == checks["camera"]["state"] == "ok"


def forge(model: Path, data: bytes) -> None:
    """Put something else in a model's place, with a card that says that it is right."""
    model.write_bytes(data)
    card = json.loads(model.with_suffix(".json").read_text())
    model.with_suffix(".json").write_text(json.dumps(card | {"sha256": sha256(data).hexdigest()}))


def test_a_model_that_does_not_fit_is_a_fault(digitcam: Command, tiny: Callable[[str], Path]) -> None:
    status, checks = checked(digitcam, "--source", "demo", "--model", tiny("wrong-side"))
    assert status == 1
    assert "a picture of 8 to 256 pixels" in checks["model"]["advice"]


def test_an_absent_camera_is_a_fault(digitcam: Command) -> None:
    status, checks = checked(digitcam, "--source", "v4l2:/dev/video99")
    assert status == 1
    assert checks["camera"]["state"] == "fault"
    assert "digitcam cameras" in checks["camera"]["advice"]
    assert checks["model"]["state"] == "ok"


def test_a_covered_lens_is_noted(digitcam: Command, tmp_path: Path) -> None:
    path = tmp_path / "black.png"
    Image.new("L", (640, 480), 3).save(path)
    status, checks = checked(digitcam, "--source", path)
    assert status == 0
    assert checks["camera"]["state"] == "note"
    assert "is the lens covered?" in checks["camera"]["advice"]


def test_a_picture_of_a_folder_that_cannot_be_read_is_noted(digitcam: Command, tmp_path: Path) -> None:
    (tmp_path / "1.png").write_text("hello")
    Image.effect_noise((64, 48), 90).save(tmp_path / "2.png")
    status, checks = checked(digitcam, "--source", tmp_path)
    assert status == 0
    assert checks["camera"]["state"] == "note"
    assert checks["camera"]["advice"].startswith(f"{tmp_path / '1.png'}: not a picture")


@pytest.mark.parametrize(("name", "key"), [("Coral", "CORAL"), ("finder's Coral", "FINDER_CORAL")])
@pytest.mark.parametrize(("coral", "status", "state"), [("auto", 0, "note"), ("on", 1, "fault"), ("off", 0, "ok")])
def test_a_coral_that_is_not_there_matters_only_where_it_is_wanted(
    coral: str, status: int, state: str, name: str, key: str, digitcam: Command
) -> None:
    environment = {**os.environ, f"DIGITCAM_MODEL_{key}": coral}
    found, checks = checked(digitcam, "--source", "demo", env=environment)
    if "runs" in checks[name]["found"]:
        pytest.skip("this machine has a Coral that works; unplug it to run this test")
    assert (found, checks[name]["state"]) == (status, state)


def test_the_version_is_told(digitcam: Command) -> None:
    assert digitcam("--version").stdout == f"digitcam {__version__}\n"


def test_a_model_that_knows_nothing_is_a_fault(digitcam: Command, tiny: Callable[[str], Path]) -> None:
    _, checks = checked(digitcam, "--source", "demo", "--model", tiny("fits"))
    assert checks["model"]["state"] == "fault"
    assert "gives no probabilities" in checks["model"]["advice"]


@pytest.mark.parametrize(
    ("name", "contract", "shown"),
    [
        ("zero-to-255", {"scale": 255}, "0 to 1, bright ink on black"),
        ("sigmoid", {"answers": "independent"}, "0 to 1,"),
    ],
)
def test_a_model_that_reads_nothing_is_a_fault_until_its_card_says_how_it_wants_its_digits(
    name: str, contract: dict[str, Any], shown: str, digitcam: Command, tiny: Callable[..., Path]
) -> None:
    model = tiny(name)
    status, checks = checked(digitcam, "--source", "demo", "--model", model)
    assert (status, checks["model"]["state"]) == (1, "fault")
    said = checks["model"]["advice"]
    assert re.match(rf"{model}: reads \d+ of 500 shipped digits, .*, shown as its card says \({shown}", said)
    assert f"`digitcam card {model}` tries what else is usual" in said
    status, checks = checked(digitcam, "--source", "demo", "--model", tiny(name, **contract))
    assert (status, checks["model"]["state"]) == (0, "note")
    assert "has no class for what is no digit" in checks["model"]["advice"]
    assert re.search(r"reads 4[5-9]\d of 500 shipped digits", checks["model"]["found"])


def test_a_model_that_reads_many_but_not_well_is_noted(digitcam: Command, tiny: Callable[..., Path]) -> None:
    # its digits are shown too faint
    status, checks = checked(digitcam, "--source", "demo", "--model", tiny("zero-to-255", scale=100))
    assert (status, checks["model"]["state"]) == (0, "note")
    assert "the shipped one reads nearly all; does `digitcam card " in checks["model"]["advice"]
