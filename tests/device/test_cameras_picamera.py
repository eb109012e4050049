"""The picamera2 adapter against the real package, and against libcamera's `virtual` camera, where they are installed.

`make test-picamera2` builds a Debian root that has both. What that lacks is stood in for here, and nothing else: kms++
(pictures on a screen), dma-buf memory (ordinary memory in its place), and the raw modes of a sensor.
"""

import contextlib
import importlib
import inspect
import mmap
import os
import sys
import time
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from digitcam.cameras import libcamera_controls, picamera
from digitcam.cameras.base import NoFrameError
from digitcam.cameras.registry import open_camera
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.state.health import Health

if TYPE_CHECKING:
    from digitcam.frame import Frame

# picamera2 itself calls what later Pythons deprecate
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

# What `camera_controls` says of a camera with a sensor of 4:3, a lens that moves, and libcamera before and after 0.4.
OLD = {
    "FrameDurationLimits": (16_666, 200_000, 33_333),
    "ExposureTime": (60, 66_666, 20_000),
    "AfMode": (0, 2, 0),
    "LensPosition": (0.0, 10.0, 1.0),
    "ScalerCrop": ((0, 0, 64, 64), (0, 0, 4000, 3000), (0, 0, 4000, 3000)),
}
NEW = {**OLD, "ScalerCrops": OLD["ScalerCrop"]}
FIXED_FOCUS = {name: limits for name, limits in OLD.items() if name not in {"AfMode", "LensPosition"}}
BARE = {"FrameDurationLimits": (16_666, 33_333, None)}


# what is asked of libcamera


def test_rate_and_automatic_focus_are_asked_for() -> None:
    assert libcamera_controls.choose_controls(OLD, CameraConfig(fps=20)) == {
        "FrameDurationLimits": (50_000, 50_000),
        "AfMode": 2,
    }


def test_a_fixed_focus_needs_no_autofocus() -> None:
    assert libcamera_controls.choose_controls(FIXED_FOCUS, CameraConfig()) == {"FrameDurationLimits": (33_333, 33_333)}


def test_exposure_and_lens_are_set_by_hand() -> None:
    wanted = libcamera_controls.choose_controls(OLD, CameraConfig(exposure=5000, focus=2.5))
    assert wanted["ExposureTime"] == 5000
    assert (wanted["AfMode"], wanted["LensPosition"]) == (0, 2.5)


@pytest.mark.parametrize(
    ("limits", "config", "said"),
    [
        (BARE, CameraConfig(exposure=5000), "its exposure cannot be set; leave out camera.exposure"),
        (FIXED_FOCUS, CameraConfig(focus=1), "its focus cannot be set"),
        (OLD, CameraConfig(exposure=10), r"does not take camera.exposure = 10; it takes 60 to 66666"),
        (OLD, CameraConfig(focus=20), r"does not take camera.focus = 20; it takes 0 to 10"),
    ],
)
def test_what_the_camera_cannot_do_is_refused(
    limits: libcamera_controls.Limits, config: CameraConfig, said: str
) -> None:
    with pytest.raises(CameraError, match=said):
        libcamera_controls.choose_controls(limits, config)


@pytest.mark.parametrize(
    ("config", "rectangle"),
    [
        (CameraConfig(roi="0.5,0.25,0.5,0.5"), (2000, 750, 2000, 1500)),
        # a picture of 16:9 is cut from the middle of the sensor, and the region from that
        (CameraConfig(width=1280, height=720, roi="0,0,0.5,1"), (0, 375, 2000, 2250)),
    ],
)
def test_a_region_is_cut_from_the_picture_of_the_whole_sensor(
    config: CameraConfig, rectangle: libcamera_controls.Rectangle
) -> None:
    assert libcamera_controls.crop(OLD, config) == {"ScalerCrop": rectangle}
    assert libcamera_controls.crop(NEW, config) == {"ScalerCrops": [rectangle]}


def test_a_region_needs_a_camera_that_can_cut() -> None:
    with pytest.raises(CameraError, match=r"leave out camera\.roi"):
        libcamera_controls.crop(BARE, CameraConfig(roi="0,0,0.5,0.5"))


@pytest.mark.parametrize(
    ("roi", "size"), [("0,0,1,1", (640, 480)), ("0.5,0.5,0.5,0.5", (640, 480)), ("0,0.5,1,0.5", (640, 240))]
)
def test_a_region_is_as_large_as_the_picture_may_be_and_keeps_its_proportions(roi: str, size: tuple[int, int]) -> None:
    assert libcamera_controls.size_of_region(CameraConfig(roi=roi)) == size


def test_another_size_or_rate_than_asked_for_is_said() -> None:
    config = CameraConfig(fps=100)
    assert libcamera_controls.difference(OLD, config, (640, 480), (640, 400)) == (
        "gives 640x400 in place of 640x480, 60 frames a second in place of 100"
    )
    assert libcamera_controls.difference(OLD, CameraConfig(), (640, 480), (640, 480)) == ""


def test_what_a_camera_can_do_is_told_in_words() -> None:
    size = SimpleNamespace(width=4608, height=2592)
    limits = {name: SimpleNamespace(min=least, max=most) for name, (least, most, _) in OLD.items()}
    assert picamera.describe_abilities({"Model": "imx708", "PixelArraySize": size}, limits) == (
        "up to 4608x2592, scaled by the camera; exposure 60 to 66666 us; focus 0 to 10 dioptres; roi"
    )


