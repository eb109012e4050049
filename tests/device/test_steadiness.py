"""Figures of a run, and why not to believe them."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from digitcam import system_info
from digitcam.diagnostics.steadiness import Moment, Use, list_warnings
from digitcam.diagnostics.timing import measure_spread, summarize

QUIET = {"cores": 4, "governor": "performance", "temperature_c": 55.0, "throttling": "none"}
ALONE = Use(own=1.0, others=0.0, load=0.9)
STEADY = {"blocks": 8, "low_ms": 9.9, "high_ms": 10.1, "share": 0.02}


def test_figures_of_known_times() -> None:
    told = summarize([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
    assert told == {
        "mean": 5.0,
        "sd": 2.1381,
        "p50": 4.5,
        "p90": 7.6,
        "p99": 8.86,
        "max": 9.0,
        "per_second": 200.0,
    }


def test_a_run_that_slows_down_is_spread() -> None:
    assert measure_spread([10.0] * 64)["share"] == 0
    assert measure_spread([10.0] * 56 + [15.0] * 8) == {"blocks": 8, "low_ms": 10.0, "high_ms": 15.0, "share": 0.5}


def test_nothing_is_said_of_a_quiet_machine() -> None:
    assert list_warnings(QUIET, ALONE, STEADY) == []


def test_nothing_is_said_of_what_a_machine_does_not_tell() -> None:
    untold = {"cores": 4, "governor": None, "temperature_c": None, "throttling": None}
    assert list_warnings(untold, ALONE._replace(others=None), STEADY) == []


@pytest.mark.parametrize(
    ("machine", "use", "spreading", "said"),
    [
        ({}, {"own": 0.6, "load": 5.2}, {}, "had a core only 60% of the time \\(load 5.2\\): stop what else runs"),
        ({}, {"others": 1.5}, {}, "other programs used 1.5 of 4 cores meanwhile: stop them"),
        ({"governor": "ondemand"}, {}, {}, 'governor is "ondemand"'),
        ({"temperature_c": 83.2}, {}, {}, "it is 83 °C hot"),
        ({"throttling": "throttled, under-voltage since start"}, {}, {}, "slows it down \\(throttled\\)"),
        ({}, {}, {"share": 0.4, "high_ms": 14.0}, "differ by 40% \\(9.90 to 14.00 ms\\)"),
    ],
)
def test_each_doubt_is_told_with_its_remedy(
    machine: dict[str, Any], use: dict[str, Any], spreading: dict[str, Any], said: str
) -> None:
    [warning] = list_warnings({**QUIET, **machine}, ALONE._replace(**use), {**STEADY, **spreading})
    assert re.search(said, warning)


def test_what_was_throttled_before_is_no_doubt() -> None:
    assert list_warnings({**QUIET, "throttling": "throttled since start"}, ALONE, STEADY) == []


def test_other_programs_at_work_are_noticed() -> None:
    burning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        before = Moment.now()
        time.sleep(1)
        use = Use.between(before, Moment.now())
    finally:
        for process in burning:
            process.kill()
            process.wait()
    assert use.own < 0.97
    assert use.others is not None
    assert use.others > 0.1
    said = "\n".join(list_warnings({**QUIET, "cores": 2}, use, STEADY))
    assert "had a core only" in said
    assert "other programs used" in said


def test_a_kernel_that_tells_nothing_is_no_error(tmp_path: Path) -> None:
    assert Use.between(Moment.now(tmp_path), Moment.now(tmp_path)).others is None


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_the_commit_is_that_of_the_checkout_and_none_of_another(tmp_path: Path) -> None:
    copy = tmp_path / "checkout" / "device"
    shutil.copytree(Path(system_info.__file__).parent, copy / "digitcam", ignore=shutil.ignore_patterns("samples"))
    told = [sys.executable, "-c", "from digitcam import system_info; print(system_info.find_commit())"]

    def commit() -> str:
        done = subprocess.run(told, cwd=copy, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(copy)})
        return done.stdout.strip()

    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "--quiet")
    assert commit() == "None"
    git("add", "digitcam/system_info.py")
    git("commit", "--quiet", "--message", "one")
    assert git("rev-parse", "HEAD").startswith(commit())
    (copy / "digitcam" / "system_info.py").write_text(Path(system_info.__file__).read_text("utf-8") + "\n", "utf-8")
    assert commit().endswith("+")
