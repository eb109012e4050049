"""Both TFLite runtimes in one environment: the one that is asked for is used, and both are measured side by side."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from digitcam.config import Config, ModelConfig, Runtime
from digitcam.diagnostics import runtimes
from digitcam.errors import DigitcamError
from digitcam.model.runtime import NAMES, installed
from digitcam.recognition.adoption.shipped import SAMPLES

MODELS = Path(__file__).parents[1] / "device/models"

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="tflite-runtime ends at Python 3.11, so both are there up to that only"
)


def digitcam(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digitcam", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.parametrize(("wanted", "name"), NAMES.items())
def test_either_runtime_can_be_chosen(wanted: Runtime, name: str) -> None:
    assert installed(wanted).name == name
    done = digitcam("check", "--json", "--runtime", wanted, "--source", "demo")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert done.returncode == 0, done
    assert checks["runtime"]["found"].startswith(f"{name} ")
    assert "46273\n59081" in digitcam("read", "--runtime", wanted, SAMPLES / "frame-0.png").stdout


def test_without_a_choice_tflite_runtime_is_taken() -> None:
    assert installed().name == "tflite-runtime"


def test_litert_reads_a_dynamic_range_model_that_tflite_runtime_refuses() -> None:
    load = """
import sys
from pathlib import Path
from digitcam.model.runtime import open_interpreter
open_interpreter(Path(sys.argv[1]).read_bytes(), runtime=sys.argv[2]).invoke()
"""
    command = [sys.executable, "-c", load, str(MODELS / "dynamic-range.tflite")]
    assert subprocess.run([*command, "litert"], check=False, capture_output=True).returncode == 0
    refused = subprocess.run([*command, "tflite-runtime"], check=False, capture_output=True, text=True)
    assert "does not know FULLY_CONNECTED version 12" in refused.stderr


@pytest.fixture(scope="module")
def compared() -> dict[Runtime, Any]:
    done = digitcam("bench", "--compare", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[Runtime, Any] = json.loads(done.stdout)
    return found


def test_both_are_measured_side_by_side(compared: dict[Runtime, Any]) -> None:
    assert list(compared) == list(NAMES)
    for wanted, result in compared.items():
        assert NAMES[wanted] in result["runtime"]
        assert result["accuracy"]["frames"]["right"] >= 72
    table = runtimes.table(compared)
    head, *rows = table.splitlines()
    assert "tflite-runtime 2.14.0" in head
    assert "ai-edge-litert 2." in head
    named = {row[: runtimes.NAME].strip(): row for row in rows}
    assert {"find", "classify", "end to end", "one look", "one digit", "start to a reading"} <= set(named)
    medians = [compared[wanted]["networks"]["one digit"]["p50"] for wanted in NAMES]
    assert f"{medians[1] / medians[0]:.2f}" in named["one digit"]


def test_a_model_that_one_of_them_refuses_is_told() -> None:
    config = Config(model=ModelConfig(path=str(MODELS / "dynamic-range.tflite")))
    with pytest.raises(DigitcamError, match="the benchmark with tflite-runtime ended with status 1; see above"):
        runtimes.run(config, 1024)
