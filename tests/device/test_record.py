"""Frames kept on disk: which, how many, and what a full disk or a killed process leaves."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitcam.config import TrackConfig, configure
from digitcam.diagnostics.check_output import check_output
from digitcam.errors import OutputError
from digitcam.frame import Frame
from digitcam.labels import DIGITS, Labels
from digitcam.outputs.base import ReadFrame, Update
from digitcam.outputs.record import RecordConfig, ages
from digitcam.outputs.record.recorder import Recorder, open_recorder
from digitcam.outputs.record.retention import BoundedFolder, _entries
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.state.service import ServiceState
from services import Service

Start = Callable[..., Service]

NOW = datetime(2026, 5, 17, 14, 3, 9, 250_000, tzinfo=UTC)
MB = 1_000_000
SECOND_NS = 1_000_000_000


def settings(folder: Path, **others: float) -> RecordConfig:
    return RecordConfig(**{"folder": str(folder), "min_free_mb": 0, "max_days": 36500, **others})  # type: ignore[arg-type]


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("[0-9]*/*"))


def keep(ring: BoundedFolder, label: str, sure: int, *, minutes: float = 0, size: int = 1000) -> bool:
    return ring.keep(label, NOW + timedelta(minutes=minutes), sure, {"frame.png": bytes(size)})


# the ring


def test_an_entry_is_a_folder_named_for_a_person(tmp_path: Path) -> None:
    ring = BoundedFolder(settings(tmp_path / "kept"))
    assert keep(ring, "12+345", 67)
    path = tmp_path / "kept/2026-05-17/14-03-09.250Z_sure-067_12+345/frame.png"
    assert path.read_bytes() == bytes(1000)


def test_the_surest_and_of_those_the_oldest_goes_first(tmp_path: Path) -> None:
    ring = BoundedFolder(settings(tmp_path, max_mb=1))
    for minutes, sure in enumerate([99, 50, 99, 70]):
        assert keep(ring, str(minutes), sure, minutes=minutes, size=240_000)
    assert keep(ring, "4", 60, minutes=4, size=240_000)
    assert [name[-1] for name in kept(tmp_path)] == ["1", "2", "3", "4"]
    assert keep(ring, "5", 60, minutes=5, size=480_000)
    assert [name[-1] for name in kept(tmp_path)] == ["1", "4", "5"]
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.png")) <= MB


def test_what_is_surer_than_all_that_is_kept_finds_no_room(tmp_path: Path) -> None:
    ring = BoundedFolder(settings(tmp_path, max_mb=1))
    assert keep(ring, "1", 50, size=900_000)
    assert not keep(ring, "2", 99, size=900_000)
    assert [name[-1] for name in kept(tmp_path)] == ["1"]


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    ring = BoundedFolder(settings(tmp_path, max_days=2))
    old, new = datetime.now(UTC) - timedelta(days=3), datetime.now(UTC)
    ring.keep("1", old, 0, {"frame.png": b""})
    ring.keep("2", new, 99, {"frame.png": b""})
    assert [name[-1] for name in kept(tmp_path)] == ["2"]
    assert [path.name for path in tmp_path.iterdir()] == [f"{new:%Y-%m-%d}"]


def hours(*ages: float) -> list[datetime]:
    return [datetime.now(UTC) - timedelta(hours=age) for age in ages]


def kept_of(folder: Path, moments: list[datetime]) -> list[str]:
    """What is left of frames of these moments after a start with `max_days = 2`; each is called by its place."""
    ring = BoundedFolder(settings(folder))
    for place, moment in enumerate(moments):
        ring.keep(str(place), moment, 50, {"frame.png": b""})
    ring = BoundedFolder(settings(folder, max_days=2))
    ring.forget()
    return sorted(name.rpartition("_")[2] for name in kept(folder))


YEARS = 24 * 366


def test_a_start_drops_what_is_too_old(tmp_path: Path) -> None:
    assert kept_of(tmp_path, hours(49, 47, 1)) == ["1", "2"]
    assert BoundedFolder(settings(tmp_path)).doubt == ""


def test_a_camera_that_was_away_for_months_starts_anew(tmp_path: Path) -> None:
    assert kept_of(tmp_path, hours(24 * 200, 24 * 190)) == []


@pytest.mark.parametrize(
    ("old", "left", "doubt"),
    [
        # the clock is ahead now, or was when nothing but these was kept
        ((YEARS + 1, YEARS), ["0", "1"], "the clock leapt from 20"),
        # it started at 1970, and was set right
        ((56 * YEARS, 56 * YEARS - 1, 3, 2), ["0", "1", "2", "3"], "the clock leapt from 19"),
        # what was kept before it leapt goes once enough time has passed since
        ((YEARS + 60, YEARS + 50, 49, 30, 1), ["3", "4"], ""),
        # it is behind now, or was ahead for a while
        ((47, 1, -12 * YEARS), ["0", "1", "2"], "and frames are kept of 20"),
        ((49, 47, 1, -12 * YEARS), ["1", "2", "3"], "and frames are kept of 20"),
    ],
)
def test_a_clock_that_leaps_ages_nothing(tmp_path: Path, old: tuple[int, ...], left: list[str], doubt: str) -> None:
    assert kept_of(tmp_path, hours(*old)) == left
    assert doubt in BoundedFolder(settings(tmp_path)).doubt
    assert check_output("record", configure(record=settings(tmp_path))).state == ("note" if doubt else "ok")


def test_a_clock_that_is_set_while_it_runs_ages_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = BoundedFolder(settings(tmp_path, max_days=2))
    ring.keep("1", datetime.now(UTC), 50, {"frame.png": b""})
    now = ages.now
    monkeypatch.setattr(ages, "now", lambda: (now()[0] + timedelta(days=20), now()[1]))
    ring.keep("2", ages.now()[0], 50, {"frame.png": b""})
    ring.forget()
    assert len(kept(tmp_path)) == 2
    assert "the clock was set from " in ring.doubt
    # three days that have really passed
    monkeypatch.setattr(ages, "now", lambda: (now()[0] + timedelta(days=23), now()[1] + timedelta(days=3)))
    ring.forget()
    assert kept(tmp_path) == []


def test_a_new_start_counts_what_is_there_and_leaves_what_is_not_its_own(tmp_path: Path) -> None:
    assert keep(BoundedFolder(settings(tmp_path, max_mb=1)), "1", 99, size=900_000)
    mine = [tmp_path / "2026-05-17/notes.txt", tmp_path / "2026-05-17/mine/page.png", tmp_path / "2026-99-99/x"]
    for path in mine:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(2 * MB))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "2026-05-17/14-03-09.250Z_sure-100_1").symlink_to(elsewhere)
    assert keep(BoundedFolder(settings(tmp_path, max_mb=1)), "2", 50, minutes=1, size=900_000)
    assert len(list(tmp_path.glob("*/*_2"))) == 1
    assert not list(tmp_path.glob("*/*_sure-099_1"))
    assert all(path.stat().st_size == 2 * MB for path in mine)
    assert elsewhere.is_dir()


def test_two_of_the_same_moment_are_both_kept(tmp_path: Path) -> None:
    ring = BoundedFolder(settings(tmp_path))
    assert keep(ring, "1", 50)
    assert keep(ring, "1", 50)
    assert len(kept(tmp_path)) == 2
    # and the second one is known as well after a new start
    assert len(list(tmp_path.glob("*/*-2"))) == 1
    BoundedFolder(settings(tmp_path, max_mb=1)).keep("2", NOW, 0, {"frame.png": bytes(999_000 - 4096)})
    assert [name[-1] for name in kept(tmp_path)] == ["2"]


@pytest.mark.parametrize("folder", ["missing/kept", "file", "file/kept", "/proc/kept"])
def test_a_folder_that_cannot_be_is_refused_at_the_start(folder: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot keep frames: "):
        BoundedFolder(settings(tmp_path / folder))


def test_room_is_left_for_others(tmp_path: Path) -> None:
    ring = BoundedFolder(settings(tmp_path, min_free_mb=1_000_000))
    with pytest.raises(OutputError, match=r"less than record\.min_free_mb = 1000000 would stay free"):
        keep(ring, "1", 50)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB and 12 files."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1M,nr_inodes=12", "none", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system: run as root: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_keeps_nothing_half_and_works_again_with_room(small_disk: Path) -> None:
    ring = BoundedFolder(settings(small_disk / "kept"))
    filler = small_disk / "filler"
    filler.write_bytes(bytes(900_000))
    with pytest.raises(OutputError, match="the disk is full"):
        keep(ring, "1", 50, size=500_000)
    filler.unlink()
    # it may also turn out only in the middle of writing
    with pytest.raises(OutputError, match="No space left on device"):
        ring.keep("1", NOW, 50, {f"{number}.png": b"1" for number in range(20)})
    assert list((small_disk / "kept").iterdir()) == []
    assert keep(ring, "1", 50, size=500_000)


# the output


def digit(value: int, confidence: float) -> Digit:
    probabilities = np.full(10, (1 - confidence) / 10, np.float32)
    return Digit(str(value), confidence, probabilities, Box(1, 2, 3, 4), np.full((28, 28), value, np.uint8), 0)


def unsure(confidence: float) -> Reject:
    probabilities = np.full(11, (1 - confidence) / 10, np.float32)
    probabilities[3] = confidence
    crop = np.zeros((28, 28), np.uint8)
    return Reject(Box(5, 6, 7, 8), "not sure enough", confidence, crop, probabilities)


class Scenes:
    """Shows frames to a recorder, a tenth of a second apart."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._number = 0
        self._stable: Update | None = None

    def show(self, *found: Digit | Reject, frames: int = 1, news: bool = False, labels: Labels = DIGITS) -> None:
        digits = [one for one in found if isinstance(one, Digit)]
        rejected = [one for one in found if isinstance(one, Reject)]
        for number in range(frames):
            reading = Reading(digits, [*rejected, Reject(Box(0, 0, 1, 1), "too small")], {}, labels=labels)
            if news and not number:
                self._stable = Update(reading, NOW, self._number, 0)
            image = np.full((8, 8), 200, np.uint8)
            frame = Frame(image, time.monotonic_ns(), self._number, self._number * SECOND_NS // 10)
            self._recorder.see(ReadFrame(frame, reading, self._stable))
            self._number += 1


def recording(folder: Path, **others: float) -> tuple[ServiceState, Recorder]:
    record = settings(folder, **others)
    live = ServiceState(configure(record=record, track=TrackConfig()))
    output = open_recorder(live, record)
    return live, output


def test_a_reading_is_kept_once_with_its_crops_and_what_they_read_as(tmp_path: Path) -> None:
    _, recorder = recording(tmp_path)
    Scenes(recorder).show(digit(1, 1.0), digit(7, 0.679), unsure(0.415), frames=100, news=True)
    recorder.close()
    (folder,) = tmp_path.glob("[0-9]*/*")
    assert re.fullmatch(r"\d\d-\d\d-\d\d\.\d{3}Z_sure-041_17", folder.name)
    crops = ["00_read-1_100.png", "01_read-7_067.png", "02_rejected-not-sure-enough_041.png"]
    assert sorted(file.name for file in folder.iterdir()) == [*crops, "frame.png", "reading.json"]
    assert (cv2.imread(str(folder / crops[1]), cv2.IMREAD_UNCHANGED) == 7).all()
    assert (cv2.imread(str(folder / "frame.png"), cv2.IMREAD_UNCHANGED) == 200).all()
    told = json.loads((folder / "reading.json").read_text())
    assert (told["text"], told["stable"]) == ("17", "17")
    assert told["crops"] == dict(zip(crops, [[1, 2, 3, 4], [1, 2, 3, 4], [5, 6, 7, 8]], strict=True))


def test_labels_of_any_script_are_kept_under_names_that_are_found_again(tmp_path: Path) -> None:
    _, recorder = recording(tmp_path)
    places = [replace(digit(1, 1.0), label=label) for label in ("A", "あ", "/", "..")]
    labels = Labels(("A", "あ", "/", ".."))
    Scenes(recorder).show(*places, frames=10, news=True, labels=labels)
    recorder.close()
    (folder,) = tmp_path.glob("[0-9]*/*")
    assert folder.name.endswith("_A+あ+u002f+u002eu002e")
    assert {"00_read-A_100.png", "01_read-あ_100.png", "02_read-u002f_100.png"} < {one.name for one in folder.iterdir()}
    assert json.loads((folder / "reading.json").read_text())["text"] == "A あ / .."
    assert list(_entries(tmp_path))


def test_what_is_rejected_beside_a_reading_is_kept_once_it_stays(tmp_path: Path) -> None:
    _, recorder = recording(tmp_path)
    scenes = Scenes(recorder)
    scenes.show(digit(1, 1.0), frames=20, news=True)
    scenes.show(digit(1, 1.0), unsure(0.3), frames=5)  # a hand that passes
    for _ in range(5):
        scenes.show(digit(1, 1.0), frames=20)
        scenes.show(digit(1, 1.0), unsure(0.3), frames=20)
    recorder.close()
    assert {name.partition("sure-")[2] for name in kept(tmp_path)} == {"100_1", "030_1"}
    assert len(kept(tmp_path)) == 2


def test_a_minute_takes_only_so_many(tmp_path: Path) -> None:
    _, recorder = recording(tmp_path, max_per_minute=3)
    scenes = Scenes(recorder)
    for value in range(9):
        scenes.show(digit(value, 0.9), news=True)
    recorder.close()
    assert len(kept(tmp_path)) + recorder.dropped == 3


def test_an_empty_page_is_kept_too(tmp_path: Path) -> None:
    _, recorder = recording(tmp_path)
    Scenes(recorder).show(news=True)
    recorder.close()
    recorder.close()
    assert kept(tmp_path)[0].endswith("_sure-100_nothing")


def test_a_full_disk_is_a_fault_until_there_is_room(small_disk: Path) -> None:
    live, recorder = recording(small_disk / "kept")
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_bsize)
    Scenes(recorder).show(digit(1, 1.0), news=True)
    wait_until(lambda: "record" in live.health.faults())
    assert "the disk is full" in live.health.faults()["record"].text
    filler.unlink()
    # the frame that the disk did not take is tried again by itself
    wait_until(lambda: not live.health.faults())
    assert len(kept(small_disk / "kept")) == 1
    recorder.close()


