"""`status.json`: what deployments, `make status` and other programs read of a running service."""

import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from digitcam import __version__
from digitcam.config import Config
from digitcam.service.systemd import Notifier
from digitcam.state.service import ServiceState
from digitcam.wire import Status
from services import Service

Start = Callable[..., Service]
REPLAY = '[camera]\nsource = "replay:demo"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runtime directory that systemd gives the service; it may give several."""
    path = tmp_path / "run"
    path.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{path}:{tmp_path}/another")
    monkeypatch.setenv("INVOCATION_ID", "3f2a")
    return path


def status(folder: Path, wanted: Callable[[Status], object] = bool, seconds: float = 60) -> Status:
    """The service's status, once it is as wanted; the file is whole whenever it is looked at."""
    end = time.monotonic() + seconds
    found: Status | None = None
    while time.monotonic() < end:
        if (folder / "status.json").exists():
            found = msgspec.json.decode((folder / "status.json").read_bytes(), type=Status)
            if wanted(found):
                return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_a_service_that_reads_says_so_and_says_when_it_ends(service: Start, folder: Path) -> None:
    running = service(REPLAY)
    said = status(folder, lambda said: said.phase == "reading" and said.stats.rate > 0)
    assert (said.ready, said.health.ok, said.invocation, said.version) == (True, True, "3f2a", __version__)
    assert said.pid == running.process.pid
    assert said.stats.latency["total"].p99 > 0
    assert said.health.parts["camera"].state == "ok"
    assert running.end() == 0
    assert status(folder, lambda said: said.phase == "stopping").stats.frames > 0


def test_everybody_may_read_it_whatever_the_unit_keeps_to_itself(service: Start, folder: Path) -> None:
    service(REPLAY, umask=0o077)
    status(folder, lambda said: said.ready)
    assert stat.S_IMODE((folder / "status.json").stat().st_mode) == 0o644


def test_a_camera_that_is_away_is_waited_for(service: Start, folder: Path) -> None:
    service("[camera]\nwait = true\n", "--source", "v4l2:/dev/video99")
    said = status(folder, lambda said: said.phase == "waiting")
    assert (said.ready, said.health.ok, said.stats.rate) == (True, False, 0)
    assert "no such device" in said.health.parts["camera"].text


def test_what_goes_wrong_is_told_at_once(service: Start, folder: Path, tmp_path: Path) -> None:
    running = service(REPLAY)
    status(folder, lambda said: said.phase == "reading")
    (tmp_path / "digitcam.toml").write_text("nonsense")
    running.send(signal.SIGHUP)
    said = status(folder, lambda said: not said.health.ok)
    assert [fault.partition(":")[0] for fault in said.health.faults] == ["config"]
    assert said.phase == "reading"


def test_a_pause_is_told(folder: Path) -> None:
    live = ServiceState(Config())
    with Notifier(live) as notifier:
        assert status(folder).phase == "starting"
        notifier.frame()
        live.control.paused = True
        notifier.idle()
        assert status(folder, lambda said: said.health.paused).phase == "paused"


def test_an_unchanged_state_is_written_at_a_slow_beat_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Notifier(ServiceState(Config())) as notifier:
        notifier.frame()
        written = (folder / "status.json").stat().st_ino
        notifier.frame()
        assert (folder / "status.json").stat().st_ino == written
        monkeypatch.setattr("digitcam.service.status.BEAT_S", 0.0)
        notifier.frame()
        assert (folder / "status.json").stat().st_ino != written


def test_a_file_that_cannot_be_written_is_a_fault_and_costs_no_reading(service: Start, folder: Path) -> None:
    folder.rmdir()
    running = service(REPLAY)
    running.wait_for("status: .*cannot write: No such file or directory")
    running.wait_for(r"^\d", "stdout")
    folder.mkdir()
    running.wait_for("status: is written again")
    assert running.end() == 0


def test_without_a_runtime_directory_nothing_is_written(
    service: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    running = service(REPLAY)
    running.wait_for(r"^\d", "stdout")
    assert running.end() == 0
    assert list(folder.iterdir()) == []
