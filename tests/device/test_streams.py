"""Standard streams that are closed or full, and names and texts that they cannot encode."""

import fcntl
import json
import os
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image

Command = Callable[..., subprocess.CompletedProcess[str]]

FRAME = Path(str(files("digitcam") / "samples")) / "frame-0.png"
CLOSED = "digitcam: standard output: cannot write: it is closed; send it somewhere"
READING = {"read": ("read", str(FRAME)), "run --json": ("run", "--json", "--source", str(FRAME))}
COMMANDS = {
    **READING,
    "run": ("run", "--source", str(FRAME)),
    "check": ("check", "--source", str(FRAME)),
    "config": ("config",),
    "cameras": ("cameras",),
    "--help": ("--help",),
    "--version": ("--version",),
}


def with_streams(redirections: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `digitcam` as a shell does that was told of redirections."""
    command = ["sh", "-c", f'exec "$@" {redirections}', "sh", sys.executable, "-m", "digitcam", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_closed_standard_output_is_one_line(arguments: tuple[str, ...]) -> None:
    done = with_streams(">&- <&-", *arguments)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == CLOSED
    assert "Traceback" not in done.stderr
    assert done.stderr.count("cannot write") == 1


@pytest.mark.parametrize("argument", ["config", "--help", "--version"])
def test_a_full_standard_output_is_one_line(argument: str) -> None:
    done = with_streams(">/dev/full", argument)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("digitcam: standard output: cannot write: No space left on device;")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("redirections", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize("arguments", READING.values(), ids=READING)
def test_a_standard_error_that_takes_nothing_changes_nothing_else(
    arguments: tuple[str, ...], redirections: str
) -> None:
    usual, done = with_streams("", *arguments), with_streams(redirections, *arguments)
    assert (done.returncode, usual.returncode, done.stderr) == (0, 0, "")
    # nothing that belongs to standard error is among it
    assert len(done.stdout.splitlines()) == len(usual.stdout.splitlines())
    assert "digitcam: " not in done.stdout


@pytest.mark.parametrize("redirections", ["2>&-", "2>/dev/full", ">&- 2>&-", ">&- 2>&- <&-"])
def test_what_fails_where_nobody_can_be_told_still_has_its_status(redirections: str) -> None:
    assert with_streams(redirections, "read", "no/such.png").returncode == 1
    assert with_streams(redirections, "raed").returncode == 2


def test_a_pipe_that_does_not_wait_is_waited_for() -> None:
    """As terminals and pipes are that are shared with a program such as Node."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    command = [sys.executable, "-m", "digitcam", "config", "--schema"]
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        # a reader that is slower than the writer
        while (waiting := struct.unpack("i", fcntl.ioctl(reading, termios.FIONREAD, b"\0" * 4))[0]) < 4096:
            assert process.poll() is None
            time.sleep(0.01)
        assert waiting == 4096
        with os.fdopen(reading, "rb") as pipe:
            json.loads(pipe.read())
        assert process.wait() == 0


# what a stream's encoding lacks

ENCODINGS = [{"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}, {"LC_ALL": "C.UTF-8"}, {"PYTHONIOENCODING": "ascii"}]
NAMES = {b"page-\xff.png": r"page-\xff.png", "café-ß.png".encode(): "café-ß.png"}


@pytest.fixture(params=NAMES, ids=["no UTF-8", "accents"])
def named(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[bytes, str]:
    """A picture with digits under an unusual name: its path, and its path as a person is told."""
    path = os.fsencode(tmp_path) + b"/" + request.param
    shutil.copy(FRAME, path)
    return path, f"{tmp_path}/{NAMES[request.param]}"


def digitcam(environment: dict[str, str], *arguments: str | bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "digitcam", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=120, env={**os.environ, **environment})


def shown(name: str, environment: dict[str, str]) -> bytes:
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    return name.encode(encoding, "backslashreplace")


@pytest.mark.parametrize("environment", ENCODINGS, ids=str)
def test_any_name_can_be_told(environment: dict[str, str], named: tuple[bytes, str]) -> None:
    path, name = named
    done = digitcam(environment, "read", path, path, path + b"!")
    assert done.stdout.count(shown(f"{name}:\n", environment)) == 2
    assert done.stderr.splitlines()[-1] == shown(
        f"digitcam: {name}!: cannot read: No such file or directory", environment
    )
    assert done.returncode == 1


@pytest.mark.parametrize("environment", ENCODINGS, ids=str)
def test_json_holds_any_name_as_text(environment: dict[str, str], named: tuple[bytes, str]) -> None:
    path, name = named
    done = digitcam(environment, "read", "--json", path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["image"] == name


@pytest.mark.parametrize("environment", ENCODINGS, ids=str)
def test_a_bad_picture_with_any_name_is_told_in_json_and_log(
    environment: dict[str, str], named: tuple[bytes, str], tmp_path: Path
) -> None:
    path, name = named
    Path(os.fsdecode(path)).write_bytes(b"no picture")
    Image.new("L", (64, 64)).save(tmp_path / "a.png")
    check = digitcam(environment, "check", "--json", "--source", str(tmp_path))
    told = json.loads(check.stdout)["checks"]
    assert "".join(text for entry in told for text in entry.values()).encode()
    run = digitcam(environment, "run", "--source", str(tmp_path))
    assert shown(name, environment) in run.stderr
    assert b"Traceback" not in run.stderr


@pytest.mark.parametrize("environment", ENCODINGS, ids=str)
def test_an_annotated_picture_and_a_configuration_may_have_any_name(
    environment: dict[str, str], named: tuple[bytes, str]
) -> None:
    path, name = named
    out = path.replace(b".png", b"-out.png")
    done = digitcam(environment, "run", "--source", str(FRAME), "--annotate", out)
    assert (
        shown(f"digitcam: {name.replace('.png', '-out.png')} shows the last stable reading\n", environment)
        in done.stderr
    )
    assert Path(os.fsdecode(out)).read_bytes()
    config = digitcam(environment, "check", "--json", "--config", path + b"!")
    assert f"{name}!: cannot read" in json.loads(config.stdout)["checks"][0]["advice"]


@pytest.mark.parametrize("environment", ENCODINGS, ids=str)
def test_a_setting_with_accents_is_shown(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text('[camera]\nsource = "caméra"\n', encoding="utf-8")
    done = digitcam(environment, "config", "--config", str(path))
    assert done.returncode == 0
    assert shown('source = "caméra"', environment) in done.stdout
