"""The service as systemd, the kernel and its users treat it: signals at every stage, reloads, and what it says."""

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from digitcam.config import Config, shipped_model
from digitcam.service.systemd import Notifier
from digitcam.state.service import ServiceState
from services import Service

Command = Callable[..., subprocess.CompletedProcess[str]]

Start = Callable[..., Service]

FRAME = Path(shipped_model()).parents[1] / "samples/frame-0.png"
REPLAY = '[camera]\nsource = "replay:demo"\n'

# `digitcam run` with one of its stages held: it says so, and stays there for a time
HELD = """
import sys, time
from digitcam.cli import main, run
from digitcam.recognition import reader
from digitcam.cameras.recorded.loop import Loop
from digitcam.outputs.record.recorder import Recorder
from digitcam.outputs.stdout import TextLines
stage, seconds = sys.argv[1], float(sys.argv[2])

def held(function):
    def hold(*arguments, **named):
        print("held", file=sys.stderr, flush=True)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.01)
        return function(*arguments, **named)
    return hold

close = Recorder.close
def told(recorder):
    close(recorder)
    print("outputs closed", file=sys.stderr, flush=True)

Recorder.close = told
place, name = {
    "start-up": (run, "open_camera"), "capture": (Loop, "read"), "read": (reader.Reader, "read"),
    "publish": (TextLines, "publish"), "shutdown": (Recorder, "close"),
}[stage]
setattr(place, name, held(getattr(place, name)))
status = main.main(["run", *sys.argv[3:]])
print("ended", file=sys.stderr)
sys.exit(status)
"""
STAGES = ["start-up", "capture", "read", "publish", "shutdown"]


def held(service: Start, tmp_path: Path, stage: str, seconds: float) -> Service:
    source = FRAME if stage == "shutdown" else "replay:demo"
    record = f'[record]\nfolder = "{tmp_path / "kept"}"\nmin_free_mb = 0\n'
    started = service(record, "--source", source, program=["-c", HELD, stage, str(seconds)])
    started.wait_for("^held$")
    return started


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("stage", STAGES)
def test_a_signal_at_any_stage_ends_cleanly_with_outputs_closed(
    stage: str, number: signal.Signals, service: Start, tmp_path: Path
) -> None:
    running = held(service, tmp_path, stage, seconds=1)
    assert running.end(number) == 0
    running.wait_for("^ended$" if stage == "start-up" else "^outputs closed$")
    if stage != "start-up":
        running.wait_for("^ended$")
        assert any("frame" in line for line in running.lines["stdout"])
    assert not any("Traceback" in line for line in running.lines["stderr"])


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in {"start-up", "capture"}])
def test_a_second_signal_ends_at_once_whatever_it_is_stuck_in(stage: str, service: Start, tmp_path: Path) -> None:
    running = held(service, tmp_path, stage, seconds=600)
    running.send(signal.SIGTERM)
    while running.process.poll() is None:
        # the second one counts from when the first one was handled
        running.send(signal.SIGTERM)
    assert running.process.returncode == -signal.SIGTERM