# the real package


@pytest.fixture(scope="module")
def package() -> Iterator[ModuleType]:
    """picamera2, with the real libcamera under it."""
    pytest.importorskip("libcamera", reason="needs libcamera: make test-picamera2", exc_type=ImportError)
    with pytest.MonkeyPatch.context() as patch:
        if not importlib.util.find_spec("pykms"):
            screen = ModuleType("pykms")
            screen.PixelFormat = type("PixelFormat", (), {"__getattr__": lambda *_: None})()  # type: ignore[attr-defined]
            patch.setitem(sys.modules, "pykms", screen)
        yield pytest.importorskip("picamera2", reason="needs picamera2: make test-picamera2", exc_type=ImportError)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("create_video_configuration", ("main", "raw", "transform", "colour_space", "controls")),
        ("captured_request", ("wait",)),
        ("set_controls", ("controls",)),
        ("global_camera_info", ()),
    ],
)
def test_methods_take_what_is_given_to_them(package: ModuleType, name: str, arguments: tuple[str, ...]) -> None:
    known = inspect.signature(getattr(package.Picamera2, name)).parameters
    assert set(arguments) <= set(known)


def test_a_mapped_array_takes_what_is_given_to_it(package: ModuleType) -> None:
    assert {"reshape", "write"} <= set(inspect.signature(package.MappedArray).parameters)


def test_numbers_are_those_of_libcamera(package: ModuleType) -> None:
    del package
    modes = importlib.import_module("libcamera").controls.AfModeEnum
    assert (int(modes.Manual), int(modes.Continuous)) == (0, 2)


@pytest.fixture
def virtual(package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> int:
    """The number of the virtual camera."""
    libcamera = importlib.import_module("libcamera")
    allocators = importlib.import_module("picamera2.allocators.allocator")

    class Memory(allocators.Allocator):  # type: ignore[misc, name-defined]
        """Buffers of NV12 in ordinary memory: Y and UV are planes of one file."""

        def __init__(self) -> None:
            super().__init__()
            self.sync = lambda _, buffer, __: Mapped(self.mapped_buffers[buffer])
            self.mapped_buffers: dict[Any, mmap.mmap] = {}
            self._of: dict[Any, list[Any]] = {}

        def allocate(self, libcamera_config: Any, _: object) -> None:  # noqa: ANN401
            for config in libcamera_config:
                self._of[config.stream] = [self._buffer(config) for _ in range(config.buffer_count)]

        def buffers(self, stream: Any) -> list[Any]:  # noqa: ANN401
            return self._of[stream]

        def _buffer(self, config: Any) -> Any:  # noqa: ANN401
            descriptor = os.memfd_create("frame")
            os.ftruncate(descriptor, config.frame_size)
            luma_bytes = config.stride * config.size.height
            planes = []
            for offset, end in ((0, luma_bytes), (luma_bytes, config.frame_size)):
                plane = libcamera.FrameBuffer.Plane()
                plane.fd, plane.offset, plane.length = descriptor, offset, end - offset
                planes.append(plane)
            buffer = libcamera.FrameBuffer(planes)
            self.mapped_buffers[buffer] = mmap.mmap(descriptor, config.frame_size)
            os.close(descriptor)
            return buffer

    class Mapped(contextlib.nullcontext[mmap.mmap]):
        """What picamera2 asks for a buffer's memory."""

    monkeypatch.setattr("picamera2.picamera2.DmaAllocator", Memory)
    monkeypatch.setattr(package.Picamera2, "_get_raw_modes", lambda _: [{"format": "NV12", "size": (640, 480)}])
    for number, camera in enumerate(package.Picamera2.global_camera_info()):
        if camera["Id"].startswith("Virtual"):
            return number
    return pytest.skip("libcamera has no virtual camera here: make test-picamera2")


def test_the_virtual_camera_gives_its_luma_and_says_what_else_it_gives_instead(virtual: int) -> None:
    # the list first, as `digitcam cameras` asks for it
    listed, *_ = picamera.list_cameras()
    assert listed.name == "Virtual Video Device"
    assert listed.source == ("picamera2" if virtual == 0 else f"picamera2:{virtual}")
    assert listed.abilities
    # one opening a process: picamera2 now and then loses every request of a later one, with memory that is no dma-buf
    health, before = Health(), time.monotonic_ns()
    # `auto` is what it is found by where nothing is said
    config = CameraConfig(width=800, height=600, fps=100)
    frames: list[Frame] = []
    with open_camera(config, health) as camera:
        while len(frames) < 5:
            with contextlib.suppress(NoFrameError):
                frame = camera.read()
                assert frame is not None
                frames.append(frame)
        description = camera.describe()
    assert description.endswith("NV12 640x480")
    state = health.parts()["camera"]
    assert state.state == "note"
    assert state.text.endswith("gives 640x480 in place of 800x600, 60 frames a second in place of 100")
    for frame in frames:
        assert frame.image.shape == (480, 640)
        # its bars have eight levels, over the whole height
        assert len(np.unique(frame.image[240])) >= 6
        assert np.array_equal(frame.image[0], frame.image[479])
    moments = [before, *(frame.time_ns for frame in frames), time.monotonic_ns()]
    assert moments == sorted(set(moments))
    numbers = [frame.sequence for frame in frames]
    assert numbers == sorted(set(numbers))
