"""What an HTTP address may answer: Motion JPEG of any kind, a snapshot, a page, a refusal."""

import base64
import hashlib
import itertools
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.device.jpegs import jpeg, part
from tests.device.looking import children, fault, until

from digitcam.cameras.base import Camera, NoFrameError
from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.network.address import advise, complete_address, split_login
from digitcam.cameras.registry import open_camera
from digitcam.config import CameraConfig, Config
from digitcam.diagnostics.check import check_camera
from digitcam.errors import CameraError, ConfigError
from digitcam.frame import Frame
from digitcam.state.health import Health

QUICK = Timeouts(stall_s=3.0, bad_s=0.5, first_delay_s=0.05, longest_delay_s=0.2)
PASSWORD = "p@ss/#w:ord?"  # noqa: S105 - of no camera
MULTIPART = "multipart/x-mixed-replace; boundary=frame"
FRAME_S = 0.02
PIECE = 5000  # bytes of an answer in that time
SIZES = ((64, 48), (96, 80), (64, 48), (128, 96))


class Handler(BaseHTTPRequestHandler):
    """Answers by path; a path of `basic` or `digest` wants `admin` and `PASSWORD`."""

    protocol_version = "HTTP/1.1"
    asked: list[str]
    film: bytes

    def do_GET(self) -> None:
        self.asked.append(self.path)
        with suppress(OSError):  # the watcher has gone
            wanted = self.path.split("/")[1]
            if wanted in {"basic", "digest"} and not self._is_known(wanted):
                self._refuse(wanted)
            else:
                self._show(self.path.rsplit("/", maxsplit=1)[1])

    def _is_known(self, wanted: str) -> bool:
        said = self.headers.get("Authorization", "")
        if wanted == "basic":
            return said == "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        fields = dict(re.findall(r'(\w+)="([^"]*)"', said))
        ours, theirs = (
            hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - as RFC 2069 has it
            for text in (f"admin:camera:{PASSWORD}", f"GET:{self.path}")
        )
        return fields.get("response") == hashlib.md5(f"{ours}:once:{theirs}".encode()).hexdigest()  # noqa: S324

    def _refuse(self, wanted: str) -> None:
        self.send_response(401)
        nonce = ', nonce="once"' if wanted == "digest" else ""
        self.send_header("WWW-Authenticate", f'{wanted.title()} realm="camera"{nonce}')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _show(self, name: str) -> None:
        if name == "snap.jpg":
            self._answer("image/jpeg", jpeg(60 + len(self.asked)))
        elif name == "still.jpg":
            self._answer("image/jpeg", jpeg(200))
        elif name == "untyped":
            self._answer("application/octet-stream", jpeg(200))
        elif name == "page":
            self._answer("text/html; charset=utf-8", b"<p>A camera</p>")
        elif name == "film":
            self._answer("video/x-msvideo", self.film)
        elif name == "absent":
            self.send_error(404)
        else:
            self._stream(name)

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for start in range(0, len(body), PIECE):
            self.wfile.write(body[start : start + PIECE])
            time.sleep(FRAME_S)

    def _stream(self, name: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", MULTIPART)
        if name == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in itertools.count():
            time.sleep(FRAME_S)
            size = SIZES[number % 4] if name == "changing" else (64, 48)
            body = jpeg(60 + number % 150, size, ("4:2:0", "4:4:4", "4:2:2")[number % 3 if name == "changing" else 0])
            data = part(body[:-200] if name == "broken" and number % 2 == 0 else body)
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n" if name == "chunked" else data)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Handler.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


def url(server: ThreadingHTTPServer, path: str, user: str = "") -> str:
    return f"http://{user}127.0.0.1:{server.server_port}/{path}"


def watched(source: str, health: Health, **asked: object) -> Camera:
    return open_camera(CameraConfig(source=source, **asked), health, QUICK)  # type: ignore[arg-type]


def refused(source: str, **asked: object) -> str:
    with pytest.raises((CameraError, ConfigError)) as caught:
        watched(source, Health(), **asked)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def taken(camera: Camera) -> Frame:
    frame = camera.read()
    assert frame
    return frame


# Motion JPEG


@pytest.mark.parametrize("name", ["changing", "broken", "chunked"])
def test_a_stream_that_changes_or_has_broken_parts_is_read_on_without_a_fault(
    server: ThreadingHTTPServer, name: str
) -> None:
    health = Health()
    seen: list[Frame] = []
    with watched(url(server, name), health) as camera:
        while len(seen) < 10 or (name == "changing" and len({frame.image.shape for frame in seen}) < 3):
            with suppress(NoFrameError):
                seen.append(taken(camera))
            assert not fault(health)
    for frame in seen:
        middle = frame.image.shape[1] // 2
        assert frame.image[:, : middle - 8].max() < 8
        right = frame.image[:, middle + 8 :]
        assert 50 < right.min() <= right.max() < right.min() + 8
    assert Handler.asked == [f"/{name}"]


# what FFmpeg decodes


@pytest.fixture
def film(tmp_path: Path) -> None:
    """A minute that OpenCV's own decoder has nothing to do with, of noise."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (64, 48))
    assert writer.isOpened()
    random = np.random.default_rng(1)
    for _ in range(1800):
        writer.write(random.integers(0, 255, (48, 64, 3), np.uint8))
    writer.release()
    Handler.film = path.read_bytes()


@pytest.mark.usefixtures("film")
def test_a_decoder_that_crashes_costs_a_reopening(server: ThreadingHTTPServer) -> None:
    health = Health()
    with watched(url(server, "film", "admin:secret@"), health) as camera:
        first = until(camera, lambda: "camera" in health.parts())[-1]
        assert camera.describe() == f"http://***@127.0.0.1:{server.server_port}/film: stream 64x48"
        (decoder,) = children()
        assert b"secret" not in Path(f"/proc/{decoder}/cmdline").read_bytes()
        os.kill(decoder, signal.SIGSEGV)
        until(camera, lambda: "its decoder crashed (SIGSEGV)" in fault(health))
        last = until(camera, lambda: not fault(health))[-1]
    assert first.image.shape == last.image.shape == (48, 64)
    assert last.sequence > first.sequence
    assert children() == []


# snapshots


@pytest.mark.parametrize("name", ["snap.jpg", "still.jpg", "untyped"])
def test_a_snapshot_is_asked_for_again_and_again_and_said_to_be_one(server: ThreadingHTTPServer, name: str) -> None:
    health = Health()
    with watched(url(server, name), health, fps=10) as camera:
        frames = until(camera, lambda: len(Handler.asked) > 6)
        assert camera.describe() == f"{url(server, name)}: snapshots, 5 a second"
    assert frames[-1].image.shape == (48, 64)
    # longer than pictures of a sensor may be the same
    assert frames[-1].time_ns - frames[0].time_ns > 1e9 * QUICK.bad_s
    part = health.parts()["camera"]
    assert part.state == "note"
    assert "; gives one picture at a time; camera.fps says how often it is asked, 5 times at most" in part.text


def test_a_snapshot_is_asked_for_as_often_as_frames_are_wanted(server: ThreadingHTTPServer) -> None:
    with watched(url(server, "snap.jpg"), Health(), fps=2) as camera:
        first, *_, last = until(camera, lambda: len(Handler.asked) > 3)
    assert (last.time_ns - first.time_ns) / (last.sequence - first.sequence) > 0.4e9


# what gives no picture


def test_what_gives_no_picture_says_why(server: ThreadingHTTPServer) -> None:
    assert "is a page for browsers; the camera's manual names" in refused(url(server, "page"))
    assert "cannot be opened: 404 Not Found; check address" in refused(url(server, "absent"))
    assert "cannot be opened: 404 Not Found; check address" in refused(url(server, "absent"))
    assert "cannot be opened: 401 Unauthorized; check address" in refused(url(server, "basic/snap.jpg"))
    assert "401" in refused(url(server, "digest/snap.jpg", "admin:wrong@"))


# users and passwords


@pytest.mark.parametrize("path", ["basic/snap.jpg", "digest/snap.jpg", "basic/video", "digest/video"])
@pytest.mark.parametrize("user", ["admin:p%40ss%2F%23w%3Aord%3F@", "admin@"])
def test_a_camera_that_wants_a_password_is_given_it(
    server: ThreadingHTTPServer, tmp_path: Path, path: str, user: str
) -> None:
    file, health = tmp_path / "password", Health()
    file.write_text(PASSWORD + "\n")
    with watched(url(server, path, user), health, password_file="" if ":" in user else str(file)) as camera:
        assert until(camera, lambda: "camera" in health.parts())
        assert not fault(health)
        assert "p@ss" not in camera.describe()


def test_a_password_that_others_may_read_is_told(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    file.chmod(0o644)
    camera = CameraConfig(source=url(server, "basic/snap.jpg", "admin@"), password_file=str(file))
    found = check_camera(Config(camera=camera))
    assert (found.state, found.advice) == ("note", f"every user can read {file}: chmod 600 it")


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
@pytest.mark.parametrize("password", ["p@ss", "p/ss", "p#ss", "1/p?ss@"])
def test_a_password_that_takes_an_address_apart_is_told_how_to_be_written(scheme: str, password: str) -> None:
    message = refused(f"{scheme}://admin:{password}@127.0.0.1:1/video")
    assert "must be percent-encoded, as %40, %23, %2F or %3F" in message
    assert "camera.password_file" in message
    assert "ss" not in message.split(": cannot")[0]


def test_an_address_without_such_a_password_is_not_told_so() -> None:
    for good in ("http://camera/video", "rtsp://admin:secret@camera:554/video?a=b#c", "http://admin:p%40ss@camera/"):
        assert advise(good) == "check address, user and password, and that it gives video"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("HTTP://Camera:81/Video", "http://Camera:81/Video"),
        (" rtsp://camera/video\n", "rtsp://camera/video"),
        ("http://camera/a page é.jpg?when=12 h", "http://camera/a%20page%20%C3%A9.jpg?when=12%20h"),
        ("http://admin:gr\u00fc\u00df@camera/%20a", "http://admin:gr%C3%BC%C3%9F@camera/%20a"),
        ("http://b\u00fccher.local/a", "http://b\u00fccher.local/a"),
    ],
)
def test_an_address_is_taken_as_a_person_writes_it(written: str, sent: str) -> None:
    assert complete_address(CameraConfig(source=written)) == sent


def test_a_scheme_in_capitals_is_a_streams(server: ThreadingHTTPServer) -> None:
    health = Health()
    with watched(url(server, "snap.jpg").replace("http", "HTTP"), health) as camera:
        until(camera, lambda: "camera" in health.parts())
        assert "snapshots" in camera.describe()


def test_user_and_password_are_taken_out_of_an_address() -> None:
    assert split_login("http://admin:p%40s%3As@camera:81/a@b?c") == ("http://camera:81/a@b?c", "admin", "p@s:s")
    assert split_login("http://admin:p@ss@camera/") == ("http://camera/", "admin", "p@ss")
    assert split_login("http://camera:81/a@b") == ("http://camera:81/a@b", "", "")


def test_a_password_in_a_file_is_put_into_the_address(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    config = CameraConfig(source="rtsp://admin@camera:554/video", password_file=str(file))
    assert complete_address(config) == "rtsp://admin:p%40ss%2F%23w%3Aord%3F@camera:554/video"
    for source in ("rtsp://camera/video", "rtsp://admin:secret@camera/video"):
        message = refused(source, password_file=str(file))
        assert "camera.password_file takes a user in the address, and no password: rtsp://USER@HOST" in message
        assert "secret" not in message
    assert "camera.password_file: " in refused("rtsp://admin@camera/", password_file=str(tmp_path / "absent"))
    assert "camera.password_file cannot be set for this source" in refused("v4l2:/dev/video99", password_file=str(file))
