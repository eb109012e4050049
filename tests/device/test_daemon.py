import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.held import Held

from digitcam.cameras import registry
from digitcam.cameras.base import Camera
from digitcam.config import CameraConfig, Config, TrackConfig
from digitcam.errors import CameraError, OutputError
from digitcam.frame import Frame, Grey, Origin
from digitcam.outputs.base import Output, OutputClosedError, Update
from digitcam.outputs.stdout import JsonLines, TextLines
from digitcam.pictures.image_file import load
from digitcam.reading import Box, Digit, Reading
from digitcam.recognition.reader import open_reader
from digitcam.service import loop
from digitcam.state import stats
from digitcam.state.service import ServiceState

SAMPLES = Path(str(files("digitcam"))) / "samples"
STAGES = ["capture", "find", "normalize", "classify", "order", "track"]


def digit(value: int, confidence: float = 0.9, line: int = 0) -> Digit:
    probabilities, crop = np.zeros(10, np.float32), np.zeros((28, 28), np.uint8)
    probabilities[value] = confidence
    return Digit(str(value), confidence, probabilities, Box(1, 2, 3, 4), crop, line)


class LevelReader:
    """Reads a plain picture of grey level n as the digit n, and level 0 as nothing."""

    min_confidence = 0.6

    def read(self, image: Grey) -> Reading:
        level = int(image[0, 0])
        digits = [digit(level)] if level else []
        return Reading(digits, [], {"find": 1.0, "normalize": 2.0, "classify": 3.0, "order": 4.0})


class Levels(Camera):
    """A live camera that shows plain pictures, numbered as given."""

    live = True

    def __init__(self, levels: Sequence[int], numbers: Sequence[int] | None = None) -> None:
        self._shots = list(zip(levels, numbers or range(len(levels)), strict=True))
        self.closed = False

    def describe(self) -> str:
        return "levels"

    def read(self) -> Frame | None:
        if not self._shots:
            return None
        level, number = self._shots.pop(0)
        return Frame(np.full((8, 8), level, np.uint8), time.monotonic_ns(), number)

    def close(self) -> None:
        self.closed = True


class Kept(Output):
    """Keeps what is published."""

    def __init__(self) -> None:
        self.updates: list[Update] = []

    def publish(self, update: Update) -> None:
        self.updates.append(update)


def run(camera: Camera, output: Output, *, frames: int = 1) -> stats.Summary:
    """Count frames, not time, which passes here as it likes."""
    return loop.run(
        ServiceState(Config(track=TrackConfig(window=0, settle=0, frames=frames))), camera, LevelReader(), [output]
    )


# the loop


def test_each_change_of_the_stable_reading_is_published_once() -> None:
    kept = Kept()
    summary = run(Levels([3, 3, 3, 5, 5, 5, 0, 0, 0]), kept, frames=3)
    assert [(update.reading.text, update.sequence) for update in kept.updates] == [("3", 2), ("5", 5), ("", 8)]
    assert (summary.frames, summary.published, summary.skipped) == (9, 3, 0)


@pytest.mark.parametrize("quarters", range(4))
def test_a_page_on_its_side_is_published_as_it_is_read(quarters: int) -> None:
    image = np.ascontiguousarray(np.rot90(load(SAMPLES / "frame-1.png"), quarters))
    reader, kept = open_reader(Config()), Kept()
    loop.run(ServiceState(Config()), Held(image, frames=4), reader, [kept])
    (published,), read = [update.reading for update in kept.updates], reader.read(image)
    assert (published.text, published.turn) == (read.text, read.turn) == (read.text, 90 * quarters)
    assert len(read.text.split()) > 1
    assert [(digit.digit, digit.box, digit.line) for digit in published.digits] == [
        (digit.digit, digit.box, digit.line) for digit in read.digits
    ]


