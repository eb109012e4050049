"""The command line, as a person types it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from digitlab.deploy.__main__ import main

VERBS = ("deploy", "rollback", "status", "logs", "bench", "undeploy")


def digitlab(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digitlab.deploy", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = capsys.readouterr().out
    assert all(f"\n    {verb} " in listed for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_machines_and_how_to_get_in(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    told = capsys.readouterr().out
    for word in ("PI", "--key", "--ask-password", "--ask-sudo-password", "--host-keys"):
        assert word in told


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["deploi", "a"],
        ["deploy"],
        ["deploy", "a", "--share", "0"],
        ["deploy", "a", "--wait", "soon"],
        ["deploy", "a", "--canary", "-1"],
        ["logs", "a", "--lines", "0"],
    ],
)
def test_wrong_usage_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "usage: digitlab" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["deploy", "pi@"], ["status", "no.toml"]])
def test_what_names_no_machine_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 1
    told = capsys.readouterr().err
    assert told.startswith("digitlab: ")
    assert told.count("\n") == 1


@pytest.mark.parametrize("verb", ["deploy", "undeploy", "logs"])
def test_a_machine_that_is_down_is_told_and_fails(verb: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        # bound and not listening: a connection is refused, and nobody else takes the port
        taken.bind(("127.0.0.1", 0))
        done = digitlab(verb, f"pi@127.0.0.1:{taken.getsockname()[1]}", folder=tmp_path)
    assert done.returncode == 1
    assert "down" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr


def test_other_commands_do_not_wait_for_pyinfra() -> None:
    code = "import sys, digitlab.deploy.options; print([each for each in sys.modules if each in ('pyinfra', 'gevent')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_missing_pyinfra_is_one_clear_line() -> None:
    code = "import sys; sys.modules['pyinfra'] = None; from digitlab.deploy.__main__ import main; main(['status', 'a'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.startswith("digitlab: pyinfra is not installed; ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["deploy", "status"])
def test_make_asks_which_machine(verb: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.touch()
    done = subprocess.run(["make", verb, f"DEPLOY={made}"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"which Pi? make {verb} PI=pi@raspberrypi.local" in done.stderr
