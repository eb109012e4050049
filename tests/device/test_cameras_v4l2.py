"""What is asked of V4L2 cameras; the kernel is acted."""

from pathlib import Path

import pytest
from tests.device.webcams import CONTROLS, Machine, Webcam, act

from digitcam.cameras.base import EmptyFrameError
from digitcam.cameras.v4l2 import device
from digitcam.cameras.v4l2.device import EXPOSURE_ABSOLUTE, EXPOSURE_AUTO, FOCUS_ABSOLUTE, FOCUS_AUTO, Identity
from digitcam.cameras.v4l2.listing import list_cameras
from digitcam.cameras.v4l2.source import V4L2Camera, V4L2Source, find_again
from digitcam.config import CameraConfig
from digitcam.errors import CameraError


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return act(monkeypatch)


def values(webcam: Webcam) -> dict[int, int]:
    return {number: value for number, (_, _, value) in webcam.controls.items()}


# format, size and rate


def opened(machine: Machine, **asked: object) -> V4L2Camera:
    machine.plugged["/dev/video0"] = Webcam()
    return V4L2Camera(CameraConfig(**asked), "/dev/video0")  # type: ignore[arg-type]


def test_what_is_asked_for_and_given_needs_no_note(machine: Machine) -> None:
    camera = opened(machine)
    assert camera.describe() == "/dev/video0: Test Camera, YUYV 640x480, 30 frames a second"
    assert camera.note == ""


def test_a_size_that_is_too_fast_for_yuyv_is_taken_as_mjpg(machine: Machine) -> None:
    assert "MJPG 1280x720, 30 frames" in opened(machine, width=1280, height=720).describe()


def test_the_format_that_is_asked_for_is_kept_however_slow(machine: Machine) -> None:
    camera = opened(machine, width=1280, height=720, format="YUYV")
    assert camera.note == "gives 10 frames a second in place of 30; `digitcam cameras` lists what it can"


def test_every_difference_is_a_note(machine: Machine) -> None:
    note = opened(machine, width=800, height=600, fps=60, format="NV12").note
    assert note.startswith(
        "gives YUYV in place of NV12, 640x480 in place of 800x600, 30 frames a second in place of 60; "
    )


def test_an_empty_frame_is_no_end_of_the_camera(machine: Machine, tmp_path: Path) -> None:
    node = tmp_path / "video0"
    machine.plugged[str(node)] = Webcam()
    camera = V4L2Camera(CameraConfig(), str(node))
    with pytest.raises(CameraError, match="the device is gone"):
        camera.read()
    node.touch()
    with pytest.raises(EmptyFrameError, match="gives empty frames"):
        camera.read()


# exposure and focus


def test_automatic_modes_are_switched_on_again(machine: Machine) -> None:
    machine.plugged["/dev/video0"] = webcam = Webcam()
    V4L2Camera(CameraConfig(exposure=5000, focus=40), "/dev/video0")
    assert values(webcam) == {EXPOSURE_AUTO: 1, EXPOSURE_ABSOLUTE: 50, FOCUS_AUTO: 0, FOCUS_ABSOLUTE: 40}
    V4L2Camera(CameraConfig(), "/dev/video0")
    assert (values(webcam)[EXPOSURE_AUTO], values(webcam)[FOCUS_AUTO]) == (3, 1)


def test_a_camera_with_a_wholly_automatic_exposure_gets_that(machine: Machine) -> None:
    machine.plugged["/dev/video0"] = webcam = Webcam(menu=(0, 1))
    V4L2Camera(CameraConfig(), "/dev/video0")
    assert values(webcam)[EXPOSURE_AUTO] == 0


def test_a_camera_without_controls_is_opened_as_it_is(machine: Machine) -> None:
    machine.plugged["/dev/video0"] = Webcam(controls={})
    assert V4L2Camera(CameraConfig(), "/dev/video0").note == ""


@pytest.mark.parametrize(
    ("controls", "config", "said"),
    [
        ({}, CameraConfig(exposure=1000), "its exposure cannot be set; leave out camera.exposure"),
        ({}, CameraConfig(focus=5), "its focus cannot be set; leave out camera.focus"),
        (CONTROLS, CameraConfig(exposure=100), "does not take camera.exposure = 100; it takes 300 to 204700"),
        (CONTROLS, CameraConfig(focus=251), "does not take camera.focus = 251; it takes 0 to 250"),
    ],
)
def test_what_it_cannot_do_is_refused(
    machine: Machine, controls: dict[int, tuple[int, int, int]], config: CameraConfig, said: str
) -> None:
    machine.plugged["/dev/video0"] = Webcam(controls=dict(controls))
    with pytest.raises(CameraError) as caught:
        V4L2Camera(config, "/dev/video0")
    assert str(caught.value) == f"/dev/video0 (Test Camera): {said}"


