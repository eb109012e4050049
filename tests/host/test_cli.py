import json
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digitcam.config import shipped_model
from digitcam.errors import ModelError
from digitlab import __version__
from digitlab.cli import machines
from digitlab.cli.main import main
from digitlab.edgetpu import graph

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

COMMANDS = (
    "scenes",
    "finder",
    "finder-restore",
    "finder-mistakes",
    "finder-quantize",
    "finder-evaluate",
    "finder-publish",
    "boxes-evaluate",
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
    "sensitivity",
    "clips",
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
    assert [command for command in COMMANDS if not re.search(rf"^    {command}\s", listed, re.MULTILINE)] == []


FULL = "digitlab: standard output: cannot write: No space left on device; make room, or send it elsewhere"
CLOSED = "digitlab: standard output: cannot write: it is closed; send it somewhere"


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one picture and what stands on it."""
    folder = tmp_path_factory.mktemp("labelled")
    samples = Path(str(files("digitcam") / "samples"))
    shutil.copy(samples / "frame-0.png", folder)
    (folder / "frame-0.txt").write_text(
        "\n".join(json.loads((samples / "frames.json").read_text())["frames"][0]["lines"])
    )
    return folder


def with_streams(redirections: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `digitlab` as a shell does that was told of redirections."""
    program = "import sys; from digitlab.cli.main import main; sys.exit(main())"
    command = ["sh", "-c", f'exec "$@" {redirections}', "sh", sys.executable, "-c", program, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.parametrize("words", [("score",), ("--help",), ("evaluate", "--help"), ("--version",)], ids=" ".join)
@pytest.mark.parametrize(("redirections", "said"), [(">/dev/full", FULL), (">&- <&-", CLOSED), (">&-", CLOSED)])
def test_a_standard_output_that_takes_nothing_is_one_line(
    words: tuple[str, ...], redirections: str, said: str, labelled: Path, tmp_path: Path
) -> None:
    more = (str(labelled), "--output", str(tmp_path / "score.html")) if words == ("score",) else ()
    done = with_streams(redirections, *words, *more)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == said
    assert done.stderr.count("cannot write") == 1
    assert not re.search("Traceback|Exception ignored", done.stderr)


@pytest.mark.parametrize("redirections", ["2>&-", "2>/dev/full"])
def test_a_standard_error_that_takes_nothing_changes_nothing_else(
    redirections: str, labelled: Path, tmp_path: Path
) -> None:
    done = with_streams(redirections, "score", str(labelled), "--output", str(tmp_path / "score.html"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "each picture: " in done.stdout


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"digitlab {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["trian"],
        ["scenes", "--count", "0"],
        ["finder", "--views", "many"],
        ["train", "--epochs", "many"],
        ["quantize", "--seed", "-1"],
        ["edgetpu"],
        ["edgetpu", "build"],
    ],
)
def test_wrong_usage_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "digitlab" in capsys.readouterr().err


def test_the_report_is_of_both_networks(drawn: "Drawn", trained: Path, finder: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    models = "--model", trained / "digits.tflite", "--finder", finder / "finder.tflite"
    done = drawn.digitlab("report", "--out", trained, "--finder-out", finder, *models, "--output", page)
    assert done.returncode == 0, done.stderr
    html = page.read_text()
    assert html.startswith("<!doctype html>")
    for model in (trained / "digits.json", finder / "finder.json"):
        assert f'<code class="model">{json.loads(model.read_text())["sha256"][:12]}</code>' in html


def test_missing_data_is_told(drawn: "Drawn", tmp_path: Path) -> None:
    assert f"{tmp_path / 'nowhere'}: no such folder" in drawn.refused("crops", "--data", tmp_path / "nowhere")


def test_evaluating_comes_after_quantizing(drawn: "Drawn", tmp_path: Path) -> None:
    line = drawn.refused("evaluate", "--out", tmp_path)
    assert "int8.tflite: missing; run `digitlab quantize --out " in line


def test_a_picture_is_rendered(tmp_path: Path) -> None:
    assert main(["render", str(tmp_path / "page.png")]) == 0
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_only_a_process_that_does_not_classify_imports_tensorflow(drawn: "Drawn", trained: Path) -> None:
    # every command of the fixture and of the tests above ran with tflite-runtime in this environment; and here:
    main(["edgetpu", "check", str(trained / "int8.tflite")])
    assert "tensorflow" not in sys.modules
    assert drawn.digitlab("evaluate", "--out", trained, "--restart").returncode == 0


@pytest.mark.parametrize("model", ["shipped", "trained"])
def test_the_edge_tpu_compiler_would_take_the_model(
    model: str, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shipped_model() if model == "shipped" else str(trained / "int8.tflite")
    assert main(["edgetpu", "check", path]) == 0
    assert "CONV_2D" in capsys.readouterr().out


def test_the_edge_tpu_compiler_would_take_a_finder(finder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edgetpu", "check", str(finder / "int8.tflite")]) == 0
    said = capsys.readouterr().out
    assert "3 RESIZE_NEAREST_NEIGHBOR" in said
    assert "whether its sizes allow 3 resize operations only the compiler tells" in said


def test_the_edge_tpu_compiler_knows_no_newer_resizing(finder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "RESIZING", 1)
    verdict = graph.check(finder / "int8.tflite")
    assert verdict.problems == ["3 resize operations of a newer version (resize without half_pixel_centers)"]


def test_both_shipped_models_are_checked_where_none_is_named(
    trained: Path, finder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machines, "MODEL", trained / "float.tflite")
    monkeypatch.setattr(machines, "FINDER", finder / "int8.tflite")
    assert main(["edgetpu", "check"]) == 1
    said = capsys.readouterr()
    assert f"{finder / 'int8.tflite'}: fits" in said.out
    assert f"{trained / 'float.tflite'}: the Edge TPU compiler would refuse it" in said.err


def test_the_edge_tpu_compiler_would_refuse_a_float_model(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edgetpu", "check", str(trained / "float.tflite")]) == 1
    assert "float32, not int8 or uint8 (quantize the model fully)" in capsys.readouterr().err


def test_an_operation_that_is_not_on_the_list_is_named(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "SUPPORTED", graph.SUPPORTED - {"SOFTMAX"})
    verdict = graph.check(trained / "int8.tflite")
    assert verdict.problems == ["SOFTMAX is no operation that the compiler knows"]


def test_what_cannot_be_looked_through_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none.tflite: cannot read the model"):
        graph.check(tmp_path / "none.tflite")
