"""The Raspberry Pi's own cameras, through picamera2.

picamera2 comes with Raspberry Pi OS and not from a package index, so it is imported when it is asked for.
"""

import importlib
import logging
import os
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitcam.cameras.base import Camera, CameraInfo
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.frame import Frame, Grey

INSTALL = "`sudo apt install python3-picamera2`, and use an environment made with --system-site-packages"
# Longest wait for one frame, seconds: less than `Patience.stall_s`, so that a stalled camera is closed before it is
# opened again. A slow one may take three frames' time.
TIMEOUT_S, MISSING_FRAMES = 4.0, 3
# Formats that begin with the luma. YUV420 is asked for; a camera that is not the Pi's own may have but another.
LUMA_FIRST = ("YUV420", "YVU420", "NV12", "NV21")
ENOUGH = 0.9  # of the rate that was asked for

# What `camera_controls` of picamera2 gives: least, most and default of every control.
Limits = Mapping[str, tuple[Any, Any, Any]]
Rectangle = tuple[int, int, int, int]  # x, y, width, height


class PiCamera(Camera):
    """A camera on the Pi's ribbon connector, giving the luma of a YUV420 stream."""

    live = True

    def __init__(self, config: CameraConfig, number: int = 0) -> None:
        """Open and start the camera.

        Args:
            config: what is wanted of it; what libcamera gives instead is the `note`.
            number: its place in the list of `digitcam cameras`, for boards with two connectors.

        Raises:
            CameraError: picamera2 is not installed, or the camera is absent, busy, cannot give a format that begins
                with the luma, or cannot do what is asked of it.
        """
        picamera2 = _import("picamera2")
        libcamera = _import("libcamera")
        self._name = f"picamera2:{number}"
        self._timeout_s = max(TIMEOUT_S, MISSING_FRAMES / config.fps)
        if number >= len(picamera2.Picamera2.global_camera_info()):
            raise CameraError(
                f"{self._name}: no such camera; check the ribbon cable, `digitcam cameras` lists what is there"
            )
        self._mapped_array = picamera2.MappedArray
        try:
            self._camera = picamera2.Picamera2(number)
        except RuntimeError as error:
            # picamera2 wraps the cause, such as "Device or resource busy", in a general message
            raise CameraError(
                f"{self._name}: cannot be opened: {str(error.__context__ or '') or error}; "
                "if another program uses it, stop that one"
            ) from error
        try:
            self.note = self._start(libcamera, config)
        except Exception as error:
            self._camera.close()
            what = error if isinstance(error, CameraError) else f"cannot be started: {error}"
            raise CameraError(f"{self._name}: {what}") from error
        self._sequence = 0

    def describe(self) -> str:
        """Sensor, size and format as given."""
        width, height = self._size
        return f"picamera2: {self._model}, {self._format} {width}x{height}"

    def read(self) -> Frame:
        """Wait for the next frame.

        Raises:
            CameraError: none came, or the camera failed.
        """
        try:
            with self._camera.captured_request(wait=self._timeout_s) as request:
                time_ns = on_monotonic_clock(request.get_metadata()["SensorTimestamp"])
                # reshape=False: the bytes as they lie, so that this file alone decides what a row is
                with self._mapped_array(request, "main", reshape=False, write=False) as mapped:
                    image = luma(mapped.array, self._size, self._stride)
        except (RuntimeError, TimeoutError) as error:
            raise CameraError(
                f"{self.describe()}: gives no frames: {str(error) or 'timed out'}; check its cable"
            ) from error
        frame = Frame(image, time_ns, self._sequence)
        self._sequence += 1
        return frame

    def close(self) -> None:
        """Stop the stream and let the camera go."""
        self._camera.close()

    def _start(self, libcamera: Any, config: CameraConfig) -> str:  # noqa: ANN401 - a module without types
        """Configure and start it; gives the note."""
        flip = libcamera.Transform(
            hflip=config.flip in {"horizontal", "both"}, vflip=config.flip in {"vertical", "both"}
        )
        wanted = size_of_region(config)
        self._camera.configure(
            self._camera.create_video_configuration(
                main={"size": wanted, "format": "YUV420"},
                # nobody reads the raw stream, and its buffers are the largest
                raw=None,
                # full-range luma, 0 to 255; the default for video is 16 to 235
                colour_space=libcamera.ColorSpace.Sycc(),
                transform=flip,
                controls=controls(self._camera.camera_controls, config),
            )
        )
        given = self._camera.camera_configuration()
        stream = given["main"]
        self._size: tuple[int, int] = stream["size"]
        self._stride: int = stream["stride"]
        self._format: str = stream["format"]
        self._model: str = self._camera.camera_properties.get("Model", "camera")
        if self._format not in LUMA_FIRST:
            raise CameraError(f"gives {self._format}, not YUV420; a USB camera is opened as v4l2:/dev/video0")
        if (given["transform"].hflip, given["transform"].vflip) != (flip.hflip, flip.vflip):
            raise CameraError("cannot flip its picture; leave out camera.flip and turn the camera")
        # the sensor's mode, and with it what follows, is known only now
        limits = self._camera.camera_controls
        if config.region != (0, 0, 1, 1):
            self._camera.set_controls(crop(limits, config))
        self._camera.start()
        return difference(limits, config, wanted, self._size)


