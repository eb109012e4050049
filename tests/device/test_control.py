"""What others ask of the loop, and what becomes of outputs that fail."""

import math
import signal
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from digitcam.cameras.base import Camera, NoFrameError
from digitcam.config import Config, FindConfig, TrackConfig, configure
from digitcam.errors import ConfigError, OutputError
from digitcam.frame import Frame, Grey
from digitcam.outputs.base import Output, ReadFrame, Update
from digitcam.outputs.isolated import IsolatedOutput
from digitcam.outputs.registry import open_outputs
from digitcam.outputs.stdout import StdoutConfig, TextLines
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.service import loop
from digitcam.state.commands import Command, Pause, Reload, Resume, SetThreshold
from digitcam.state.service import ServiceState


class LevelReader:
    """Reads a plain picture of grey level n as the digit n."""

    min_confidence = 0.6

    def read(self, image: Grey) -> Reading:
        level = int(image[0, 0])
        probabilities = np.eye(10, dtype=np.float32)[level]
        return Reading(
            [Digit(str(level), 1.0, probabilities, Box(1, 2, 3, 4), np.zeros((28, 28), np.uint8), 0)], [], {}
        )


class Script(Camera):
    """Shows grey levels; a command in between is asked for, None is a wait without a frame."""

    def __init__(self, live: ServiceState, steps: Sequence[int | Command | None], *, is_live: bool = True) -> None:
        self.live = is_live
        self._control = live.control
        self._steps = list(steps)
        self._given = 0

    def describe(self) -> str:
        return "script"

    def read(self) -> Frame | None:
        while self._steps:
            step = self._steps.pop(0)
            if step is None:
                raise NoFrameError
            if isinstance(step, int):
                self._given += 1
                return Frame(np.full((8, 8), step, np.uint8), time.monotonic_ns(), self._given)
            self._control.ask(step)
            # as if it had come while the loop waited
            raise NoFrameError
        return None

    def close(self) -> None:
        pass


class Seen(Output):
    def __init__(self) -> None:
        self.levels: list[str] = []

    def see(self, read_frame: ReadFrame) -> None:
        self.levels.append(read_frame.reading.text)


class Published(Output):
    """What is published, and the grey level of the picture that it comes with."""

    def __init__(self) -> None:
        self.levels: list[str] = []
        self.pictures: list[str] = []
        self._news = False

    def publish(self, update: Update) -> None:
        self.levels.append(update.reading.text)
        self._news = True

    def see(self, read_frame: ReadFrame) -> None:
        self.pictures += [str(read_frame.frame.image[0, 0])] if self._news else []
        self._news = False


def live_with(**others: object) -> ServiceState:
    return ServiceState(Config(track=TrackConfig(window=0, settle=0, frames=1), **others))  # type: ignore[arg-type]


def test_while_paused_frames_are_taken_and_none_is_read() -> None:
    live, seen = live_with(), Seen()
    summary = loop.run(live, Script(live, [1, Pause(), 2, 3, Resume(), 4]), LevelReader(), [seen])
    assert seen.levels == ["1", "4"]
    assert (summary.frames, summary.skipped) == (2, 0)
    assert live.health.parts()["reading"].state == "ok"


def test_a_pause_is_told() -> None:
    live = live_with()
    loop.run(live, Script(live, [1, Pause(), 2]), LevelReader(), [])
    part = live.health.parts()["reading"]
    assert part.state == "note"
    assert part.text.startswith("paused")
    assert live.control.paused


def test_a_paused_recording_waits() -> None:
    live, seen = live_with(), Seen()
    resumed = threading.Timer(1.0, live.control.ask, [Resume()])
    resumed.start()
    loop.run(live, Script(live, [1, Pause(), 2, 3], is_live=False), LevelReader(), [seen])
    assert seen.levels == ["1", "2", "3"]


def test_a_paused_recording_obeys_signals() -> None:
    live = live_with()
    live.control.ask(Pause())
    signalled = threading.Timer(0.5, signal.raise_signal, [signal.SIGTERM])
    signalled.start()
    assert loop.run(live, Script(live, [1], is_live=False), LevelReader(), []).frames == 0


