"""`auto` takes whichever camera is there; the kernel is acted, and so is picamera2 where it finds one."""

import subprocess
import threading
from collections.abc import Callable, Iterator

import pytest

from digitcam.cameras import picamera, registry
from digitcam.cameras.auto import Auto
from digitcam.cameras.base import Camera, CameraInfo
from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.v4l2 import source
from digitcam.config import CameraConfig, Config
from digitcam.errors import CameraError
from digitcam.state.health import Health
from looking import LIMIT_S, fault, until
from webcams import Driver, Machine, Webcam, act

QUICK = Timeouts(open_s=LIMIT_S, stall_s=LIMIT_S, bad_s=LIMIT_S, first_delay_s=0.01, longest_delay_s=0.02)
AUTO = CameraConfig(wait=True)
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return act(monkeypatch)


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def camera(machine: Machine, health: Health) -> Iterator[Camera]:
    """What a service has that finds no camera at its start."""
    del machine
    with registry.open_camera(AUTO, health, QUICK) as opened:
        until(opened, lambda: fault(health))
        yield opened


def taken(health: Health) -> str:
    """What is told of the camera that was taken; empty where there is none."""
    part = health.parts().get("camera")
    return part.text if part and part.state != "fault" else ""


def test_it_is_what_is_looked_for_where_nothing_is_said() -> None:
    assert Config().camera.source == "auto"


def test_without_a_camera_it_says_what_was_looked_at(machine: Machine) -> None:
    del machine
    with pytest.raises(CameraError) as caught:
        registry.open_camera(CameraConfig(), Health())
    said = str(caught.value)
    assert said.startswith("no camera gives pictures; plug one in, or name another camera.source. Looked at: picamera2")
    assert said.endswith("there is no /dev/video device that gives pictures")
    assert "\n" not in said


def test_a_camera_that_is_plugged_in_later_is_taken(camera: Camera, machine: Machine, health: Health) -> None:
    machine.plugged["/dev/video0"] = Webcam(level=100)
    assert until(camera, lambda: taken(health))
    assert taken(health) == "/dev/video0: Test Camera, YUYV 640x480, 30 frames a second"


def test_the_first_that_is_free_and_gives_frames_is_taken_and_the_others_are_told(
    camera: Camera, machine: Machine, health: Health
) -> None:
    machine.plugged["/dev/video0"] = Webcam(card="Busy", level=100, busy=True)
    until(camera, lambda: "/dev/video0: busy: another program is using it" in fault(health))
    machine.plugged |= {"/dev/video1": Webcam(card="Dead"), "/dev/video2": Webcam(card="Good", level=100)}
    until(camera, lambda: taken(health))
    part = health.parts()["camera"]
    assert part.state == "note"
    assert part.text.startswith("/dev/video2: Good, YUYV 640x480, 30 frames a second; /dev/video")
    for said in ("/dev/video0: busy: another program is using it", "/dev/video1 (Dead): the device is gone"):
        assert said in part.text


def test_the_one_that_was_taken_goes_first_when_it_comes_back(camera: Camera, machine: Machine, health: Health) -> None:
    machine.plugged["/dev/video0"] = ours = Webcam(card="Ours", bus="usb-1", level=100)
    until(camera, lambda: "Ours" in taken(health))
    machine.plugged = {}
    ours.level = None
    until(camera, lambda: "the device is gone" in fault(health))
    ours.level = 100
    machine.plugged = {"/dev/video0": Webcam(card="Other", bus="usb-2", level=100), "/dev/video1": ours}
    until(camera, lambda: taken(health))
    assert taken(health) == "/dev/video1: Ours, YUYV 640x480, 30 frames a second"


def test_another_is_taken_where_the_first_stays_away(camera: Camera, machine: Machine, health: Health) -> None:
    machine.plugged["/dev/video0"] = ours = Webcam(card="Ours", bus="usb-1", level=100)
    until(camera, lambda: "Ours" in taken(health))
    ours.level = None
    machine.plugged = {"/dev/video0": Webcam(card="Other", bus="usb-2", level=100)}
    until(camera, lambda: "Other" in taken(health))
    assert "/dev/video0 (Ours): the device is gone" in taken(health)


def test_a_driver_that_never_returns_does_not_keep_another_camera_from_being_taken(
    machine: Machine, health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.plugged = {"/dev/video0": Webcam(card="Stuck"), "/dev/video1": Webcam(card="Good", level=100)}
    released = threading.Event()

    def open_capture(node: str, _: int) -> Driver:
        if node == "/dev/video0":
            released.wait(LIMIT_S)
        return Driver(machine.plugged[node])

    monkeypatch.setattr(source, "open_capture", open_capture)
    short = Timeouts(open_s=0.5, stall_s=LIMIT_S, bad_s=LIMIT_S, first_delay_s=0.01, longest_delay_s=0.02)
    with registry.open_camera(AUTO, health, short) as opened:
        until(opened, lambda: taken(health))
        assert taken(health).startswith("/dev/video1: Good")
        released.set()


def test_what_no_camera_of_a_kind_can_do_leaves_the_others(
    machine: Machine, health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a pixel format can be asked of V4L2 alone
    own = CameraInfo("picamera2", "imx708", "")
    monkeypatch.setattr(picamera, "list_cameras", lambda: [own])
    machine.plugged["/dev/video0"] = Webcam(level=100)
    config = CameraConfig(wait=True, format="MJPG")
    with registry.open_camera(config, health, QUICK) as opened:
        until(opened, lambda: taken(health))
        assert "/dev/video0: Test Camera, MJPG 640x480" in taken(health)
        assert "picamera2: camera.format cannot be set for this source" in taken(health)


def test_the_pis_own_camera_goes_before_all_others(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.plugged["/dev/video0"] = Webcam(level=100)
    own = CameraInfo("picamera2", "imx708", "")
    monkeypatch.setattr(picamera, "list_cameras", lambda: [own])
    asked = []

    def opening_of(config: CameraConfig) -> Callable[[], Camera]:
        asked.append(config.source)
        return source.V4L2Source(config, "/dev/video0")

    Auto(CameraConfig(), opening_of)().close()
    assert asked == ["picamera2"]


@pytest.mark.parametrize(
    ("plugged", "said"),
    [
        ({"/dev/video0": Webcam(), "/dev/video2": Webcam(busy=True)}, "auto tries v4l2:/dev/video0; to have another"),
        ({"/dev/video0": Webcam(busy=True)}, "none of them is free; auto takes the first that is"),
        ({}, "no camera found: "),
    ],
)
def test_the_list_of_cameras_says_what_auto_does(
    plugged: dict[str, Webcam], said: str, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    from digitcam.cli.main import main

    machine.plugged = plugged
    assert main(["cameras"]) == 0
    *listed, last = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [f"v4l2:{node}" for node in plugged]
    assert [("busy: " in line) for line in listed] == [webcam.busy for webcam in plugged.values()]
    assert last.startswith(said)
