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

from digitcam.cameras.base import Camera, CameraInfo, CameraPlugin, CameraRequest, Opening
from digitcam.cameras.libcamera_controls import choose_controls, crop, difference, size_of_region
from digitcam.cameras.transform import split, transform
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.frame import Frame, Grey

INSTALL = "`sudo apt install python3-picamera2`, and use an environment made with --system-site-packages"
# Longest wait for one frame, seconds: less than `Timeouts.stall_s`, so that a stalled camera is closed before it is
# opened again. A slow one may take three frames' time.
TIMEOUT_S, MISSING_FRAMES = 4.0, 3
# Formats that begin with the luma. YUV420 is asked for; a camera that is not the Pi's own may have but another.
LUMA_FIRST = ("YUV420", "YVU420", "NV12", "NV21")


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
        """Give sensor, size and format as they are."""
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
                    image = take_luma(mapped.array, self._size, self._stride)
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
                controls=choose_controls(self._camera.camera_controls, config),
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


def take_luma(buffer: NDArray[np.uint8], size: tuple[int, int], stride: int) -> Grey:
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
    """List the cameras on the ribbon connectors, with what they can do.

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
            abilities=describe_abilities(
                _by_name(there[camera["Id"]].properties), _by_name(there[camera["Id"]].controls)
            ),
        )
        for number, camera in enumerate(picamera2.Picamera2.global_camera_info())
        if "/usb" not in camera["Id"]
    ]


def describe_abilities(properties: Mapping[str, Any], limits: Mapping[str, Any]) -> str:
    """Tell in words the largest size, and which settings a camera takes.

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
    except ModuleNotFoundError as error:
        raise CameraError(f"picamera2 is not installed, which the Pi's own camera needs: {INSTALL}") from error
    except (ImportError, ValueError) as error:
        # ValueError: its compiled parts were built for another NumPy
        raise CameraError(f"picamera2 cannot be used ({error}): {INSTALL}") from error


def _prepare(request: CameraRequest) -> Opening:
    asked, left = split(request.config)
    return lambda: transform(left, PiCamera(asked, int(request.place or 0)))


def _list() -> list[CameraInfo]:
    if found := list_cameras():
        return found
    raise CameraError("picamera2 finds no camera on the Pi's connector")


PLUGIN = CameraPlugin(
    prepare=_prepare,
    takes=lambda place: not place or place.isdecimal(),
    settable=("exposure", "focus"),
    turns=True,
    list_cameras=_list,
)
