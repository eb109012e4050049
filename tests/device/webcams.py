"""USB cameras, and a kernel that is acted, for want of a device, by its headers."""

import errno
import os
from dataclasses import dataclass, field
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from digitcam.cameras.v4l2 import device, listing, source
from digitcam.cameras.v4l2.device import EXPOSURE_ABSOLUTE, EXPOSURE_AUTO, FOCUS_ABSOLUTE, FOCUS_AUTO
from digitcam.frame import Grey

Modes = dict[str, dict[tuple[int, int], list[int]]]
MODES: Modes = {"YUYV": {(640, 480): [30, 15], (1280, 720): [10]}, "MJPG": {(640, 480): [30], (1280, 720): [30]}}
CONTROLS = {
    EXPOSURE_AUTO: (0, 3, 3),
    EXPOSURE_ABSOLUTE: (3, 2047, 250),
    FOCUS_AUTO: (0, 1, 0),
    FOCUS_ABSOLUTE: (0, 250, 0),
}


@dataclass
class Webcam:
    """What is plugged in: least, most and value of each control; rates of each size of each format.

    Attributes:
        busy: whether another program uses it.
        level: grey level of its frames, which are empty where there is none.
    """

    card: str = "Test Camera"
    bus: str = "usb-1"
    captures: bool = True
    controls: dict[int, tuple[int, int, int]] = field(default_factory=lambda: dict(CONTROLS))
    modes: Modes = field(default_factory=lambda: MODES)
    # UVC: manual, and aperture priority for the automatic mode
    menu: tuple[int, ...] = (1, 3)
    busy: bool = False
    level: int | None = None

    def answer(self, request: int, argument: bytes) -> bytes:
        if request == device.VIDIOC_QUERYCAP:
            return device.CAPABILITY.pack(b"uvcvideo", self.card.encode(), self.bus.encode(), 0, 0, int(self.captures))
        if request == device.VIDIOC_REQBUFS:
            if self.busy:
                raise OSError(errno.EBUSY, "Device or resource busy")
            return argument
        if request == device.VIDIOC_QUERYCTRL:
            return self._query(argument)
        if request == device.VIDIOC_S_CTRL:
            return self._set(argument)
        return self._enumerate(request, argument)

    def _query(self, argument: bytes) -> bytes:
        number = device.QUERY_CONTROL.unpack(argument)[0]
        if number not in self.controls:
            raise OSError(errno.EINVAL, "Invalid argument")
        least, most, value = self.controls[number]
        return device.QUERY_CONTROL.pack(number, 1, b"name", least, most, 1, value, 0)

    def _set(self, argument: bytes) -> bytes:
        number, value = device.CONTROL.unpack(argument)
        least, most, _ = self.controls[number]
        if not least <= value <= most or (number == EXPOSURE_AUTO and value not in self.menu):
            raise OSError(errno.ERANGE, "Numerical result out of range")
        self.controls[number] = least, most, value
        return argument

    def _enumerate(self, request: int, argument: bytes) -> bytes:
        try:
            if request == device.VIDIOC_ENUM_FMT:
                index = device.FORMAT.unpack(argument)[0]
                return device.FORMAT.pack(index, 1, 0, b"", list(self.modes)[index].encode("latin-1"))
            if request == device.VIDIOC_ENUM_FRAMESIZES:
                index, code, *_ = device.FRAME_SIZE.unpack(argument)
                size = list(self.modes[code.decode("latin-1")])[index]
                return device.FRAME_SIZE.pack(index, code, device.DISCRETE, *size)
            index, code, width, height, *_ = device.FRAME_INTERVAL.unpack(argument)
            rate = self.modes[code.decode("latin-1")][width, height][index]
            return device.FRAME_INTERVAL.pack(index, code, width, height, device.DISCRETE, 1, rate)
        except IndexError as error:
            raise OSError(errno.EINVAL, "Invalid argument") from error


class Driver:
    """What OpenCV makes of a webcam."""

    def __init__(self, webcam: Webcam) -> None:
        self._webcam = webcam
        self._frames = 0
        self._asked = {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV"))}

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, key: int, value: float) -> bool:
        self._asked[key] = value
        return True

    @property
    def code(self) -> str:
        """Name of the pixel format that it gives."""
        code = int(self._asked[cv2.CAP_PROP_FOURCC]).to_bytes(4, "little").decode()
        return code if code in self._webcam.modes else "YUYV"

    def get(self, key: int) -> float:
        code = self.code
        sizes = self._webcam.modes[code]
        asked = int(self._asked[cv2.CAP_PROP_FRAME_WIDTH]), int(self._asked[cv2.CAP_PROP_FRAME_HEIGHT])
        size = asked if asked in sizes else next(iter(sizes))
        return {
            cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*code)),
            cv2.CAP_PROP_FRAME_WIDTH: float(size[0]),
            cv2.CAP_PROP_FRAME_HEIGHT: float(size[1]),
            cv2.CAP_PROP_FPS: min(self._asked[cv2.CAP_PROP_FPS], float(max(sizes[size]))),
        }[key]

    def grab(self) -> bool:
        return True

    def retrieve(self) -> tuple[bool, Grey]:
        if self._webcam.level is None:
            return True, np.zeros((0, 0, 2), np.uint8)
        self._frames += 1  # no sensor gives the same twice
        channels = 3 if self.code == "MJPG" else 2
        return True, np.full((480, 640, channels), self._webcam.level + self._frames % 2, np.uint8)

    def release(self) -> None: ...


class Machine:
    """The nodes of a machine, and what is behind each."""

    def __init__(self) -> None:
        self.plugged: dict[str, Webcam] = {}
        self._open: dict[int, Webcam] = {}

    def open(self, node: str, flags: int) -> int:
        if node not in self.plugged:
            raise OSError(errno.ENOENT, "No such file or directory")
        descriptor = os.open(os.devnull, flags)
        self._open[descriptor] = self.plugged[node]
        return descriptor

    def ioctl(self, descriptor: int, request: int, argument: bytes) -> bytes:
        return self._open[descriptor].answer(request, argument)


def act(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Have digitcam ask an acted kernel from now on."""
    acted = Machine()
    kernel = SimpleNamespace(
        open=acted.open, close=os.close, O_RDWR=os.O_RDWR, O_NONBLOCK=os.O_NONBLOCK, O_CLOEXEC=os.O_CLOEXEC
    )
    monkeypatch.setattr(device, "os", kernel)
    monkeypatch.setattr(device, "fcntl", SimpleNamespace(ioctl=acted.ioctl))
    for module in (listing, source):
        monkeypatch.setattr(module, "list_nodes", lambda: sorted(acted.plugged))
    monkeypatch.setattr(source, "open_capture", lambda node, _: Driver(acted.plugged[node]))
    return acted