def test_a_disk_that_goes_away_is_a_fault_until_it_is_back(tmp_path: Path) -> None:
    live, recorder = recording(tmp_path / "kept")
    (tmp_path / "kept").rename(tmp_path / "away")
    Scenes(recorder).show(digit(1, 1.0), news=True)
    wait_until(lambda: "record" in live.health.faults())
    (tmp_path / "away").rename(tmp_path / "kept")
    wait_until(lambda: not live.health.faults())
    assert len(kept(tmp_path / "kept")) == 1
    recorder.close()


def wait_until(happens: Callable[[], bool]) -> None:
    for _ in range(600):
        if happens():
            return
        time.sleep(0.1)
    raise AssertionError("it never happens")


# the service


def test_a_killed_service_leaves_whole_records_only_and_starts_again(service: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    config = f'[camera]\nsource = "replay:demo"\n[record]\nfolder = "{folder}"\nmin_free_mb = 0\nmax_per_minute = 600\n'
    for number in range(3):
        running = service(config)
        wait_until(lambda: len(list(folder.glob("[0-9]*/*"))) > number)  # noqa: B023  # called before it changes
        running.end(signal.SIGKILL)
    for path in folder.glob("[0-9]*/*"):
        assert json.loads((path / "reading.json").read_text())["crops"].keys() | {"frame.png", "reading.json"} == {
            file.name for file in path.iterdir()
        }
    running = service(config)
    running.wait_for(r"^\d", "stdout")
    assert running.end() == 0
    assert list(folder.glob(".*")) == []
