"""A live camera is watched: its newest frame, and what happens when it fails. Cameras here do as the test says."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from digitcam.cameras.base import Camera, EmptyFrameError, NoFrameError, StuckError
from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.frame_health import FrameHealth, is_black
from digitcam.cameras.reconnecting import MOST_LEFT, ReconnectingCamera
from digitcam.errors import CameraError
from digitcam.frame import Frame, Grey
from digitcam.state.health import Health
from looking import LIMIT_S, fault, until

QUICK = Timeouts(open_s=LIMIT_S, stall_s=LIMIT_S, bad_s=LIMIT_S, first_delay_s=0.01, longest_delay_s=0.02)
BLACK = np.zeros((48, 64), np.uint8)


def picture(level: int) -> Grey:
    """One that is not black."""
    return np.full((48, 64), 100 + level % 100, np.uint8)


class Scripted(Camera):
    """Gives the pictures that are put, raises the errors, and waits where nothing is."""

    live = True

    def __init__(self, *steps: Grey | Exception, note: str = "") -> None:
        self.note = note
        self.steps: queue.SimpleQueue[Grey | Exception | None] = queue.SimpleQueue()
        for step in steps:
            self.steps.put(step)
        self.closed = threading.Event()

    def describe(self) -> str:
        return "scripted"

    def read(self) -> Frame | None:
        step = self.steps.get()
        if isinstance(step, Exception):
            raise step
        return None if step is None else Frame(step, time.monotonic_ns(), 0)

    def close(self) -> None:
        self.closed.set()


class Port:
    """Where cameras are plugged in: each opening takes the next, or the error that is next."""

    def __init__(self, *cameras: Camera | Exception) -> None:
        self.cameras = list(cameras)
        self.openings = 0

    def __call__(self) -> Camera:
        self.openings += 1
        camera = self.cameras.pop(0) if len(self.cameras) > 1 else self.cameras[0]
        if isinstance(camera, Exception):
            raise camera
        return camera


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def watch(health: Health) -> Iterator[Callable[..., ReconnectingCamera]]:
    plugged: list[Camera | Exception] = []
    opened = []

    def open_(*cameras: Camera | Exception, timeouts: Timeouts = QUICK, wait: bool = False) -> ReconnectingCamera:
        plugged.extend(cameras)
        watched = ReconnectingCamera("the camera", Port(*cameras), health, timeouts, wait=wait)
        opened.append(watched)
        return watched

    yield open_
    for camera in plugged:
        if isinstance(camera, Scripted):
            camera.steps.put(None)  # so that its thread ends
    for watched in opened:
        watched.close()


def frame_of(camera: ReconnectingCamera) -> Frame:
    """Its next frame, however often it has none yet."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        with suppress(NoFrameError):
            return camera.read()
    pytest.fail("no frame came")


# the newest frame


def test_a_slow_reader_gets_the_newest_frame_and_the_gap_shows(watch: Callable[..., ReconnectingCamera]) -> None:
    camera = Scripted(picture(0))
    watched = watch(camera)
    assert frame_of(watched).sequence == 0
    for level in range(1, 5):
        camera.steps.put(picture(level))
    while not camera.steps.empty():
        time.sleep(0.001)
    last = frame_of(watched)
    while last.sequence < 4:  # the fourth may have been on its way
        last = frame_of(watched)
    assert last.image[0, 0] == picture(4)[0, 0]


def test_no_frame_is_handed_on_twice_and_control_comes_back(
    watch: Callable[..., ReconnectingCamera], health: Health
) -> None:
    watched = watch(Scripted(picture(0)))
    assert frame_of(watched)
    for _ in range(2):
        with pytest.raises(NoFrameError):
            watched.read()
    assert not fault(health)


def test_what_it_gives_instead_is_a_note(watch: Callable[..., ReconnectingCamera], health: Health) -> None:
    frame_of(watch(Scripted(picture(0), note="gives less")))
    part = health.parts()["camera"]
    assert (part.state, part.text) == ("note", "scripted; gives less")


def test_closing_ends_the_thread_and_closes_the_camera(watch: Callable[..., ReconnectingCamera]) -> None:
    camera = Scripted(*(picture(level) for level in range(50)), CameraError("end"))
    watched = watch(camera)
    frame_of(watched)
    watched.close()
    assert camera.closed.wait(LIMIT_S)