def test_gaps_in_the_cameras_count_are_skipped_frames() -> None:
    kept = Kept()
    # what came before the first frame that was taken is start-up, not skipping
    summary = run(Levels([1, 2, 3], numbers=[7, 8, 12]), kept)
    assert [update.skipped for update in kept.updates] == [0, 0, 3]
    assert summary.skipped == 3


def test_a_published_reading_carries_every_stage_in_the_order_of_the_data() -> None:
    kept = Kept()
    run(Levels([1]), kept)
    ms = kept.updates[0].reading.ms
    assert list(ms) == STAGES
    assert ms["normalize"] == 2.0


def test_a_single_picture_gives_its_reading(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), np.full((48, 64), 6, np.uint8))
    kept = Kept()
    live = ServiceState(Config())
    with registry.open_camera(CameraConfig(source=str(path)), live.health) as camera:
        summary = loop.run(live, camera, LevelReader(), [kept])
    assert [update.reading.text for update in kept.updates] == ["6"]
    assert list(kept.updates[0].reading.ms) == STAGES
    assert summary.frames == 1


class Stills(Levels):
    """A folder's pictures, level by level, or one picture again and again."""

    def __init__(self, levels: Sequence[int], *, alone: bool) -> None:
        super().__init__(levels)
        self._alone = alone

    def read(self) -> Frame | None:
        frame = super().read()
        return frame and replace(frame, origin=Origin("page.png" if self._alone else f"{frame.sequence}.png"))


def test_each_picture_is_told_for_itself_at_once_whatever_the_one_before_it_said() -> None:
    kept = Kept()
    summary = run(Stills([3, 5, 5, 0], alone=False), kept, frames=3)
    assert [(update.reading.text, str(update.origin)) for update in kept.updates] == [
        *(("3", "0.png"), ("5", "1.png"), ("5", "2.png")),
        ("", "3.png"),
    ]
    assert (summary.frames, summary.published) == (4, 4)


def test_the_very_same_picture_again_is_told_only_if_it_is_read_as_something_else() -> None:
    kept = Kept()
    run(Stills([3, 3, 3, 5, 5], alone=True), kept)
    assert [update.reading.text for update in kept.updates] == ["3", "5"]


def test_the_time_of_a_reading_is_that_of_its_capture() -> None:
    before = datetime.now(UTC)
    kept = Kept()
    run(Levels([1]), kept)
    # two clocks are read, and the wall clock may be set meanwhile by a little
    assert before - timedelta(seconds=1) < kept.updates[0].time < datetime.now(UTC) + timedelta(seconds=1)


def test_latency_is_kept_for_each_stage_with_total_last() -> None:
    latency = run(Levels([1, 1, 1, 2]), Kept(), frames=3).latency
    assert list(latency) == [*STAGES, "publish", "total"]
    assert latency["classify"] == (3.0, 3.0, 3.0, 3.0)
    assert latency["total"].p50 <= latency["total"].p90 <= latency["total"].p99 <= latency["total"].max


class SlowingReader:
    """Says that finding took one millisecond more with each frame."""

    min_confidence = 0.6

    def __init__(self) -> None:
        self._ms = 0.0

    def read(self, image: Grey) -> Reading:
        del image
        self._ms += 1
        return Reading([], [], {"find": self._ms})


def test_latency_is_that_of_the_newest_frames_so_memory_stays_bounded() -> None:
    frames = stats.WINDOW + 1000
    summary = loop.run(ServiceState(Config()), Levels([1] * frames), SlowingReader(), [Kept()])
    assert summary.frames == frames
    # frames 1001 to `frames` remain; halfway between them is
    assert summary.latency["find"].p50 == (1001 + frames) / 2
    assert summary.latency["find"].max == frames
    assert f"newest {stats.WINDOW} frames" in summary.table()