def test_a_camera_that_fails_in_mid_run_leaves_the_summary_and_then_the_error(service: Start, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(5):
        shutil.copy(FRAME, folder / f"{number}.png")
    (folder / "9.png").write_bytes(b"no picture")
    running = service("", "--source", folder)
    assert running.process.wait(timeout=60) == 1
    assert "digitcam: " in running.wait_for("9.png: not a picture")
    assert any(line.startswith("5 frames read") for line in running.lines["stdout"])


# reloading


def test_a_reload_takes_new_settings_and_says_what_takes_a_restart(service: Start, tmp_path: Path) -> None:
    running = service(REPLAY)
    running.wait_for(r"^\d", "stdout")
    (tmp_path / "digitcam.toml").write_text(REPLAY + "fps = 15\n[find]\nmin_height = 0.9\n")
    running.send(signal.SIGHUP)
    running.wait_for(r"config: reloaded; \[camera\] changed and takes a restart")
    # no digit is as high as that, so that every page is empty now
    running.wait_for(r"^\(nothing\)", "stdout")
    assert running.end() == 0


def test_a_broken_configuration_at_reload_keeps_the_old_one(service: Start, tmp_path: Path) -> None:
    running = service(REPLAY)
    running.wait_for(r"^\d", "stdout")
    path = tmp_path / "digitcam.toml"
    path.write_text(REPLAY + "width = 1\n")
    running.send(signal.SIGHUP)
    line = running.wait_for("config: ")
    assert f"not reloaded, what was set before is kept: {path}: camera.width: expected `int` >= 64" in line
    running.wait_for(r"^\d", "stdout")
    path.write_text(REPLAY)
    running.send(signal.SIGHUP)
    running.wait_for("config: reloaded$")
    assert running.end() == 0


@pytest.mark.parametrize(("part", "key"), [("model", "path"), ("finder", "finder")])
def test_a_network_replaced_under_it_is_taken_at_reload_and_a_damaged_one_refused(
    part: str, key: str, service: Start, request: pytest.FixtureRequest
) -> None:
    shipped: Path = request.getfixturevalue({"model": "shipped", "finder": "finder_file"}[part])
    running = service(f'{REPLAY}[model]\n{key} = "{shipped}"\n')
    running.wait_for(r"^\d", "stdout")
    whole = shipped.read_bytes()
    shipped.write_bytes(whole[:5000])
    running.wait_for(r"^\d", "stdout")
    running.send(signal.SIGHUP)
    assert "SHA-256" in running.wait_for("config: not reloaded")
    # now with a card that says that the damaged one is right: loading it would end this process
    card = json.loads(shipped.with_suffix(".json").read_text())
    shipped.with_suffix(".json").write_text(json.dumps(card | {"sha256": sha256(whole[:5000]).hexdigest()}))
    running.send(signal.SIGHUP)
    running.wait_for("config: not reloaded.*damaged|config: not reloaded.*cannot load")
    running.wait_for(r"^\d", "stdout")
    shipped.write_bytes(whole)
    shipped.with_suffix(".json").write_text(json.dumps(card))
    running.send(signal.SIGHUP)
    running.wait_for("config: reloaded$")
    running.wait_for(r"^\d", "stdout")
    assert running.end() == 0


def test_closing_the_terminal_ends_it(tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if not pid:
        with (tmp_path / "said").open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        os.execv(sys.executable, [sys.executable, "-m", "digitcam", "run", "--source", "replay:demo"])  # noqa: S606
    while not re.search(r"^\d", (tmp_path / "said").read_text() if (tmp_path / "said").exists() else "", re.MULTILINE):
        assert os.waitpid(pid, os.WNOHANG) == (0, 0), (tmp_path / "said").read_text()
        time.sleep(0.05)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert "frames read" in (tmp_path / "said").read_text()


# systemd


class Systemd:
    """Listens where the service notifies."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))

    def wait_for(self, start: str, seconds: float = 60) -> str:
        self._socket.settimeout(seconds)
        while True:
            message = self._socket.recv(4096).decode()
            if message.startswith(start):
                return message

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    is_abstract = getattr(request, "param", "") == "abstract"
    address = f"@digitcam-test-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    listening = Systemd(address)
    yield listening
    listening.close()


@pytest.mark.parametrize("systemd", ["path", "abstract"], indirect=True)
def test_systemd_is_told_of_every_turn(systemd: Systemd, service: Start, tmp_path: Path) -> None:
    running = service(REPLAY)
    assert systemd.wait_for("READY=1") == "READY=1"
    assert systemd.wait_for("WATCHDOG=1") == "WATCHDOG=1"
    status = systemd.wait_for("STATUS=")
    pace = r"[\d.]+ readings a second, [\d.]+ ms each, p99 [\d.]+ ms"
    assert re.fullmatch(rf"STATUS={pace}; camera: \S+demo.mp4: video 640x480, .*", status), status
    (tmp_path / "digitcam.toml").write_text("nonsense")
    running.send(signal.SIGHUP)
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", systemd.wait_for("RELOADING=1"))
    systemd.wait_for("READY=1")
    status = systemd.wait_for("STATUS=")
    while "config:" not in status:
        status = systemd.wait_for("STATUS=")
    assert "config: not reloaded" in status
    running.send(signal.SIGTERM)
    systemd.wait_for("STOPPING=1")
    assert running.process.wait(timeout=60) == 0


def test_a_loop_that_is_stuck_feeds_no_watchdog(systemd: Systemd, service: Start, tmp_path: Path) -> None:
    held(service, tmp_path, "read", seconds=600)
    with pytest.raises(TimeoutError):
        systemd.wait_for("", seconds=1)


def test_a_camera_that_stays_away_is_told_and_no_hang(systemd: Systemd, service: Start) -> None:
    running = service("[camera]\nwait = true\n", "--source", "v4l2:/dev/video99")
    # whoever starts the service does not wait for a camera
    systemd.wait_for("READY=1")
    assert systemd.wait_for("STATUS=").startswith("STATUS=waits for its camera: /dev/video99: no such device")
    for _ in range(3):
        systemd.wait_for("WATCHDOG=1")
    running.send(signal.SIGTERM)
    assert running.process.wait(timeout=60) == 0


def test_a_camera_that_only_a_new_process_can_free_feeds_no_watchdog(systemd: Systemd) -> None:
    with Notifier(ServiceState(Config())) as notifier:
        notifier.idle(is_stuck=True)
        with pytest.raises(TimeoutError):
            systemd.wait_for("WATCHDOG=1", seconds=0.2)
        notifier.idle()
        systemd.wait_for("WATCHDOG=1")


def test_one_reading_in_six_seconds_is_told_as_reading(systemd: Systemd, service: Start, tmp_path: Path) -> None:
    held(service, tmp_path, "read", seconds=6)
    for _ in range(2):
        found = re.match(r"STATUS=([\d.]+) readings a second, ", systemd.wait_for("STATUS="))
        assert found
        assert 0 < float(found[1]) < 1


def test_another_process_s_watchdog_is_none_of_ours(
    systemd: Systemd, service: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_PID", "1")
    running = service("", "--source", FRAME)
    said: list[str] = []
    while not said or not said[-1].startswith("STOPPING"):
        said.append(systemd.wait_for(""))
    assert "WATCHDOG=1" not in said
    assert running.process.wait(timeout=60) == 0


def test_lines_in_the_journal_carry_their_level(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with path.open("w") as journal:
        status = os.fstat(journal.fileno())
        done = subprocess.run(
            [sys.executable, "-m", "digitcam", "run", "--source", "/nowhere", "--model", shipped_model()],
            stderr=journal,
            check=False,
            timeout=60,
            env={**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"},
        )
    assert done.returncode == 1
    assert path.read_text().startswith("<3>/nowhere: no such camera")


def test_the_log_level_is_a_setting(digitcam: Command) -> None:
    quiet = digitcam("run", "--source", FRAME, env={**os.environ, "DIGITCAM_LOG_LEVEL": "warning"})
    assert (quiet.returncode, quiet.stderr) == (0, "")
