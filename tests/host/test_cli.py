import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digitcam.config import shipped_model
from digitcam.errors import ModelError
from digitlab import __version__, edgetpu
from digitlab.cli import main

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

COMMANDS = (
    "crops",
    "teach",
    "train",
    "quantize",
    "evaluate",
    "seeds",
    "publish",
    "report",
    "baseline",
    "render",
    "score",
    "clips",
    "card",
    "edgetpu",
    "deploy",
    "rollback",
    "status",
    "logs",
    "bench",
    "undeploy",
)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = capsys.readouterr().out
    assert all(f"\n    {command} " in listed for command in COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"digitlab {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [[], ["trian"], ["train", "--epochs", "many"], ["quantize", "--seed", "-1"], ["card"], ["edgetpu", "build"]],
)
def test_wrong_usage_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "digitlab" in capsys.readouterr().err


def test_the_report_is_written(drawn: "Drawn", trained: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = drawn.digitlab("report", "--out", trained, "--model", trained / "digits.tflite", "--output", page)
    assert done.returncode == 0, done.stderr
    assert page.read_text().startswith("<!doctype html>")


def test_missing_data_is_told(drawn: "Drawn", tmp_path: Path) -> None:
    assert f"{tmp_path / 'nowhere'}: no such folder" in drawn.refused("evaluate", "--data", tmp_path / "nowhere")


def test_evaluating_comes_after_quantizing(drawn: "Drawn", tmp_path: Path) -> None:
    assert "float.tflite: cannot read: No such file" in drawn.refused("evaluate", "--out", tmp_path)


def test_a_picture_is_rendered(tmp_path: Path) -> None:
    assert main(["render", str(tmp_path / "page.png")]) == 0
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_only_a_process_that_does_not_classify_imports_tensorflow(drawn: "Drawn", trained: Path) -> None:
    # every command of the fixture and of the tests above ran with tflite-runtime in this environment; and here:
    main(["edgetpu", "check", str(trained / "int8.tflite")])
    assert "tensorflow" not in sys.modules
    assert drawn.digitlab("evaluate", "--out", trained).returncode == 0


@pytest.mark.parametrize("model", ["shipped", "trained"])
def test_the_edge_tpu_compiler_would_take_the_model(
    model: str, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shipped_model() if model == "shipped" else str(trained / "int8.tflite")
    assert main(["edgetpu", "check", path]) == 0
    assert "CONV_2D" in capsys.readouterr().out


def test_the_edge_tpu_compiler_would_refuse_a_float_model(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edgetpu", "check", str(trained / "float.tflite")]) == 1
    assert "float32, not int8 or uint8 (quantize the model fully)" in capsys.readouterr().err


def test_an_operation_that_is_not_on_the_list_is_named(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edgetpu, "SUPPORTED", edgetpu.SUPPORTED - {"SOFTMAX"})
    verdict = edgetpu.check(trained / "int8.tflite")
    assert verdict.problems == ["SOFTMAX is no operation that the compiler knows"]


def test_what_cannot_be_looked_through_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none.tflite: cannot read the model"):
        edgetpu.check(tmp_path / "none.tflite")
