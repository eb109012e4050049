"""V4L2 with a real driver: the kernel's `vivid`, which acts a camera and fails on request.

`make test-v4l2` runs these in a virtual machine. On a machine that has the driver: `sudo modprobe vivid node_types=1`.
"""

import os
import re
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.device.looking import LIMIT_S, fault, until

from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.registry import list_cameras, open_camera
from digitcam.cameras.v4l2.device import QUERY_CONTROL, VIDIOC_QUERYCTRL, Device, list_nodes
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.state.health import Health

DRIVER = Path("/sys/bus/platform/drivers/vivid")
QUICK = Timeouts(stall_s=3.0, bad_s=2.0, first_delay_s=0.2, longest_delay_s=1.0)
NEXT_CONTROL = 0x80000000  # V4L2_CTRL_FLAG_NEXT_CTRL

pytestmark = pytest.mark.skipif(
    not (DRIVER / "vivid.0").exists() or os.geteuid() != 0, reason="needs root and the driver vivid: make test-v4l2"
)


class Vivid:
    """The driver's first camera."""

    def __init__(self) -> None:
        self.node = next(node for node in list_nodes() if self._captures(node))

    @property
    def source(self) -> str:
        return f"v4l2:{self.node}"

    def set(self, name: str, value: int) -> None:
        with Device(self.node) as device:
            number = self._controls(device)[name]
            assert device.set(number, value)

    def bind(self, action: str) -> None:
        """`bind` or `unbind`, beside whoever uses it."""
        threading.Thread(target=lambda: (DRIVER / action).write_text("vivid.0"), daemon=True).start()

    @staticmethod
    def _captures(node: str) -> bool:
        with Device(node) as device:
            return device.captures and device.identity.card == "vivid"

    @staticmethod
    def _controls(device: Device) -> dict[str, int]:
        found: dict[str, int] = {}
        number = 0
        while True:
            try:
                answer = device._ask(  # noqa: SLF001 - nothing else asks for the driver's own controls
                    VIDIOC_QUERYCTRL, QUERY_CONTROL.pack(number | NEXT_CONTROL, 0, b"", 0, 0, 0, 0, 0)
                )
            except OSError:
                return found
            number, _, name, *_ = struct.unpack_from("I I 32s", answer)
            found[name.split(b"\0")[0].decode()] = number


@pytest.fixture
def vivid() -> Iterator[Vivid]:
    camera = Vivid()
    yield camera
    with suppress(OSError):
        for name in ("Percentage of Dropped Buffers", "Test Pattern", "OSD Text Mode"):
            camera.set(name, 0)


def test_it_is_listed_with_formats_sizes_and_rates(vivid: Vivid) -> None:
    listed = {info.source: info for info in list_cameras()[0]}
    assert listed[vivid.source].name == "vivid"
    assert re.match(r"YUYV 320x180 \([\d.]+\), 640x360 \([\d.]+\), 640x480", listed[vivid.source].abilities)


def test_frames_come_in_the_format_and_size_that_are_asked_for(vivid: Vivid) -> None:
    health = Health()
    with open_camera(CameraConfig(source=vivid.source, fps=15), health, QUICK) as camera:
        frame = until(camera, lambda: "camera" in health.parts())[-1]
        assert camera.describe() == f"{vivid.node}: vivid, YUYV 640x480, 15 frames a second"
    assert health.parts()["camera"].state == "ok"
    assert frame.image.shape == (480, 640)
    assert frame.image.min() < 30  # bars, of three quarters of full colour
    assert frame.image.max() > 150


def test_what_is_given_instead_is_a_note(vivid: Vivid) -> None:
    health = Health()
    config = CameraConfig(source=vivid.source, format="NV12", width=800, height=600, fps=240)
    with open_camera(config, health, QUICK) as camera:
        frame = until(camera, lambda: "camera" in health.parts())[-1]
    assert health.parts()["camera"].state == "note"
    given = r"NV12 640x480, .* gives 640x480 in place of 800x600, [\d.]+ frames a second in place of 240"
    assert re.search(given, health.parts()["camera"].text)
    assert frame.image.shape == (480, 640)