def test_a_node_that_gives_no_pictures_is_refused(machine: Machine) -> None:
    machine.plugged["/dev/video1"] = Webcam(captures=False)
    with pytest.raises(CameraError, match=r"^/dev/video1 \(Test Camera\): gives no pictures"):
        V4L2Camera(CameraConfig(), "/dev/video1")


# the list


def test_cameras_are_listed_with_what_they_can(machine: Machine) -> None:
    machine.plugged = {
        "/dev/video0": Webcam(),
        "/dev/video1": Webcam(captures=False),
        "/dev/video2": Webcam(card="unicam"),
        "/dev/video3": Webcam(card="Plain", controls={}, modes={"GREY": {}}),
    }
    listed = {info.source: info for info in list_cameras()}
    assert list(listed) == ["v4l2:/dev/video0", "v4l2:/dev/video3"]
    assert listed["v4l2:/dev/video0"].abilities == (
        "YUYV 640x480 (30), 1280x720 (10); MJPG 640x480 (30), 1280x720 (30); exposure 300 to 204700 us; focus 0 to 250"
    )
    assert listed["v4l2:/dev/video3"].abilities == "GREY"


def test_a_camera_in_use_is_listed_as_that(machine: Machine) -> None:
    machine.plugged = {"/dev/video0": Webcam(busy=True), "/dev/video1": Webcam()}
    busy, free = list_cameras()
    assert busy.trouble.startswith("busy: another program is using it")
    assert (busy.name, free.trouble) == ("Test Camera", "")


def test_nodes_are_the_video_ones_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "SYSFS", tmp_path)
    for name in ("video10", "video9", "vbi0", "radio0", "v4l-touch0", "v4l-subdev0"):
        (tmp_path / name).touch()
    assert device.list_nodes() == ["/dev/video9", "/dev/video10"]


# found again


OURS, OTHER = Identity("Ours", "usb-1"), Identity("Other", "usb-2")


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ({"/dev/video0": OURS}, "/dev/video0"),
        ({"/dev/video1": OURS}, "/dev/video1"),
        ({"/dev/video0": OTHER, "/dev/video1": OURS}, "/dev/video1"),
        # two nodes of one camera, ours among them
        ({"/dev/video0": OURS, "/dev/video1": OURS}, "/dev/video0"),
        ({"/dev/video2": OURS, "/dev/video3": OURS}, "/dev/video2"),
        # another port
        ({"/dev/video0": OTHER, "/dev/video1": Identity("Ours", "usb-3")}, "/dev/video1"),
        # two of its kind, and neither where it was: which one is not to be guessed
        ({"/dev/video1": Identity("Ours", "usb-3"), "/dev/video2": Identity("Ours", "usb-4")}, None),
        # another kind in its port
        ({"/dev/video0": Identity("Other", "usb-1")}, None),
        ({}, None),
    ],
)
def test_a_camera_is_found_again_by_name_and_port(there: dict[str, Identity], found: str | None) -> None:
    assert find_again(OURS, "/dev/video0", there) == found


def test_a_camera_that_was_named_by_a_link_stays_so(tmp_path: Path) -> None:
    node, link = tmp_path / "video0", tmp_path / "by-id"
    node.touch()
    link.symlink_to(node)
    assert find_again(OURS, str(link), {str(node): OURS}) == str(link)


def test_a_camera_that_comes_back_under_another_node_is_opened_there(machine: Machine) -> None:
    machine.plugged["/dev/video0"] = ours = Webcam(card="Ours", bus="usb-1")
    source = V4L2Source(CameraConfig(), "/dev/video0")
    assert source().describe().startswith("/dev/video0: Ours")
    machine.plugged = {"/dev/video0": Webcam(card="Other", bus="usb-2")}
    with pytest.raises(CameraError, match=r"^/dev/video0 \(Ours\): the device is gone"):
        source()
    machine.plugged["/dev/video1"] = ours
    assert source().describe().startswith("/dev/video1: Ours")


def test_a_big_endian_format_is_named_and_asked_for_its_sizes(machine: Machine) -> None:
    machine.plugged["/dev/video0"] = Webcam(modes={"Y16\xa0": {(640, 480): [30]}}, controls={})
    (listed,) = list_cameras()
    assert listed.abilities == "Y16 -BE 640x480 (30)"


@pytest.mark.parametrize(
    ("code", "name"), [(0x56595559, "YUYV"), (0xA0363159, "Y16 -BE"), (0xA0363159 - 2**32, "Y16 -BE")]
)
def test_a_formats_name_is_its_letters(code: int, name: str) -> None:
    assert device.decode_format(code) == name
    assert device.encode_format(name) == (code & 0xFFFFFFFF).to_bytes(4, "little")