def controls(limits: Limits, config: CameraConfig) -> dict[str, Any]:
    """Rate, exposure and focus as libcamera's controls.

    Args:
        limits: what the camera has.
        config: what is wanted.

    Raises:
        CameraError: the camera has no such control, or not this value; the message does not name the camera.
    """
    duration_us = round(1_000_000 / config.fps)
    wanted: dict[str, Any] = {"FrameDurationLimits": (duration_us, duration_us)}
    if config.exposure != "auto":
        # the gain stays automatic, so a shorter exposure is noisier and not darker
        wanted["ExposureTime"] = _within(limits, "ExposureTime", "exposure", config.exposure)
    # AfModeEnum of libcamera (control_ids_core.yaml): Manual 0, Auto 1, Continuous 2
    if config.focus != "auto":
        wanted |= {"AfMode": 0, "LensPosition": _within(limits, "LensPosition", "focus", config.focus)}
    elif "AfMode" in limits:
        wanted["AfMode"] = 2
    return wanted


def size_of_region(config: CameraConfig) -> tuple[int, int]:
    """What to ask for: the region of interest, as large as it fits into the wanted size, in even numbers.

    The camera cuts it from all of the sensor's pixels, so that it shows more detail than the same part of the whole.
    """
    _, _, w, h = config.region
    scale = min(1 / w, 1 / h)
    return round(config.width * w * scale / 2) * 2, round(config.height * h * scale / 2) * 2


def crop(limits: Limits, config: CameraConfig) -> dict[str, Any]:
    """The region of interest as libcamera's control, in pixels of the sensor.

    It is the region of the picture that the whole sensor would give in the wanted proportions, cut at its longer
    sides. libcamera flips in the sensor, so that the region is that of the flipped picture.

    Raises:
        CameraError: the camera cannot cut; the message does not name the camera.
    """
    if "ScalerCrop" not in limits:
        raise CameraError("cannot cut a region out; leave out camera.roi")
    left, top, width, height = limits["ScalerCrop"][1]
    scale = min(width / config.width, height / config.height)
    whole_width, whole_height = config.width * scale, config.height * scale
    x, y, w, h = config.region
    rectangle: Rectangle = (
        round(left + (width - whole_width) / 2 + x * whole_width),
        round(top + (height - whole_height) / 2 + y * whole_height),
        round(w * whole_width),
        round(h * whole_height),
    )
    # libcamera 0.4 and later: one for each stream, which go before the one for all
    return {"ScalerCrops": [rectangle]} if "ScalerCrops" in limits else {"ScalerCrop": rectangle}