def test_a_camera_in_use_is_refused(vivid: Vivid) -> None:
    health = Health()
    with open_camera(CameraConfig(source=vivid.source), health, QUICK) as camera:
        until(camera, lambda: "camera" in health.parts())
        with pytest.raises(CameraError, match=rf"^{vivid.node}: busy: another program is using it"):
            open_camera(CameraConfig(source=vivid.source), Health())


@pytest.mark.parametrize("asked", ["exposure", "focus"])
def test_what_it_cannot_do_is_refused(vivid: Vivid, asked: str) -> None:
    config = (
        CameraConfig(source=vivid.source, exposure=1000)
        if asked == "exposure"
        else CameraConfig(source=vivid.source, focus=1)
    )
    with pytest.raises(CameraError, match=rf"its {asked} cannot be set; leave out camera\.{asked}"):
        open_camera(config, Health())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"Percentage of Dropped Buffers": 100}, "gives no frames"),
        ({"OSD Text Mode": 2, "Test Pattern": 5}, "nothing but black"),  # 5: all black; 2: no text
        ({"OSD Text Mode": 2}, "the very same picture"),
    ],
    ids=["stalled", "black", "frozen"],
)
def test_a_fault_is_noticed_and_the_camera_comes_back(vivid: Vivid, settings: dict[str, int], said: str) -> None:
    health = Health()
    with open_camera(CameraConfig(source=vivid.source, width=320, height=180), health, QUICK) as camera:
        frames = until(camera, lambda: "camera" in health.parts())
        for name, value in settings.items():
            vivid.set(name, value)
        frames += until(camera, lambda: said in fault(health))
        for name in settings:
            vivid.set(name, 0)
        frames += until(camera, lambda: not fault(health))
    numbers = [frame.sequence for frame in frames]
    assert numbers == sorted(set(numbers))


def test_a_camera_that_was_unplugged_is_found_under_another_node(vivid: Vivid) -> None:
    health = Health()
    with open_camera(CameraConfig(source=vivid.source, width=320, height=180), health, QUICK) as camera:
        until(camera, lambda: "camera" in health.parts())
        held = os.open(vivid.node, os.O_RDWR | os.O_NONBLOCK)  # so that its number is not free when it comes back
        try:
            vivid.bind("unbind")
            until(camera, lambda: "the device is gone" in fault(health))
            vivid.bind("bind")
            assert until(camera, lambda: not fault(health))
            assert ": vivid, YUYV 320x180" in camera.describe()
            assert not camera.describe().startswith(f"{vivid.node}:")
        finally:
            os.close(held)
    vivid.node = Vivid().node


def test_auto_takes_it_when_it_is_plugged_in_and_when_it_comes_back(vivid: Vivid) -> None:
    unplug(vivid)
    health = Health()
    with open_camera(CameraConfig(wait=True, width=320, height=180), health, QUICK) as camera:
        until(camera, lambda: "there is no /dev/video device" in fault(health))
        vivid.bind("bind")
        assert until(camera, lambda: not fault(health))
        assert ": vivid, YUYV 320x180" in health.parts()["camera"].text
        vivid.bind("unbind")
        until(camera, lambda: fault(health))
        vivid.bind("bind")
        assert until(camera, lambda: not fault(health))
    vivid.node = Vivid().node


def test_auto_says_that_it_is_busy_and_takes_it_when_it_is_free(vivid: Vivid) -> None:
    health, others = Health(), Health()
    with open_camera(CameraConfig(source=vivid.source), others, QUICK) as other:
        until(other, lambda: "camera" in others.parts())
        with open_camera(CameraConfig(wait=True), health, QUICK) as camera:
            until(camera, lambda: f"{vivid.node}: busy: another program is using it" in fault(health))
            assert [info.trouble[:5] for info in list_cameras()[0]] == ["busy:"]
            other.close()
            assert until(camera, lambda: not fault(health))


def unplug(vivid: Vivid) -> None:
    """Take it away, and wait until it has gone."""
    vivid.bind("unbind")
    end = time.monotonic() + LIMIT_S
    while Path(vivid.node).exists():
        assert time.monotonic() < end
        time.sleep(0.05)
