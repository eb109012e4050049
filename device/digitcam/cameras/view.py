"""The part of a picture that is wanted, and which way up, for cameras that cannot do that themselves."""

from dataclasses import replace

import numpy as np

from digitcam.cameras.base import Camera
from digitcam.config import CameraConfig
from digitcam.frame import Frame, Grey


def seen_by(config: CameraConfig, camera: Camera) -> Camera:
    """The camera, its frames cut and flipped where the configuration wants that."""
    return camera if (config.flip, config.region) == ("none", (0, 0, 1, 1)) else Viewed(camera, config)


class Viewed(Camera):
    """A camera whose frames are cut and flipped here."""

    def __init__(self, camera: Camera, config: CameraConfig) -> None:
        """Take `camera` over; `config` gives `roi` and `flip`."""
        self.live = camera.live
        self.sensor = camera.sensor
        self.note = camera.note
        self._camera = camera
        self._config = config

    def describe(self) -> str:
        """The camera's own description, and what is made of it."""
        return f"{self._camera.describe()}, roi {self._config.roi}, flip {self._config.flip}"

    def read(self) -> Frame | None:
        """The camera's next frame, cut and flipped.

        Raises:
            CameraError, ImageError: as the camera does.
        """
        frame = self._camera.read()
        return frame and replace(frame, image=view(frame.image, self._config))

    def close(self) -> None:
        """Close the camera."""
        self._camera.close()


def view(image: Grey, config: CameraConfig) -> Grey:
    """Flip, then cut the region of interest out.

    Args:
        image: uint8 (height, width).
        config: its `roi` and `flip`.

    Returns:
        uint8 (height, width) of the region, contiguous; at least one pixel.
    """
    if config.flip in {"horizontal", "both"}:
        image = image[:, ::-1]
    if config.flip in {"vertical", "both"}:
        image = image[::-1]
    height, width = image.shape
    x, y, w, h = config.region
    left, top = min(round(x * width), width - 1), min(round(y * height), height - 1)
    part = image[top : top + max(1, round(h * height)), left : left + max(1, round(w * width))]
    return np.ascontiguousarray(part)