# faults


def test_a_camera_that_fails_is_reported_opened_again_and_counts_on(
    watch: Callable[..., ReconnectingCamera], health: Health
) -> None:
    first, second = Scripted(picture(0), picture(1)), Scripted(picture(2))
    watched = watch(first, CameraError("not there yet"), CameraError("not there yet"), second)
    numbers = [frame_of(watched).sequence]
    assert health.parts()["camera"].state == "ok"
    first.steps.put(CameraError("unplugged"))
    numbers += [frame.sequence for frame in until(watched, lambda: "unplugged" in fault(health))]
    assert first.closed.wait(LIMIT_S)
    until(watched, lambda: "not there yet" in fault(health))
    numbers.append(frame_of(watched).sequence)
    assert health.parts()["camera"].state == "ok"
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("error", [ValueError("of the driver"), MemoryError("of the driver")], ids=repr)
def test_whatever_a_driver_raises_is_one_line(
    watch: Callable[..., ReconnectingCamera], health: Health, error: Exception
) -> None:
    watched = watch(Scripted(picture(0), error), Scripted(picture(1)))
    until(watched, lambda: f"{type(error).__name__}: of the driver" in fault(health))
    assert "\n" not in fault(health)
    frame_of(watched)
    assert not fault(health)


def test_a_camera_that_ends_is_opened_again(watch: Callable[..., ReconnectingCamera], health: Health) -> None:
    first = Scripted(picture(0))
    first.steps.put(None)
    watched = watch(first, Scripted(picture(1)))
    until(watched, lambda: "scripted: has ended" in fault(health))
    assert frame_of(watched)


def test_an_empty_frame_is_passed_over_and_three_are_a_fault(
    watch: Callable[..., ReconnectingCamera], health: Health
) -> None:
    empty = EmptyFrameError("empty frames")
    camera = Scripted(picture(0), empty, empty, picture(1), empty, empty, picture(2))
    watched = watch(camera, Scripted(picture(9)))
    until(watched, camera.steps.empty)
    assert not fault(health)
    for _ in range(3):
        camera.steps.put(empty)
    until(watched, lambda: "empty frames" in fault(health))
    until(watched, lambda: not fault(health))


def test_a_camera_stuck_in_its_driver_is_left_behind_and_closed_when_it_comes_back(
    watch: Callable[..., ReconnectingCamera], health: Health
) -> None:
    stuck = Scripted(picture(0))
    timeouts = Timeouts(stall_s=0.2, first_delay_s=0.01, longest_delay_s=0.02)
    second = Scripted(picture(1))
    watched = watch(stuck, second, timeouts=timeouts)
    first = frame_of(watched)
    until(watched, lambda: "the camera: gives no frames" in fault(health))
    assert not stuck.closed.is_set()  # that is for its own thread to do
    assert frame_of(watched).sequence > first.sequence
    stuck.steps.put(picture(2))
    assert stuck.closed.wait(LIMIT_S)


def test_an_opening_that_never_returns_is_left_behind(health: Health) -> None:
    let_go = threading.Event()
    second = Scripted(picture(0))
    openings = [let_go.wait, None]

    def opening() -> Camera:
        if hang := openings.pop(0):
            hang(LIMIT_S)
        return second

    timeouts = Timeouts(open_s=0.2, first_delay_s=0.01, longest_delay_s=0.02)
    watched = ReconnectingCamera("it", opening, health, timeouts, wait=True)
    until(watched, lambda: "it: gives no frames" in fault(health))
    assert frame_of(watched)
    let_go.set()
    second.steps.put(None)
    watched.close()


def test_a_driver_that_keeps_everything_stuck_costs_a_few_threads_and_no_more(
    watch: Callable[..., ReconnectingCamera], health: Health
) -> None:
    cameras = [Scripted() for _ in range(MOST_LEFT)]
    timeouts = Timeouts(stall_s=0.05, first_delay_s=0.01, longest_delay_s=0.02)
    last = Scripted(picture(0))
    watched = watch(*cameras, last, timeouts=timeouts)
    until(watched, lambda: "stuck in its driver" in fault(health))
    assert sum(thread.name == "capture" for thread in threading.enumerate()) == MOST_LEFT
    with pytest.raises(StuckError):  # also while it waits for the next opening
        watched.read()
    for camera in cameras:
        camera.steps.put(None)
    assert frame_of(watched)


