"""Streams, from a real HTTP server that shows what the test says and fails as cameras in a network do.

Run by itself (`make faults-camera`), this measures how soon a fault is noticed, and how soon after it the camera is
back, with the times that ship: the table in docs/cameras.md.
"""

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, NamedTuple

import cv2
import numpy as np
import pytest
from tests.device.looking import children, fault, until
from tests.needs import need

from digitcam.cameras.base import Camera
from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.registry import open_camera
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.state.health import Health

# the least that a busy machine does not take for a fault
QUICK = Timeouts(stall_s=3.0, bad_s=1.0, first_delay_s=0.05, longest_delay_s=0.2)
FRAME_S = 0.02

Show = Literal["moving", "black", "frozen", "empty", "nothing", "end"]


def jpeg(level: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """A plain picture of one grey level, the left half black."""
    image = np.full((size[1], size[0]), level, np.uint8)
    image[:, : size[0] // 2] = 0
    return cv2.imencode(".jpg", image)[1].tobytes()


class NetworkCamera:
    """MJPEG over HTTP, as many a network camera gives it."""

    def __init__(self) -> None:
        self.show: Show = "moving"
        self.watchers = 0
        self._server: ThreadingHTTPServer | None = None
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/video"

    def plug_in(self) -> None:
        network_camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                network_camera.watchers += 1
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                with suppress(OSError):  # the watcher has gone, or the camera was unplugged
                    number = 0
                    while (show := network_camera.show) != "end" and network_camera._server:
                        number += 1
                        self._send(show, number)
                        time.sleep(FRAME_S)

            def _send(self, show: Show, number: int) -> None:
                if show == "nothing":
                    return
                body = {"moving": jpeg(60 + number % 180), "black": jpeg(0), "frozen": jpeg(200)}.get(show, b"")
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
                self.wfile.write(head.encode() + body + b"\r\n")

            def log_message(self, *_: object) -> None: ...

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def unplug(self) -> None:
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()


@pytest.fixture
def network_camera() -> Iterator[NetworkCamera]:
    camera = NetworkCamera()
    camera.plug_in()
    yield camera
    camera.unplug()


def watched(url: str, health: Health, *, wait: bool = False) -> Camera:
    return open_camera(CameraConfig(source=url, wait=wait), health, QUICK)


def test_a_stream_gives_its_frames(network_camera: NetworkCamera) -> None:
    health = Health()
    with watched(network_camera.url, health) as camera:
        frame = until(camera, lambda: "camera" in health.parts())[-1]
        assert camera.live
        assert camera.describe() == f"{network_camera.url}: stream 64x48"
    assert frame.image.shape == (48, 64)
    assert frame.image[:, :28].max() < 30
    assert frame.image[:, 36:].min() > 50
    assert health.parts()["camera"].text == f"{network_camera.url}: stream 64x48"


@pytest.mark.parametrize(
    ("show", "said"),
    [
        ("nothing", "gives no frames"),
        ("end", "the stream has ended"),
        ("black", "nothing but black"),
        ("frozen", "the very same picture"),
        ("empty", "gives no frames|the stream has ended"),
    ],
)
def test_a_fault_is_noticed_and_the_stream_comes_back(network_camera: NetworkCamera, show: Show, said: str) -> None:
    health = Health()
    with watched(network_camera.url, health) as camera:
        before = until(camera, lambda: "camera" in health.parts())
        assert not fault(health)
        network_camera.show = show
        before += until(camera, lambda: any(part in fault(health) for part in said.split("|")))
        network_camera.show = "moving"
        after = until(camera, lambda: not fault(health))
        assert after
    numbers = [frame.sequence for frame in (*before, *after)]
    assert numbers == sorted(set(numbers))
    assert network_camera.watchers > 1


def test_a_camera_that_was_unplugged_is_there_again(network_camera: NetworkCamera) -> None:
    health = Health()
    with watched(network_camera.url, health) as camera:
        until(camera, lambda: "camera" in health.parts())
        network_camera.unplug()
        until(camera, lambda: "cannot be opened" in fault(health))
        network_camera.plug_in()
        assert until(camera, lambda: not fault(health))


def test_an_absent_stream_is_refused_or_waited_for(network_camera: NetworkCamera) -> None:
    network_camera.unplug()
    with pytest.raises(CameraError, match="cannot be opened: Connection refused; check address"):
        watched(network_camera.url, Health())
    health = Health()
    with watched(network_camera.url, health, wait=True) as camera:
        until(camera, lambda: fault(health))
        network_camera.plug_in()
        assert until(camera, lambda: "stream 64x48" in camera.describe())
        assert not fault(health)


def test_what_is_no_video_is_refused(network_camera: NetworkCamera) -> None:
    network_camera.show = "end"
    with pytest.raises(CameraError, match="the stream has ended"):
        watched(network_camera.url, Health())


def test_region_and_flip_are_cut_from_a_stream(network_camera: NetworkCamera) -> None:
    config = CameraConfig(source=network_camera.url, flip="horizontal", roi="0.25,0,0.5,0.5")
    health = Health()
    with open_camera(config, health, QUICK) as camera:
        frame = until(camera, lambda: "camera" in health.parts())[-1]
        assert camera.describe().endswith("roi 0.25,0,0.5,0.5, flip horizontal")
    assert frame.image.shape == (24, 32)
    assert frame.image[:, :12].min() > 50  # what was on the right
    assert frame.image[:, 20:].max() < 30


# passwords


@pytest.mark.parametrize("place", ["127.0.0.1:1/video", "127.0.0.1:1/video?token=hunter2", "hunter2/@127.0.0.1:1/"])
def test_a_password_is_in_no_message(place: str) -> None:
    health = Health()
    url = f"http://admin:hunter2@{place}"
    with pytest.raises(CameraError) as caught:
        open_camera(CameraConfig(source=url), health)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(CameraError) as caught:
        open_camera(CameraConfig(source=url, exposure=1000), health)
    assert "hunter2" not in str(caught.value)
    with open_camera(CameraConfig(source=url, wait=True), health, QUICK) as camera:
        assert "hunter2" not in camera.describe()
        until(camera, lambda: fault(health))
    assert "hunter2" not in fault(health)


# RTSP

ANY_SIGNS = "p@ss/w#rd:?"


@contextmanager
def rtsp_server(port: int, media: str, user: str = "", password: str = "") -> Iterator[None]:
    """Debian's GStreamer serves RTSP."""
    command = ["/usr/bin/python3", str(Path(__file__).with_name("rtsp_server.py")), str(port), media, user, password]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout
            assert server.stdout.readline() == "ready\n"
            yield
        finally:
            server.kill()


@pytest.mark.parametrize("media", ["jpeg", "h264"])
def test_an_rtsp_camera_is_read_and_is_back_after_a_restart(media: str) -> None:
    need("rtsp")
    health, port = Health(), NetworkCamera().port
    url = f"rtsp://127.0.0.1:{port}/video"
    timeouts = replace(QUICK, stall_s=6.0)  # the first frame comes after some talk
    with rtsp_server(port, media):
        camera = open_camera(CameraConfig(source=url), health, timeouts)
        frame = until(camera, lambda: "camera" in health.parts())[-1]
    with camera:
        assert camera.describe() == f"{url}: stream 320x240"
        assert frame.image.shape == (240, 320)
        assert frame.image.max() > 150
        until(camera, lambda: fault(health))
        with rtsp_server(port, media):
            assert until(camera, lambda: not fault(health))


def test_an_rtsp_camera_takes_a_password_of_any_signs_from_its_file_and_refuses_another(tmp_path: Path) -> None:
    need("rtsp")
    port, file = NetworkCamera().port, tmp_path / "password"
    file.write_text(f"{ANY_SIGNS}\n")
    file.chmod(0o600)
    config = CameraConfig(source=f"rtsp://admin@127.0.0.1:{port}/video", password_file=str(file))
    with rtsp_server(port, "h264", "admin", ANY_SIGNS):
        with open_camera(config, Health(), QUICK) as camera:
            assert camera.describe() == f"rtsp://***@127.0.0.1:{port}/video: stream 320x240"
        file.write_text("another\n")
        with pytest.raises(CameraError, match=r"cannot be opened; check address, user and password") as caught:
            open_camera(config, Health(), QUICK)
    assert "another" not in str(caught.value)


# the table of docs/cameras.md

FAULT_S = 1.0  # how long a fault goes on after it was noticed, where it is not over by itself


class Broken(NamedTuple):
    """A camera that can be broken, and mended where it does not get over it by itself."""

    source: str
    breaks: Callable[[], object]
    mends: Callable[[], object] | None


def stream(show: Show) -> Broken:
    """A stream that goes on with other pictures, or none."""
    camera = NetworkCamera()
    camera.plug_in()
    return Broken(camera.url, lambda: setattr(camera, "show", show), lambda: setattr(camera, "show", "moving"))


def unplugged() -> Broken:
    camera = NetworkCamera()
    camera.plug_in()
    return Broken(camera.url, camera.unplug, camera.plug_in)


def crashed() -> Broken:
    return Broken("loop:demo", lambda: os.kill(children()[0], signal.SIGSEGV), None)


def emptied() -> Broken:
    """A folder whose pictures are taken away and put back."""
    folder = Path(tempfile.mkdtemp())
    picture, aside = folder / "page.png", folder / "aside"
    cv2.imwrite(str(picture), np.random.default_rng(1).integers(0, 255, (240, 320), np.uint8))
    return Broken(f"loop:{folder}", lambda: picture.rename(aside), lambda: aside.rename(picture))


BROKEN: dict[str, Callable[[], Broken]] = {
    "stalls": partial(stream, "nothing"),
    "is unplugged": unplugged,
    "gives empty frames": partial(stream, "empty"),
    "gives black frames": partial(stream, "black"),
    "gives frozen frames": partial(stream, "frozen"),
    "crashes its decoder": crashed,
    "is a folder that is emptied": emptied,
}


def measured(broken: Broken) -> tuple[float, float]:
    """Seconds until it was noticed, and from its end until the camera was back."""
    health = Health()
    with open_camera(CameraConfig(source=broken.source), health) as camera:
        until(camera, lambda: "camera" in health.parts())
        began = time.monotonic()
        broken.breaks()
        until(camera, health.faults)
        ended = noticed = time.monotonic()
        if broken.mends:
            until(camera, lambda: time.monotonic() > noticed + FAULT_S)
            ended = time.monotonic()
            broken.mends()
        until(camera, lambda: not health.faults())
        return noticed - began, time.monotonic() - ended


if __name__ == "__main__":
    print("| the camera | noticed after | back after |\n| --- | ---: | ---: |")
    with tempfile.TemporaryDirectory() as tempfile.tempdir:
        for name, broken in BROKEN.items():
            longest = (max(column) for column in zip(*(measured(broken()) for _ in range(3)), strict=True))
            print(f"| {name} | {' | '.join(f'{seconds:.1f} s' for seconds in longest)} |", flush=True)
