"""`digitlab deploy` to three real machines at once, a fourth down. What one test does, the next one sees."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fleet.conftest import Fleet

REPOSITORY = Path(__file__).resolve().parents[2]


def digitlab(fleet: Fleet, verb: str, *words: str, device: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a verb on all of them; with `device`, deploy that digitcam in place of this checkout's."""
    door = ["--key", str(fleet.key), "--known-hosts", str(fleet.known_hosts)]
    done = subprocess.run(
        [sys.executable, "-m", "digitlab.deploy", verb, str(fleet.inventory), *door, *words],
        env={**os.environ, **({"PYTHONPATH": str(device)} if device else {})},
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The second column of the table, by machine."""
    lines = done.stdout.splitlines()
    start = lines[0].index("outcome")
    return {line.split()[0]: line[start:].split("  ")[0].strip() for line in lines[1:]}


def test_all_at_once_and_one_that_is_down_holds_up_nobody(fleet: Fleet) -> None:
    done = digitlab(fleet, "deploy", "--canary", "0", "--share", "100", "--wait", "300")
    assert outcomes(done) == {"down": "down", "a": "deployed", "b": "deployed", "c": "deployed"}, done
    assert done.returncode == 1


def test_again_with_nothing_changed(fleet: Fleet) -> None:
    assert outcomes(digitlab(fleet, "deploy")) == {"down": "down", "a": "unchanged", "b": "unchanged", "c": "unchanged"}


def test_all_of_them_read(fleet: Fleet) -> None:
    told = digitlab(fleet, "status").stdout
    assert told.count(" reads ") == 3, told
    assert told.count("down: Could not connect") == 1


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A digitcam that checks well and does not run."""
    shutil.copytree("device/digitcam", tmp_path / "digitcam", ignore=shutil.ignore_patterns("__pycache__"))
    run = tmp_path / "digitcam/cli/run.py"
    whole = run.read_text()
    head = "def run(arguments: argparse.Namespace) -> int:\n"
    assert head in whole
    run.write_text(whole.replace(head, f"{head}    raise SystemExit('broken')\n"))
    return tmp_path


def test_a_canary_that_is_not_well_saves_the_others(fleet: Fleet, broken: Path) -> None:
    done = digitlab(fleet, "deploy", "--wait", "300", device=broken)
    assert outcomes(done) == {"down": "down", "a": "failed", "b": "not tried", "c": "not tried"}, done
    assert "is back and running" in done.stdout
    assert digitlab(fleet, "status").stdout.count(" reads ") == 3


def test_taken_away_from_all(fleet: Fleet) -> None:
    done = digitlab(fleet, "undeploy")
    assert outcomes(done) == {"down": "down", "a": "done", "b": "done", "c": "done"}
    assert done.stderr.count("/etc/digitcam.toml (your settings)") == 3