# black and frozen pictures


@pytest.mark.parametrize(
    ("bad", "said"),
    [(BLACK, "shows nothing but black"), (picture(1), "gives the very same picture")],
    ids=["black", "frozen"],
)
def test_black_and_frozen_pictures_are_a_fault_and_are_not_handed_on_after_it(
    health: Health, bad: Grey, said: str
) -> None:
    shown, openings = [bad], []

    class Showing(Camera):
        """Shows what is shown."""

        live = True

        def describe(self) -> str:
            return "showing"

        def read(self) -> Frame:
            time.sleep(0.005)
            return Frame(shown[0], time.monotonic_ns(), 0)

        def close(self) -> None: ...

    def opening() -> Camera:
        openings.append(Showing())
        return openings[-1]

    timeouts = Timeouts(bad_s=0.2, first_delay_s=0.01, longest_delay_s=0.02)
    with ReconnectingCamera("it", opening, health, timeouts, wait=False) as watched:
        assert until(watched, lambda: f"showing: {said}" in fault(health))
        assert until(watched, lambda: len(openings) > 3) == []
        assert said in fault(health)
        shown[0] = picture(50)
        assert np.array_equal(frame_of(watched).image, picture(50))
        assert not fault(health)


@pytest.mark.parametrize("shown", [BLACK, picture(1)], ids=["black", "frozen"])
def test_a_recording_may_show_black_or_one_picture_for_ever(
    watch: Callable[..., ReconnectingCamera], health: Health, shown: Grey
) -> None:
    recording = Scripted(*[shown] * 20, CameraError("the end"))
    recording.sensor = False
    watched = watch(recording, CameraError("no more"), timeouts=replace(QUICK, bad_s=0.0))
    assert until(watched, lambda: fault(health))
    assert fault(health).startswith("the end")  # where a sensor would be given up at its second picture


def test_a_picture_that_changes_now_and_then_is_not_frozen() -> None:
    judge = FrameHealth(bad_s=0.0)
    assert judge.see(picture(0))
    assert judge.see(picture(1))
    with pytest.raises(CameraError, match="the very same"):
        judge.see(picture(1))


@pytest.mark.parametrize(
    ("image", "black"),
    [
        (np.full((480, 640), 16, np.uint8), True),  # the black of video
        (np.random.default_rng(1).normal(8, 4, (480, 640)).clip(0, 255).astype(np.uint8), True),
        (np.full((480, 640), 60, np.uint8), False),
        (np.pad(np.full((40, 20), 200, np.uint8), ((200, 240), (300, 320))), False),  # a light digit on black
    ],
    ids=["video", "noise", "dim", "chalk"],
)
def test_what_is_black(image: Grey, *, black: bool) -> None:
    assert is_black(image) is black


# cameras that are absent at the start


def test_an_absent_camera_is_refused_at_once(watch: Callable[..., ReconnectingCamera]) -> None:
    with pytest.raises(CameraError, match="absent"):
        watch(CameraError("absent"))


def test_an_absent_camera_is_waited_for_where_that_is_wanted(
    watch: Callable[..., ReconnectingCamera], health: Health
) -> None:
    watched = watch(CameraError("absent"), CameraError("absent"), Scripted(picture(0)), wait=True)
    assert watched.describe() == "the camera: waiting for it"
    until(watched, lambda: "absent" in fault(health))
    assert frame_of(watched).sequence == 0
    assert watched.describe() == "scripted"
    assert not fault(health)


def test_a_slow_camera_is_given_the_time_of_three_frames() -> None:
    assert Timeouts().at_rate(0.1).stall_s == 30.0
    assert Timeouts().at_rate(30).stall_s == Timeouts().stall_s


def test_a_run_that_waits_for_its_camera_obeys_a_signal() -> None:
    command = [sys.executable, "-m", "digitcam", "run", "--source", "v4l2:/dev/video99"]
    environ = {**os.environ, "DIGITCAM_CAMERA_WAIT": "true"}
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        said = ""
        while "/dev/video99: no such device" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGTERM)
        said += process.communicate(timeout=LIMIT_S)[1]
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "v4l2:/dev/video99: waiting for it" in said
