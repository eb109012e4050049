"""USB and other V4L2 cameras, through OpenCV; what OpenCV does not tell is asked of the kernel by ioctl.

Numbers and structures are those of <linux/videodev2.h>, the same on every architecture that this runs on.
"""

import errno
import fcntl
import os
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from digitcam.cameras.base import Camera, CameraInfo, open_capture
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.frame import Frame, Grey

SYSFS = Path("/sys/class/video4linux")

VIDIOC_QUERYCAP = 0x80685600
CAPABILITY = struct.Struct("16s 32s 32s I I I 12x")  # driver, card, bus, version, capabilities, device capabilities
VIDEO_CAPTURE = 0x00000001  # single-planar; multi-planar nodes are stages of a pipeline

VIDIOC_REQBUFS = 0xC0145608
REQUEST_BUFFERS = struct.Struct("I I I 8x")  # count, type, memory
VIDIOC_ENUM_FMT = 0xC0405602
FORMAT = struct.Struct("I I I 32s 4s 16x")  # index, type, flags, description, fourcc
VIDIOC_ENUM_FRAMESIZES = 0xC02C564A
FRAME_SIZE = struct.Struct("I 4s I I I 24x")  # index, fourcc, type, then width and height where the type is DISCRETE
BUFFER_TYPE_CAPTURE = 1
MEMORY_MMAP = 1
DISCRETE = 1

# Stages of the Pi's own camera pipeline look like cameras and give raw sensor data or nothing; picamera2 drives them.
PIPELINE_STAGES = ("unicam", "bcm2835-isp", "rp1-cfe", "pispbe")

# Where the luma stands in what OpenCV hands over unconverted, by pixel format.
PACKED_LUMA = {"YUYV": 0, "YVYU": 0, "UYVY": 1, "VYUY": 1}  # which of the two bytes of a pixel
PLANAR_LUMA = ("GREY", "NV12", "NV21", "YU12", "YV12")  # the first `height` rows

CAUSES = {
    errno.ENOENT: "no such device; `digitcam cameras` lists what is there",
    errno.ENODEV: "the device is gone; plug it in again, `digitcam cameras` lists what is there",
    errno.ENXIO: "the device is gone; plug it in again, `digitcam cameras` lists what is there",
    errno.EACCES: "no permission; `sudo usermod -aG video $USER`, then log in again",
    errno.EBUSY: "busy: another program is using it; `fuser -v` with its name tells which",
    errno.ENOTTY: "not a camera; `digitcam cameras` lists what is there",
    errno.EINVAL: "not a camera; `digitcam cameras` lists what is there",
}


class V4L2Camera(Camera):
    """A camera behind a /dev/video node."""

    live = True

    def __init__(self, config: CameraConfig, node: str) -> None:
        """Open the camera and ask for size and rate; what it gives instead is what `describe` reports.

        Args:
            config: wanted size and rate.
            node: such as /dev/video0.

        Raises:
            CameraError: it is absent, busy, not permitted, no camera, or in no format that OpenCV can read.
        """
        self._node = node
        self._name = _identify(node)
        self._capture = open_capture(node, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise CameraError(f"{node} ({self._name}): gives no pixel format that OpenCV can read; try another camera")
        # YUYV holds the luma ready to be taken; a camera without it stays with the format that OpenCV chose
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"YUYV"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, config.width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, config.height)
        self._capture.set(cv2.CAP_PROP_FPS, max(1, round(config.fps)))  # OpenCV takes whole numbers
        self._format = int(self._capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little").decode("ascii", "replace")
        if self._format in PACKED_LUMA or self._format in PLANAR_LUMA:
            self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        self._width, self._height, self._rate = (
            self._capture.get(key) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS)
        )
        self._sequence = 0

    def describe(self) -> str:
        """Node, name, and the format, size and rate that were given."""
        size = f"{self._width:.0f}x{self._height:.0f}"
        return f"{self._node}: {self._name}, {self._format} {size}, {self._rate:g} frames a second"

    def read(self) -> Frame:
        """Wait for the next frame; its `time_ns` is when the driver handed it over, transfer from the camera done.

        Raises:
            CameraError: none came (OpenCV waits 10 s), or it is empty.
        """
        grabbed = self._capture.grab()
        time_ns = time.monotonic_ns()
        decoded, image = self._capture.retrieve() if grabbed else (False, None)
        if not decoded or image is None or image.size == 0:
            raise CameraError(f"{self._node} ({self._name}): {self._why_empty()}")
        frame = Frame(luma(image, self._format, int(self._height)), time_ns, self._sequence)
        self._sequence += 1
        return frame

    def close(self) -> None:
        """Stop the stream and let the device go."""
        self._capture.release()

    def _why_empty(self) -> str:
        if not Path(self._node).exists():
            return CAUSES[errno.ENODEV]
        return "gives empty frames or none; plug it into another port, or ask for a smaller camera.width and height"