def test_a_camera_without_a_frame_is_asked_again() -> None:
    live, seen = live_with(), Seen()
    loop.run(live, Script(live, [1, None, None, 2]), LevelReader(), [seen])
    assert seen.levels == ["1", "2"]


def test_a_threshold_is_set_and_told() -> None:
    live, reader = live_with(), LevelReader()
    loop.run(live, Script(live, [1, SetThreshold(0.75), 2]), reader, [])
    assert reader.min_confidence == live.control.min_confidence == 0.75
    assert live.health.parts()["reading"].text == "reads; min_confidence is 0.75"


def test_a_threshold_that_is_raised_drops_digits_that_are_followed_already() -> None:
    """The network's word on them is as it was: only that they are rejected now is new."""

    class Unsure(LevelReader):
        def read(self, image: Grey) -> Reading:
            [digit] = super().read(image).digits
            if self.min_confidence < 0.9:
                return Reading([digit], [], {})
            row = np.append(digit.probabilities, np.float32(0))
            return Reading([], [Reject(digit.box, "not sure enough", 1.0, digit.crop, row)], {})

    live, published = live_with(), Published()
    loop.run(live, Script(live, [3, 3, SetThreshold(0.95), 3, 3]), Unsure(), [published])
    assert published.levels == ["3", ""]


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf])
def test_a_threshold_out_of_range_cannot_be_asked_for(value: float) -> None:
    with pytest.raises(ConfigError, match="expected a number from 0 to 1"):
        SetThreshold(value)


def test_a_reload_replaces_reader_and_track_settings() -> None:
    class Tens(LevelReader):
        min_confidence = 0.9

    config = Config(track=TrackConfig(window=0, settle=0, frames=1), find=FindConfig(printed=False))
    live, seen, reader = live_with(), Seen(), Tens()
    loop.run(live, Script(live, [1, Reload(), 2]), LevelReader(), [seen], reload=lambda: (config, reader))
    assert live.health.parts()["reading"].text.endswith("0.9")
    assert seen.levels == ["1", "2"]


def test_a_reload_does_not_publish_again_what_stands() -> None:
    live, published = live_with(), Published()
    config = Config(track=TrackConfig(window=0, settle=0, frames=2))
    loop.run(
        live,
        Script(live, [1, Reload(), 1, 1, 1, 1]),
        LevelReader(),
        [published],
        reload=lambda: (config, LevelReader()),
    )
    assert published.levels == ["1"]


def test_what_stood_there_before_a_pause_settles_nothing_after_it() -> None:
    live, published = ServiceState(Config(track=TrackConfig(window=0, settle=0, frames=3))), Published()
    loop.run(live, Script(live, [1, 1, Pause(), 2, Resume(), 1]), LevelReader(), [published])
    assert published.levels == []


def test_a_source_that_ends_while_paused_ends_with_the_frame_that_was_read() -> None:
    live, published = ServiceState(Config()), Published()
    loop.run(live, Script(live, [1, Pause(), 2]), LevelReader(), [published])
    assert published.levels == published.pictures == ["1"]


class Failing(Output):
    """Fails to publish the even digits, and to close."""

    def publish(self, update: Update) -> None:
        if int(update.reading.text) % 2 == 0:
            raise OutputError(f"cannot publish {update.reading.text}")

    def close(self) -> None:
        raise OutputError("cannot close")


def test_an_output_that_fails_is_a_fault_and_the_rest_goes_on() -> None:
    live, seen = live_with(), Seen()
    output = IsolatedOutput("mqtt", Failing(), live.health)
    loop.run(live, Script(live, [1, 2]), LevelReader(), [output, seen])
    assert live.health.faults()["mqtt"].text == "cannot publish 2"
    loop.run(live, Script(live, [4, 3]), LevelReader(), [output, seen])
    assert live.health.parts()["mqtt"].text == "works again"
    output.close()
    assert live.health.faults()["mqtt"].text == "cannot close"
    assert seen.levels == ["1", "2", "4", "3"]


def test_nothing_is_opened_that_was_not_asked_for() -> None:
    with open_outputs(ServiceState(Config())) as outputs:
        assert list(map(type, outputs)) == [TextLines]
    with open_outputs(ServiceState(configure(stdout=StdoutConfig(format="off")))) as outputs:
        assert outputs == []
