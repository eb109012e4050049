"""Cameras in the network: what RTSP negotiates, and whatever an HTTP address answers."""

from http.client import HTTPResponse

from digitcam.cameras.base import Camera
from digitcam.cameras.capture_thread import MISSING_FRAMES
from digitcam.cameras.isolated import Isolated
from digitcam.cameras.network.address import complete_address
from digitcam.cameras.network.http import Web
from digitcam.cameras.network.mjpeg import MotionJpeg
from digitcam.cameras.network.snapshot import Snapshot
from digitcam.cameras.network.stream import NetworkStream
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.redact import redact

# Longest wait for a frame, seconds: less than `Timeouts`, so that a connection that hangs is closed before it is opened
# again. A slow one may take three frames' time.
READ_S = 4.0


def open_stream(config: CameraConfig) -> Camera:
    """Connect to `config.source`.

    A multipart of JPEGs is taken apart here, a picture is asked for again and again, and all else is FFmpeg's, in a
    process of its own.

    Raises:
        CameraError: it cannot be reached, refuses, or gives neither video nor picture.
        ConfigError: its password cannot be read.
    """
    url, name = complete_address(config), redact(config.source)
    wait_s = max(READ_S, MISSING_FRAMES / config.fps)
    if not url.startswith("http"):
        return Isolated(NetworkStream, url, name, wait_s, name=name)
    web = Web(url, name, wait_s)
    answer = web.ask()
    if answer.headers.get_content_maintype() == "multipart":
        return MotionJpeg(answer, name, wait_s)
    with answer:
        kind, picture = answer.headers.get_content_type(), _is_picture(answer)
    if picture:
        return Snapshot(web, name, config.fps)
    if kind == "text/html":
        raise CameraError(f"{name}: is a page for browsers; the camera's manual names the address of its stream")
    return Isolated(NetworkStream, url, name, wait_s, name=name)


def _is_picture(answer: HTTPResponse) -> bool:
    """Tell whether it is one picture, and not a stream; not all cameras name its type."""
    kind = answer.headers.get_content_type()
    return kind.startswith("image/") or (
        kind == "application/octet-stream" and answer.length is not None and answer.peek(2)[:2] == b"\xff\xd8"
    )