def luma(image: cv2.typing.MatLike, fourcc: str, height: int) -> Grey:
    """The brightness of a frame as OpenCV's V4L2 backend hands it over.

    Args:
        image: uint8; (h, w, 2) for packed YUV, (h or 3/2 h, w) for grey and planar YUV, else BGR (h, w, 3).
        fourcc: the pixel format that the camera gives.
        height: of the picture, in pixels.

    Returns:
        uint8 (height, width), contiguous.
    """
    if fourcc in PACKED_LUMA:
        return np.ascontiguousarray(image[:, :, PACKED_LUMA[fourcc]], dtype=np.uint8)
    if fourcc in PLANAR_LUMA:
        return np.ascontiguousarray(image[:height], dtype=np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def list_cameras() -> list[CameraInfo]:
    """Capture devices that the kernel knows; nodes that give no pictures, or may not be opened, are left out."""
    if not SYSFS.is_dir():
        return []
    nodes = sorted((entry.name for entry in SYSFS.iterdir()), key=lambda name: int(re.sub(r"\D", "", name) or 0))
    return [info for name in nodes if (info := _info(f"/dev/{name}"))]


def refusal(node: str, error: OSError) -> CameraError:
    """One line for what the kernel said when a device was opened or asked."""
    return CameraError(f"{node}: {CAUSES.get(error.errno or 0, error.strerror)}")


def _identify(node: str) -> str:
    """The camera's name, once it is sure that it is one and free.

    OpenCV would retry a busy device for 10 s at every step and then not say why it failed.
    """
    try:
        with _Device(node) as device:
            if device.captures:
                device.check_free()
    except OSError as error:
        raise refusal(node, error) from error
    if not device.captures:
        raise CameraError(f"{node} ({device.name}): gives no pictures; `digitcam cameras` lists what does")
    return device.name


def _info(node: str) -> CameraInfo | None:
    try:
        with _Device(node) as device:
            if not device.captures or device.name.startswith(PIPELINE_STAGES):
                return None
            abilities = "; ".join(f"{fourcc} {', '.join(device.sizes(fourcc))}".strip() for fourcc in device.formats())
            return CameraInfo(source=f"v4l2:{node}", name=device.name, abilities=abilities)
    except OSError as error:
        return CameraInfo(source=f"v4l2:{node}", name="unknown", abilities=str(refusal(node, error)))


class _Device:
    """A V4L2 node opened for questions."""

    def __init__(self, node: str) -> None:
        self._descriptor = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            answer = self._ask(VIDIOC_QUERYCAP, bytes(CAPABILITY.size))
        except OSError:
            os.close(self._descriptor)
            raise
        _, card, _, _, _, abilities = CAPABILITY.unpack(answer)
        self.name: str = card.split(b"\0")[0].decode("utf-8", "replace")
        self.captures = bool(abilities & VIDEO_CAPTURE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def check_free(self) -> None:
        """Give back no buffers at all, which the kernel refuses with EBUSY while another program holds some."""
        self._ask(VIDIOC_REQBUFS, REQUEST_BUFFERS.pack(0, BUFFER_TYPE_CAPTURE, MEMORY_MMAP))

    def formats(self) -> Iterator[str]:
        """Pixel formats, as four letters each."""
        for answer in self._enumerate(VIDIOC_ENUM_FMT, FORMAT, BUFFER_TYPE_CAPTURE, 0, b"", b""):
            yield FORMAT.unpack(answer)[4].decode("ascii", "replace")

    def sizes(self, fourcc: str) -> Iterator[str]:
        """Frame sizes of one pixel format; none where the driver takes any size in a range."""
        for answer in self._enumerate(VIDIOC_ENUM_FRAMESIZES, FRAME_SIZE, fourcc.encode("ascii", "replace"), 0, 0, 0):
            _, _, kind, width, height = FRAME_SIZE.unpack(answer)
            if kind == DISCRETE:
                yield f"{width}x{height}"

    def _enumerate(self, request: int, form: struct.Struct, *fields: int | bytes) -> Iterator[bytes]:
        """Ask for index 0, 1, 2, ... until the driver says EINVAL: there are no more."""
        index = 0
        while True:
            try:
                yield self._ask(request, form.pack(index, *fields))
            except OSError as error:
                if error.errno in {errno.EINVAL, errno.ENOTTY}:
                    return
                raise
            index += 1

    def _ask(self, request: int, argument: bytes) -> bytes:
        return fcntl.ioctl(self._descriptor, request, argument)