def test_the_summary_is_a_table_for_a_terminal() -> None:
    table = run(Levels([1, 2]), Kept()).table().splitlines()
    assert re.fullmatch(
        r"2 frames read, 0 skipped, 2 stable readings in \d+\.\d s: \d+\.\d readings a second", table[0]
    )
    assert table[2].split() == ["ms,", "all", "frames", "p50", "p90", "p99", "max"]
    assert [row.split()[0] for row in table[3:]] == [*STAGES, "publish", "total"]
    assert table[6].split() == ["classify", "3.00", "3.00", "3.00", "3.00"]
    assert len({len(row) for row in table[2:]}) == 1


def test_a_source_without_frames_has_a_summary_too() -> None:
    summary = run(Levels([]), Kept())
    assert summary.frames == 0
    assert summary.table() == "no frame was read"


def test_the_camera_is_left_to_whoever_opened_it() -> None:
    camera = Levels([1])
    run(camera, Kept())
    assert not camera.closed


class Broken(Levels):
    def read(self) -> Frame | None:
        raise CameraError("levels: unplugged")


def test_an_error_of_the_camera_reaches_the_caller_and_the_signals_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(CameraError, match="unplugged"):
        run(Broken([]), Kept())
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


class Closed(Output):
    """An output whose reader leaves after the first line."""

    def __init__(self) -> None:
        self.published = 0

    def publish(self, update: Update) -> None:
        if update.sequence:
            raise OutputClosedError
        self.published += 1


def test_an_output_that_nobody_reads_ends_the_run() -> None:
    summary = run(Levels([1, 2, 3, 4]), Closed())
    assert (summary.frames, summary.published) == (2, 1)


# signals, sent to this very process at a known moment


class Signals(Levels):
    """Sends SIGTERM while the loop waits for frame number `at`."""

    def __init__(self, levels: Sequence[int], at: int) -> None:
        super().__init__(levels)
        self._left = at

    def read(self) -> Frame | None:
        if self._left == 0:
            signal.raise_signal(signal.SIGTERM)
        self._left -= 1
        return super().read()


def test_a_signal_ends_the_wait_for_a_frame() -> None:
    kept = Kept()
    before = signal.getsignal(signal.SIGTERM)
    summary = run(Signals([1, 2, 3, 4], at=2), kept)
    assert summary.frames == 2
    assert signal.getsignal(signal.SIGTERM) is before


class SignalsWhilePublishing(Kept):
    def publish(self, update: Update) -> None:
        if not self.updates:
            signal.raise_signal(signal.SIGINT)
        super().publish(update)


def test_a_frame_in_hand_is_finished_and_published_before_a_signal_is_obeyed() -> None:
    kept = SignalsWhilePublishing()
    summary = run(Levels([1, 2, 3]), kept)
    assert [update.reading.text for update in kept.updates] == ["1"]
    assert (summary.frames, summary.published) == (1, 1)


# a real process, as a shell would start it

PROGRAM = """
import sys, time
import numpy as np
from digitcam.service import loop
from digitcam.cameras.base import Camera
from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.reconnecting import ReconnectingCamera
from digitcam.config import Config, TrackConfig
from digitcam.frame import Frame
from digitcam.state.service import ServiceState
from digitcam.outputs.stdout import JsonLines
from digitcam.reading import Box, Digit, Reading

class Counter(Camera):
    live = True
    number = 0
    def describe(self): return "counter"
    def close(self): print("closed", file=sys.stderr)
    def read(self):
        time.sleep(0.01)
        self.number += 1
        return Frame(np.full((8, 8), self.number % 10, np.uint8), time.monotonic_ns(), self.number - 1)

class Reader:
    min_confidence = 0.6
    def read(self, image):
        STUCK
        value, crop = int(image[0, 0]), np.zeros((28, 28), np.uint8)
        return Reading([Digit(str(value), 1.0, np.eye(10, dtype=np.float32)[value], Box(0, 0, 8, 8), crop, 0)], [], {})

live = ServiceState(Config(track=TrackConfig(window=0, settle=0, frames=1)))
with ReconnectingCamera("counter", Counter, live.health, Timeouts(), wait=False) as camera:
    summary = loop.run(live, camera, Reader(), [JsonLines(sys.stdout)])
print(summary.table(), file=sys.stderr)
"""


