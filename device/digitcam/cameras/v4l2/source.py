"""USB and other V4L2 cameras, through OpenCV."""

import errno
import time
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.cameras.base import Camera, EmptyFrameError, open_capture
from digitcam.cameras.v4l2 import controls
from digitcam.cameras.v4l2.device import CAUSES, Device, Identity, decode_format, explain_refusal, list_nodes
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.frame import Frame, Grey

# Where the luma stands in what OpenCV hands over unconverted, by pixel format.
PACKED_LUMA = {"YUYV": 0, "YVYU": 0, "UYVY": 1, "VYUY": 1}  # which of the two bytes of a pixel
PLANAR_LUMA = {"GREY": 1, "NV12": 1.5, "NV21": 1.5, "YU12": 1.5, "YV12": 1.5}  # the first of so many heights of rows

# YUYV holds the luma ready to be taken, but fills a USB 2 cable at 640x480; MJPG is for what is larger or faster.
AUTO_FORMATS = ("YUYV", "MJPG")
ENOUGH = 0.9  # of the rate that was asked for


class V4L2Camera(Camera):
    """A camera behind a /dev/video node."""

    live = True

    def __init__(self, config: CameraConfig, node: str) -> None:
        """Open the camera and ask for format, size and rate; what it gives instead is its `note`.

        Args:
            config: what is wanted of it.
            node: such as /dev/video0.

        Raises:
            CameraError: it is absent, busy, not permitted, no camera, in no format that OpenCV can read, or cannot set
                exposure or focus as asked.
        """
        self._config = config
        self._node = node
        self.identity = _prepare(node, config)
        self._capture = open_capture(node, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise CameraError(f"{self._name}: gives no pixel format that OpenCV can read; try another camera")
        self._negotiate()
        self._format = decode_format(int(self._capture.get(cv2.CAP_PROP_FOURCC)))
        if self._format in PACKED_LUMA or self._format in PLANAR_LUMA:
            self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        self._width, self._height, self._rate = (
            self._capture.get(key) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS)
        )
        self.note = self._difference()
        self._sequence = 0

    def describe(self) -> str:
        """Give node, name, and the format, size and rate that were given."""
        size = f"{self._width:.0f}x{self._height:.0f}"
        return f"{self._node}: {self.identity.card}, {self._format} {size}, {self._rate:g} frames a second"

    def read(self) -> Frame:
        """Wait for the next frame; its `time_ns` is when the driver handed it over, transfer from the camera done.

        Raises:
            EmptyFrameError: none came (OpenCV waits 10 s), or it is empty.
            CameraError: the camera is gone, or what it gives is not as large as it says.
        """
        grabbed = self._capture.grab()
        time_ns = time.monotonic_ns()
        decoded, image = self._capture.retrieve() if grabbed else (False, None)
        if not decoded or image is None or image.size == 0:
            if not Path(self._node).exists():
                raise CameraError(f"{self._name}: {CAUSES[errno.ENODEV]}")
            raise EmptyFrameError(
                f"{self._name}: gives empty frames or none; plug it into another port, or ask for a smaller "
                "camera.width and height"
            )
        try:
            grey = take_luma(image, self._format, (int(self._width), int(self._height)))
        except CameraError as error:
            raise CameraError(f"{self._name}: {error}") from error
        frame = Frame(grey, time_ns, self._sequence)
        self._sequence += 1
        return frame

    def close(self) -> None:
        """Stop the stream and let the device go."""
        self._capture.release()

    @property
    def _name(self) -> str:
        return f"{self._node} ({self.identity.card})"

    def _negotiate(self) -> None:
        formats = AUTO_FORMATS if self._config.format == "auto" else (self._config.format,)
        rates = {}
        for fourcc in formats:
            rates[fourcc] = self._ask_for(fourcc)
            if rates[fourcc] >= ENOUGH * self._config.fps:
                return
        self._ask_for(max(formats, key=lambda fourcc: rates[fourcc]))  # the first of the fastest

    def _ask_for(self, fourcc: str) -> float:
        """Ask for a format, and size and rate with it; a camera without it stays with another. Gives the rate."""
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*fourcc))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._config.width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._config.height)
        self._capture.set(cv2.CAP_PROP_FPS, max(1, round(self._config.fps)))  # OpenCV takes whole numbers
        return float(self._capture.get(cv2.CAP_PROP_FPS))

    def _difference(self) -> str:
        """Tell what it gives in place of what was asked for."""
        config, said = self._config, []
        if config.format not in {"auto", self._format}:
            said.append(f"{self._format} in place of {config.format}")
        if (self._width, self._height) != (config.width, config.height):
            said.append(f"{self._width:.0f}x{self._height:.0f} in place of {config.width}x{config.height}")
        if self._rate < ENOUGH * config.fps:
            said.append(f"{self._rate:g} frames a second in place of {config.fps:g}")
        return f"gives {', '.join(said)}; `digitcam cameras` lists what it can" if said else ""


