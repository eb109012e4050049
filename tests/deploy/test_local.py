"""This very machine, by pyinfra's local connector: looked at, never changed."""

import subprocess
import sys
from pathlib import Path

import pytest


def digitlab(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digitlab.deploy", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_an_installation_is_planned_or_refused_in_one_line(tmp_path: Path) -> None:
    done = digitlab(tmp_path, "install", "--dry-run", "--apt")
    name, told, *_ = done.stdout.splitlines()
    assert name == "@local:"
    assert told.startswith(("  refused: ", "  1. ", "  nothing to do")), done
    if not Path("/run/systemd/system").is_dir():
        assert told == "  refused: no systemd runs there; the service needs systemd 247 or newer"


@pytest.mark.skipif(Path("/opt/digitcam").exists(), reason="digitcam is installed on this machine")
@pytest.mark.parametrize("words", [("status", "@local"), ("deploy", "@local", "--dry-run")])
def test_other_tasks_take_this_machine_too(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = digitlab(tmp_path, *words).stdout
    assert "@local" in said
    assert "down" not in said
