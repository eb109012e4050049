"""A V4L2 device, asked and set by ioctl: what OpenCV does not tell, or tells without a reason.

Numbers and structures are those of <linux/videodev2.h> and <linux/v4l2-controls.h>, the same on every architecture that
this runs on.
"""

import errno
import fcntl
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from digitcam.errors import CameraError

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
VIDIOC_ENUM_FRAMEINTERVALS = 0xC034564B
FRAME_INTERVAL = struct.Struct("I 4s I I I I I 24x")  # index, fourcc, width, height, type, then seconds as a fraction
BIG_ENDIAN = 1 << 31  # of a pixel format's code
BUFFER_TYPE_CAPTURE = 1
MEMORY_MMAP = 1
DISCRETE = 1

VIDIOC_QUERYCTRL = 0xC0445624
QUERY_CONTROL = struct.Struct("I I 32s i i i i I 8x")  # id, type, name, minimum, maximum, step, default, flags
VIDIOC_S_CTRL = 0xC008561C
CONTROL = struct.Struct("I i")  # id, value
CONTROL_DISABLED = 0x0001
EXPOSURE_AUTO = 0x009A0901
EXPOSURE_ABSOLUTE = 0x009A0902  # in units of 100 us
FOCUS_ABSOLUTE = 0x009A090A
FOCUS_AUTO = 0x009A090C

CAUSES = {
    errno.ENOENT: "no such device; `digitcam cameras` lists what is there",
    errno.ENODEV: "the device is gone; plug it in again, `digitcam cameras` lists what is there",
    errno.ENXIO: "the device is gone; plug it in again, `digitcam cameras` lists what is there",
    errno.EACCES: "no permission; `sudo usermod -aG video $USER`, then log in again",
    errno.EBUSY: "busy: another program is using it, such as digitcam's service; `sudo fuser -v` with its name tells",
    errno.ENOTTY: "not a camera; `digitcam cameras` lists what is there",
    errno.EINVAL: "not a camera; `digitcam cameras` lists what is there",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What stays of a camera when it is plugged in again.

    Attributes:
        card: its name.
        bus: where it is plugged in, such as `usb-0000:01:00.0-1.2`.
    """

    card: str
    bus: str


@dataclass(frozen=True, slots=True)
class Range:
    """What a control takes, in the driver's units."""

    least: int
    most: int


class Device:
    """A V4L2 node opened for questions and settings."""

    def __init__(self, node: str) -> None:
        """Open it.

        Raises:
            OSError: it is absent, not permitted, or no V4L2 device; `refusal` says it in words.
        """
        self._descriptor = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            answer = self._ask(VIDIOC_QUERYCAP, bytes(CAPABILITY.size))
        except OSError:
            os.close(self._descriptor)
            raise
        _, card, bus, _, _, abilities = CAPABILITY.unpack(answer)
        self.identity = Identity(_text(card), _text(bus))
        self.captures = bool(abilities & VIDEO_CAPTURE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def check_free(self) -> None:
        """Give back no buffers at all, which the kernel refuses with EBUSY while another program holds some."""
        self._ask(VIDIOC_REQBUFS, REQUEST_BUFFERS.pack(0, BUFFER_TYPE_CAPTURE, MEMORY_MMAP))

    def list_formats(self) -> Iterator[str]:
        """List the names of its pixel formats, as `decode_format` gives them."""
        for answer in self._enumerate(VIDIOC_ENUM_FMT, FORMAT, BUFFER_TYPE_CAPTURE, 0, b"", b""):
            yield decode_format(int.from_bytes(FORMAT.unpack(answer)[4], "little"))

    def list_sizes(self, fourcc: str) -> Iterator[tuple[int, int]]:
        """List widths and heights of one pixel format; none where the driver takes any size in a range."""
        code = encode_format(fourcc)
        for answer in self._enumerate(VIDIOC_ENUM_FRAMESIZES, FRAME_SIZE, code, 0, 0, 0):
            _, _, kind, width, height = FRAME_SIZE.unpack(answer)
            if kind == DISCRETE:
                yield width, height

    def list_rates(self, fourcc: str, size: tuple[int, int]) -> Iterator[float]:
        """List the frames a second of one format and size; none where the driver takes any rate in a range."""
        code = encode_format(fourcc)
        for answer in self._enumerate(VIDIOC_ENUM_FRAMEINTERVALS, FRAME_INTERVAL, code, *size, 0, 0, 0):
            _, _, _, _, kind, numerator, denominator = FRAME_INTERVAL.unpack(answer)
            if kind == DISCRETE and numerator:
                yield denominator / numerator

    def find_range(self, control: int) -> Range | None:
        """Tell what a control takes; None where the camera has no such control."""
        try:
            answer = self._ask(VIDIOC_QUERYCTRL, QUERY_CONTROL.pack(control, 0, b"", 0, 0, 0, 0, 0))
        except OSError as error:
            if error.errno in {errno.EINVAL, errno.ENOTTY}:
                return None
            raise
        _, _, _, least, most, _, _, flags = QUERY_CONTROL.unpack(answer)
        return None if flags & CONTROL_DISABLED else Range(least, most)

    def set(self, control: int, value: int) -> bool:
        """Set a control; False where the camera does not take this value."""
        try:
            self._ask(VIDIOC_S_CTRL, CONTROL.pack(control, value))
        except OSError as error:
            if error.errno in {errno.EINVAL, errno.ERANGE, errno.EACCES}:
                return False
            raise
        return True

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


def list_nodes() -> list[str]:
    """List the video nodes of this machine by their numbers; there are others, for radio and teletext."""
    if not SYSFS.is_dir():
        return []
    numbers = sorted(int(entry.name[5:]) for entry in SYSFS.iterdir() if re.fullmatch(r"video\d+", entry.name))
    return [f"/dev/video{number}" for number in numbers]


def explain_refusal(node: str, error: OSError) -> CameraError:
    """Say in one line what the kernel said when a device was opened or asked."""
    return CameraError(f"{node}: {CAUSES.get(error.errno or 0, error.strerror)}")


def decode_format(code: int) -> str:
    """Give the four letters of a pixel format; `-BE` follows those whose highest bit says that they are big-endian."""
    letters = (code & ~BIG_ENDIAN & 0xFFFFFFFF).to_bytes(4, "little").decode("ascii", "replace")
    return letters + "-BE" if code & BIG_ENDIAN else letters


def encode_format(name: str) -> bytes:
    """Give a pixel format as the kernel has it, from its letters."""
    letters = int.from_bytes(name[:4].encode("ascii", "replace"), "little")
    return (letters | BIG_ENDIAN if name.endswith("-BE") else letters).to_bytes(4, "little")


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("utf-8", "replace")