class V4L2Source:
    """Opens one camera again and again, under whichever node it is by then."""

    def __init__(self, config: CameraConfig, node: str) -> None:
        """Open `node` first; what is there then is the camera that is looked for afterwards."""
        self._config = config
        self._node = node
        self._identity: Identity | None = None

    def __call__(self) -> V4L2Camera:
        """Open it.

        Raises:
            CameraError: it is not there, or cannot be opened.
        """
        node = self._node
        if self._identity:
            found = find_again(self._identity, self._node, _identities())
            if not found:
                raise CameraError(f"{self._node} ({self._identity.card}): {CAUSES[errno.ENODEV]}")
            node = found
        camera = V4L2Camera(self._config, node)
        self._identity = camera.identity
        return camera


def find_again(identity: Identity, node: str, there: Mapping[str, Identity]) -> str | None:
    """Find the node of a camera that was under `node` before.

    Args:
        identity: what it was.
        node: where it was last, or a link to it.
        there: the cameras of this machine now, by node.

    Returns:
        `node` itself if it is still there; else where this camera is in the same port; else the only one of its name in
        another port; else None.
    """
    same_port = [place for place, other in there.items() if other == identity]
    real = str(Path(node).resolve())
    if real in same_port:
        return node
    if same_port:
        return same_port[0]
    same_name = [place for place, other in there.items() if other.card == identity.card]
    return same_name[0] if len(same_name) == 1 else None


def take_luma(image: "cv2.typing.MatLike", fourcc: str, size: tuple[int, int]) -> Grey:
    """Take the brightness of a frame as OpenCV's V4L2 backend hands it over.

    Args:
        image: uint8; packed and planar YUV in any shape, the driver's buffer: OpenCV 5 gives (h, w, 2) and (3/2 h, w),
            OpenCV 4.11 (1, bytes); else BGR (h, w, 3).
        fourcc: the pixel format that the camera gives.
        size: width and height of the picture, in pixels.

    Returns:
        uint8 (height, width), contiguous.

    Raises:
        CameraError: it does not hold rows of one length.
    """
    width, height = size
    if fourcc in PACKED_LUMA:
        return np.ascontiguousarray(_rows(image, height)[:, PACKED_LUMA[fourcc] : 2 * width : 2])
    if fourcc in PLANAR_LUMA:
        return np.ascontiguousarray(_rows(image, round(PLANAR_LUMA[fourcc] * height))[:height, :width])
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _rows(image: "cv2.typing.MatLike", count: int) -> NDArray[np.uint8]:
    """Cut a driver's buffer into rows of bytes, which may end in padding."""
    if image.size % count:
        raise CameraError(f"gives {image.size} bytes, which are not {count} rows; ask for another camera.format")
    return np.asarray(image, dtype=np.uint8).reshape(count, -1)


def _prepare(node: str, config: CameraConfig) -> Identity:
    """Set exposure and focus, once it is sure that this is a camera and free.

    OpenCV would retry a busy device for 10 s at every step and then not say why it failed.
    """
    try:
        with Device(node) as device:
            if device.captures:
                device.check_free()
                controls.set_controls(device, config)
    except CameraError as error:  # an OSError, too
        raise CameraError(f"{node} ({device.identity.card}): {error}") from error
    except OSError as error:
        raise explain_refusal(node, error) from error
    if not device.captures:
        raise CameraError(f"{node} ({device.identity.card}): gives no pictures; `digitcam cameras` lists what does")
    return device.identity


def _identities() -> dict[str, Identity]:
    """List the cameras that can be asked now, by node."""
    found = {}
    for node in list_nodes():
        try:
            with Device(node) as device:
                if device.captures:
                    found[node] = device.identity
        except OSError:
            continue  # it went as it was asked
    return found