@contextmanager
def started(stuck: str = "pass") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM.replace("STUCK", stuck)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            # a process that should have ended and did not fails its test and does not hang it
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_process_cleanly_with_its_summary(number: signal.Signals) -> None:
    with started() as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["sequence"] >= 0
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert errors.startswith("closed\n")
    assert "frames read" in errors


def test_every_line_is_there_as_soon_as_its_reading_is() -> None:
    with started() as process:
        assert process.stdout is not None
        texts = [json.loads(process.stdout.readline())["text"] for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert len(set(texts)) == 3


def test_a_second_signal_ends_a_process_that_is_stuck() -> None:
    with started(stuck="print('stuck', flush=True); time.sleep(600)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stuck\n"
        process.send_signal(signal.SIGINT)
        # ask until it has gone, since a second signal is only one once the first was handled
        for _ in range(1000):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                time.sleep(0.01)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert errors == ""


def test_a_closed_pipe_ends_the_process_without_a_traceback() -> None:
    with started() as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
        process.wait(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors
    assert "frames read" in errors


# lines


def update(*digits: Digit, ms: dict[str, float] | None = None) -> Update:
    time_ = datetime(2026, 5, 17, 14, 3, 9, 250_000, tzinfo=timezone(timedelta(hours=2)))
    return Update(Reading(digits, [], ms or {}), time_, sequence=41, skipped=7)


def written_by(form: type[TextLines] | type[JsonLines], what: Update) -> str:
    stream = io.StringIO()
    form(stream).publish(what)
    return stream.getvalue()


def test_a_line_for_a_person_has_text_least_confidence_and_stages() -> None:
    what = update(digit(1, 0.999), digit(2, 0.978), digit(3, 1.0, line=1), ms={"capture": 4.04, "find": 2.5})
    assert " ".join(written_by(TextLines, what).split()) == "12 / 3 97 % capture 4.0 find 2.5 ms"


def test_a_line_for_a_person_says_when_nothing_is_there() -> None:
    assert written_by(TextLines, update()).startswith("(nothing)")


def test_a_line_for_a_program_is_the_reading_with_time_and_counts() -> None:
    what = update(digit(5), ms={"find": 1.23456})
    line = written_by(JsonLines, what)
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "time": "2026-05-17T12:03:09.250Z",
        "sequence": 41,
        "skipped": 7,
        "text": "5",
        "digits": [{"digit": 5, "confidence": 0.9, "box": [1, 2, 3, 4], "line": 0}],
        "rejected": [],
        "turn": 0,
        "ms": {"find": 1.235},
    }


def test_a_line_of_a_picture_names_it() -> None:
    page = replace(update(digit(5)), origin=Origin("two.tif", 2))
    assert written_by(TextLines, page).endswith(" ms   two.tif, page 2\n")
    said = json.loads(written_by(JsonLines, page))
    assert (said["image"], said["page"]) == ("two.tif", 2)
    assert "page" not in json.loads(written_by(JsonLines, replace(page, origin=Origin("one.tif"))))


@pytest.mark.parametrize("form", [TextLines, JsonLines])
def test_a_full_disk_is_one_clear_line(form: type[TextLines] | type[JsonLines]) -> None:
    line = "^/dev/full: cannot write: No space left on device; make room, or send it elsewhere$"
    with Path("/dev/full").open("w") as stream, pytest.raises(OutputError, match=line):
        form(stream).publish(update())


def test_a_reader_that_has_gone_closes_the_output() -> None:
    reading_end, writing_end = os.pipe()
    os.close(reading_end)
    with os.fdopen(writing_end, "w") as stream, pytest.raises(OutputClosedError):
        JsonLines(stream).publish(update())
