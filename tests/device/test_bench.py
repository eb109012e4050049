"""The benchmark measures the real thing; no test here depends on how fast this machine is."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from digitcam.config import Config, shipped_finder, shipped_model
from digitcam.diagnostics import bench
from digitcam.pictures import image_file
from digitcam.recognition.adoption.shipped import SAMPLES
from digitcam.recognition.reader import open_reader

Command = Callable[..., subprocess.CompletedProcess[str]]

QUANTILES = ["p50", "p90", "p99", "max"]
TINY = Path(__file__).parent / "models" / "fits.tflite"


@pytest.fixture(scope="module")
def result(digitcam: Command) -> dict[str, Any]:
    done = digitcam("bench", "--json", "--compare", TINY)
    assert done.returncode == 0, done
    assert "Traceback" not in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_stage_is_timed(result: dict[str, Any]) -> None:
    ms = dict(result["ms"])
    assert ms.pop("runs") == 1024
    assert list(ms) == ["find", "normalize", "classify", "order", "end to end"]
    for row in ms.values():
        assert list(row) == QUANTILES
        assert 0 < row["p50"] <= row["p90"] <= row["p99"] <= row["max"]
    assert ms["end to end"]["p50"] > ms["find"]["p50"]


def test_both_networks_are_timed(result: dict[str, Any]) -> None:
    networks = dict(result["networks"])
    assert networks.pop("runs") == 1024
    assert list(networks) == ["one look", "one digit"]
    for row in networks.values():
        assert list(row) == QUANTILES
        assert 0 < row["p50"] <= row["max"]


def test_accuracy_is_measured_in_the_same_run(result: dict[str, Any]) -> None:
    frames, crops = result["accuracy"]["frames"], result["accuracy"]["crops"]
    assert (frames["of"], crops["of"]) == (80, 500)
    assert frames["right"] >= 72
    assert crops["right"] >= 475


def test_memory_and_cold_start_are_measured_against_the_imports_alone(result: dict[str, Any]) -> None:
    memory, start = result["memory_mb"], result["cold_start"]
    assert 20 < memory["imports"] < memory["read"] < 1000
    assert memory["imports"] < memory["bench"] < 1000
    assert start["ratio"] == pytest.approx(start["read_s"] / start["imports_s"], abs=0.05)


def test_another_model_is_compared(result: dict[str, Any]) -> None:
    cost = result["cost"]
    assert cost["ratio"] == pytest.approx(cost["ms"] / cost["compared_ms"], rel=0.02)
    # 7 million multiplications against a softmax of ten pixels
    assert cost["ratio"] > 1


def test_runtime_and_machine_are_told(result: dict[str, Any]) -> None:
    assert result["runtime"]["model"] == shipped_model()
    assert result["runtime"]["finder"] == shipped_finder()
    assert result["runtime"]["device"].startswith("CPU")
    assert result["runtime"]["finder_device"].startswith("CPU")
    assert set(result["machine"]) == {"model", "cpu", "cores", "governor", "temperature_c", "throttling"}
    assert result["machine"]["cpu"]


def test_the_table_shows_what_the_json_holds(result: dict[str, Any]) -> None:
    table = bench.table(result)
    assert [block.partition("\n")[0] for block in table.split("\n\n")] == list(result)
    assert f"{result['accuracy']['frames']['right']} of 80 digits right" in table
    assert f"{result['ms']['find']['p99']:10.3f}" in table
    assert f"{result['networks']['one look']['p99']:10.3f}" in table


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot read: No such file"),
        (b"no model at all" * 100, "cannot load the model"),
        (Path(shipped_model()).read_bytes()[:50_000], "cannot load the model|crashes the runtime"),
        (TINY.with_name("wrong-side.tflite").read_bytes(), "input has shape"),
    ],
    ids=["missing", "text", "truncated", "another shape"],
)
def test_a_bad_model_to_compare_is_refused_before_the_long_run(
    content: bytes | None, reason: str, tmp_path: Path, digitcam: Command
) -> None:
    model = tmp_path / "other.tflite"
    if content is not None:
        model.write_bytes(content)
    done = digitcam("bench", "--compare", model)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"digitcam: {model}: ")
    assert any(words in last for words in reason.split("|"))
    assert "reading 8 shipped frames" not in done.stderr
    assert "Traceback" not in done.stderr


def test_digits_that_are_missed_wrong_or_too_many_are_counted() -> None:
    reader = open_reader(Config())
    truth = json.loads((SAMPLES / "frames.json").read_text())["frames"][0]
    frame = image_file.load(SAMPLES / truth["image"])
    reading = reader.read(frame)
    assert reading.digits
    told: list[dict[str, Any]] = [{"digit": digit.digit, "box": list(digit.box)} for digit in reading.digits]
    whole = len(told)

    def score(digits: list[dict[str, Any]]) -> dict[str, int]:
        return bench.score_frames(reader, [frame], [{"digits": digits}])

    assert score(told) == {"right": whole, "of": whole, "extra": 0}
    assert score(told[1:]) == {"right": whole - 1, "of": whole - 1, "extra": 1}
    wrong = {**told[0], "digit": (told[0]["digit"] + 1) % 10}
    assert score([wrong, *told[1:]]) == {"right": whole - 1, "of": whole, "extra": 0}
