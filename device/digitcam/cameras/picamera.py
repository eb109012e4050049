"""The Raspberry Pi's own cameras, through picamera2.

picamera2 comes with Raspberry Pi OS and not from a package index, so it is imported when it is asked for.
"""

import importlib
import logging
import os
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitcam.cameras.base import Camera, CameraInfo
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.frame import Frame, Grey

INSTALL = "`sudo apt install python3-picamera2`, and use an environment made with --system-site-packages"
# Longest wait for one frame, seconds. A request that times out tells a stalled camera from a slow one: three frames
# of the slowest rate that can be configured would take 30.
TIMEOUT_S = 30.0


class PiCamera(Camera):
    """A camera on the Pi's ribbon connector, giving the luma of a YUV420 stream."""

    live = True

    def __init__(self, config: CameraConfig, number: int = 0) -> None:
        """Open and start the camera.

        Args:
            config: wanted size and rate; libcamera may give another size, which `describe` reports.
            number: its place in the list of `digitcam cameras`, for boards with two connectors.

        Raises:
            CameraError: picamera2 is not installed, or the camera is absent, busy or cannot give YUV420.
        """
        picamera2 = _import("picamera2")
        libcamera = _import("libcamera")
        if number >= len(picamera2.Picamera2.global_camera_info()):
            raise CameraError(
                f"picamera2:{number}: no such camera; check the ribbon cable, `digitcam cameras` lists what is there"
            )
        self._mapped_array = picamera2.MappedArray
        try:
            self._camera = picamera2.Picamera2(number)
        except RuntimeError as error:
            # picamera2 wraps the cause, such as "Device or resource busy", in a general message
            raise CameraError(
                f"picamera2:{number}: cannot be opened: {error.__context__ or error}; "
                "if another program uses it, stop that one"
            ) from error
        try:
            self._start(libcamera, config)
        except RuntimeError as error:
            self._camera.close()
            raise CameraError(f"picamera2:{number}: cannot be started: {error}") from error
        stream = self._camera.camera_configuration()["main"]
        self._size: tuple[int, int] = stream["size"]
        self._stride: int = stream["stride"]
        self._format: str = stream["format"]
        self._model: str = self._camera.camera_properties.get("Model", "camera")
        self._sequence = 0
        if self._format != "YUV420":
            self._camera.close()
            raise CameraError(
                f"picamera2:{number}: gives {self._format}, not YUV420; a USB camera is opened as v4l2:/dev/video0"
            )

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
            with self._camera.captured_request(wait=TIMEOUT_S) as request:
                time_ns = on_monotonic_clock(request.get_metadata()["SensorTimestamp"])
                # reshape=False: the bytes as they lie, so that this file alone decides what a row is
                with self._mapped_array(request, "main", reshape=False, write=False) as mapped:
                    image = luma(mapped.array, self._size, self._stride)
        except (RuntimeError, TimeoutError) as error:
            raise CameraError(f"{self.describe()}: gives no frames: {error or 'timed out'}; check its cable") from error
        frame = Frame(image, time_ns, self._sequence)
        self._sequence += 1
        return frame

    def close(self) -> None:
        """Stop the stream and let the camera go."""
        self._camera.close()

    def _start(self, libcamera: Any, config: CameraConfig) -> None:  # noqa: ANN401 - a module without types
        duration_us = round(1_000_000 / config.fps)
        self._camera.configure(
            self._camera.create_video_configuration(
                main={"size": (config.width, config.height), "format": "YUV420"},
                # nobody reads the raw stream, and its buffers are the largest
                raw=None,
                # full-range luma, 0 to 255; the default for video is 16 to 235
                colour_space=libcamera.ColorSpace.Sycc(),
                controls={"FrameDurationLimits": (duration_us, duration_us)},
            )
        )
        self._camera.start()


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
    """Cameras on the ribbon connectors; none where picamera2 is not installed."""
    try:
        picamera2 = _import("picamera2")
    except CameraError:
        return []
    # USB cameras are listed by the V4L2 adapter, which is the one to open them with
    return [
        CameraInfo(
            source="picamera2" if number == 0 else f"picamera2:{number}",
            name=camera["Model"],
            abilities="any size up to the sensor's, scaled by the camera",
        )
        for number, camera in enumerate(picamera2.Picamera2.global_camera_info())
        if "/usb" not in camera["Id"]
    ]


def _import(name: str) -> Any:  # noqa: ANN401 - a module without types
    # libcamera and picamera2 write their own account of every error to stderr; CameraError says it in one line
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:FATAL")
    logging.getLogger("picamera2").setLevel(logging.CRITICAL)
    try:
        return importlib.import_module(name)
    except (ImportError, ValueError) as error:
        # ValueError: its compiled parts were built for another NumPy
        raise CameraError(f"picamera2 cannot be used ({error}): {INSTALL}") from error
