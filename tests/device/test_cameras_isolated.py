"""A recording's decoder is a process of its own, whose crash costs an opening or one line, and nothing else."""

import os
import signal
from pathlib import Path

import pytest
from tests.device.looking import children, fault, until

from digitcam.cameras.base import Camera
from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.recorded.clip import find_shipped_clip
from digitcam.cameras.registry import open_camera
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.state.health import Health

QUICK = Timeouts(stall_s=10.0, bad_s=1.0, first_delay_s=0.05, longest_delay_s=0.2)


def read_to_the_end(camera: Camera) -> int:
    return sum(1 for _ in iter(camera.read, None))


def test_a_decoder_that_crashes_ends_a_recording_with_one_line() -> None:
    with open_camera(CameraConfig(source=str(find_shipped_clip())), Health()) as camera:
        assert camera.read()
        (decoder,) = children()
        os.kill(decoder, signal.SIGSEGV)
        with pytest.raises(CameraError) as caught:
            read_to_the_end(camera)
    name = find_shipped_clip()
    convert = f"`ffmpeg -i {name} -c:v libx264 h264.mp4`"
    assert str(caught.value) == f"{name}: its decoder crashed (SIGSEGV); convert it: {convert}"
    assert children() == []


def test_a_decoder_that_crashes_costs_a_loop_an_opening() -> None:
    health = Health()
    with open_camera(CameraConfig(source="loop:demo"), health, QUICK) as camera:
        until(camera, lambda: "camera" in health.parts())
        (decoder,) = children()
        os.kill(decoder, signal.SIGSEGV)
        until(camera, lambda: "its decoder crashed (SIGSEGV)" in fault(health))
        assert until(camera, lambda: not fault(health))
    assert children() == []


def test_a_service_that_is_stopped_with_all_its_processes_finishes_its_frame() -> None:
    with open_camera(CameraConfig(source="demo"), Health()) as camera:
        (decoder,) = children()
        os.kill(decoder, signal.SIGTERM)
        first = read_to_the_end(camera)
        # one process decodes it again and again
        assert read_to_the_end(camera) == first > 100
        assert children() == [decoder]


@pytest.mark.parametrize("name", [b"film-\xff\n.mp4", b"12:30.mp4", b"pipe:0", b"%03d.mp4", "\u00e9t\u00e9".encode()])
def test_a_recording_with_any_name_is_decoded_and_told(
    name: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(os.fsdecode(name))
    path.write_bytes(find_shipped_clip().read_bytes())
    with open_camera(CameraConfig(source=str(path)), Health()) as camera:
        assert str(path) in camera.describe()
        assert camera.read()
    path.write_bytes(find_shipped_clip().read_bytes()[:20_000])
    with pytest.raises(CameraError, match="no frame can be decoded"):
        open_camera(CameraConfig(source=str(path)), Health())
