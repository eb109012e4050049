"""The benchmark measures the real thing; no test here depends on how fast this machine is."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from digitcam import __version__
from digitcam.config import Config, shipped_finder, shipped_model
from digitcam.diagnostics import bench_table
from digitcam.diagnostics.accuracy import score_frames
from digitcam.pictures import image_file
from digitcam.recognition.adoption.shipped import SAMPLES
from digitcam.recognition.reader import open_reader

Command = Callable[..., subprocess.CompletedProcess[str]]

FIGURES = ["mean", "sd", "p50", "p90", "p99", "max", "per_second"]
TINY = Path(__file__).parent / "models" / "fits.tflite"


@pytest.fixture(scope="module")
def result(digitcam: Command, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    saved = tmp_path_factory.mktemp("bench") / "saved.json"
    done = digitcam("bench", "--json", "--compare", TINY, "--save", saved)
    assert done.returncode == 0, done
    assert "Traceback" not in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert json.loads(saved.read_text()) == found
    assert f"saved {saved}" in done.stderr
    return found


def test_every_stage_is_timed(result: dict[str, Any]) -> None:
    ms = dict(result["ms"])
    assert ms.pop("runs") == 1024
    assert list(ms) == ["find", "normalize", "classify", "order", "end to end"]
    for row in ms.values():
        assert list(row) == FIGURES
        assert 0 < row["p50"] <= row["p90"] <= row["p99"] <= row["max"]
    assert ms["end to end"]["p50"] > ms["find"]["p50"]


def test_what_comes_before_the_first_figure_is_told(result: dict[str, Any]) -> None:
    begun = result["initialization"]
    assert begun["warm_up_runs"] == 64
    assert begun["open_ms"] > 0
    assert begun["first_reading_ms"] > 0


def test_the_runs_own_spread_and_who_had_the_cores_are_told(result: dict[str, Any]) -> None:
    spread, use = result["spread"], result["use"]
    assert 0 < spread["low_ms"] <= result["ms"]["end to end"]["p50"] <= spread["high_ms"]
    assert 0 < use["own"] <= 1
    assert use["others"] >= 0
    assert isinstance(result["warnings"], list)


def test_version_and_commit_are_told(result: dict[str, Any]) -> None:
    told = result["digitcam"]
    assert told["version"] == __version__
    assert re.fullmatch(r"[0-9a-f]{12}\+?", told["commit"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["time"])


def test_every_value_is_documented(result: dict[str, Any]) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "bench.md").read_text("utf-8")
    for block, values in result.items():
        assert f"`{block}`" in documented
        for name in values if isinstance(values, dict) else ():
            assert f"`{name}`" in documented, (block, name)
    for figure in FIGURES:
        assert f"`{figure}`" in documented


def test_both_networks_are_timed(result: dict[str, Any]) -> None:
    networks = dict(result["networks"])
    assert networks.pop("runs") == 1024
    assert list(networks) == ["one look", "one digit"]
    for row in networks.values():
        assert list(row) == FIGURES
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
    table = bench_table.table(result)
    assert [block.partition("\n")[0] for block in table.split("\n\n")] == [
        bench_table.TITLES.get(name, name) for name in result
    ]
    assert f"{result['accuracy']['frames']['right']} of 80 digits right" in table
    assert f"{result['ms']['find']['p99']:12.3f}" in table
    assert f"{result['networks']['one look']['p99']:12.3f}" in table


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


def test_a_place_that_cannot_be_written_is_told_before_the_long_run(tmp_path: Path, digitcam: Command) -> None:
    done = digitcam("bench", "--save", tmp_path / "nowhere" / "bench.json")
    assert done.returncode == 1
    assert "bench.json: cannot write" in done.stderr
    assert "reading" not in done.stderr


def test_digits_that_are_missed_wrong_or_too_many_are_counted() -> None:
    reader = open_reader(Config())
    truth = json.loads((SAMPLES / "frames.json").read_text())["frames"][0]
    frame = image_file.load(SAMPLES / truth["image"])
    reading = reader.read(frame)
    assert reading.digits
    told: list[dict[str, Any]] = [{"digit": digit.digit, "box": list(digit.box)} for digit in reading.digits]
    whole = len(told)

    def score(digits: list[dict[str, Any]]) -> dict[str, int]:
        return score_frames(reader, [frame], [{"digits": digits}])

    assert score(told) == {"right": whole, "of": whole, "extra": 0}
    assert score(told[1:]) == {"right": whole - 1, "of": whole - 1, "extra": 1}
    wrong = {**told[0], "digit": (told[0]["digit"] + 1) % 10}
    assert score([wrong, *told[1:]]) == {"right": whole - 1, "of": whole, "extra": 0}