def difference(limits: Limits, config: CameraConfig, wanted: tuple[int, int], given: tuple[int, int]) -> str:
    """What the camera gives in place of what was asked for, in words; empty where it gives just that."""
    said = []
    if given != wanted:
        said.append(f"{given[0]}x{given[1]} in place of {wanted[0]}x{wanted[1]}")
    most = 1_000_000 / max(1, limits["FrameDurationLimits"][0])
    if most < ENOUGH * config.fps:
        said.append(f"{most:.3g} frames a second in place of {config.fps:g}")
    return f"gives {', '.join(said)}" if said else ""


def _within(limits: Limits, control: str, name: str, value: float) -> float:
    if control not in limits:
        raise CameraError(f"its {name} cannot be set; leave out camera.{name}")
    least, most, _ = limits[control]
    if not least <= value <= most:
        raise CameraError(f"does not take camera.{name} = {value:g}; it takes {least:g} to {most:g}")
    return value


def luma(buffer: NDArray[np.uint8], size: tuple[int, int], stride: int) -> Grey:
    """Copy the Y plane out of a YUV420 buffer.

    Args:
        buffer: uint8 (bytes,), the Y plane first, then U and V.
        size: width and height in pixels.
        stride: bytes from one row to the next, at least the width.

    Returns:
        uint8 (height, width), contiguous, valid after the buffer is given back.
    """
    width, height = size
    return buffer[: height * stride].reshape(height, stride)[:, :width].copy()


def on_monotonic_clock(sensor_timestamp: int) -> int:
    """Bring libcamera's SensorTimestamp to the clock that `Frame` uses.

    libcamera documents it (control_ids_core.yaml) as nanoseconds of CLOCK_BOOTTIME at which the first row was
    exposed. That clock goes on while the machine sleeps and CLOCK_MONOTONIC does not; otherwise they are the same.
    """
    slept = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
    return sensor_timestamp - slept


def list_cameras() -> list[CameraInfo]:
    """Cameras on the ribbon connectors, with what they can do.

    Raises:
        CameraError: picamera2 is not installed.
    """
    picamera2 = _import("picamera2")
    libcamera = _import("libcamera")
    # asked without opening them, so that a camera in use is listed as well
    there = {camera.id: camera for camera in libcamera.CameraManager.singleton().cameras}
    # USB cameras are listed by the V4L2 adapter, which is the one to open them with
    return [
        CameraInfo(
            source="picamera2" if number == 0 else f"picamera2:{number}",
            name=camera["Model"],
            abilities=abilities(_by_name(there[camera["Id"]].properties), _by_name(there[camera["Id"]].controls)),
        )
        for number, camera in enumerate(picamera2.Picamera2.global_camera_info())
        if "/usb" not in camera["Id"]
    ]


def abilities(properties: Mapping[str, Any], limits: Mapping[str, Any]) -> str:
    """Largest size, and which settings a camera takes, in words.

    Args:
        properties: libcamera's, by name.
        limits: libcamera's ControlInfo (`min`, `max`) of each control, by name.
    """
    said = []
    if size := properties.get("PixelArraySize"):
        said.append(f"up to {size.width}x{size.height}, scaled by the camera")
    for name, control, unit in (("exposure", "ExposureTime", "us"), ("focus", "LensPosition", "dioptres")):
        if found := limits.get(control):
            said.append(f"{name} {found.min:g} to {found.max:g} {unit}")
    if "ScalerCrop" in limits:
        said.append("roi")
    return "; ".join(said) or "any size that it has, scaled by the camera"


def _by_name(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {key.name: value for key, value in values.items()}


def _import(name: str) -> Any:  # noqa: ANN401 - a module without types
    # libcamera and picamera2 write their own account of every error to stderr; CameraError says it in one line
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:FATAL")
    logging.getLogger("picamera2").setLevel(logging.CRITICAL)
    try:
        return importlib.import_module(name)
    except (ImportError, ValueError) as error:
        # ValueError: its compiled parts were built for another NumPy
        raise CameraError(f"picamera2 cannot be used ({error}): {INSTALL}") from error
