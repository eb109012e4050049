"""The part of a picture that is wanted, and which way up, for cameras that cannot do that themselves.

A picture is turned, then flipped, then cut; what is left of it is masked.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from msgspec import structs

from digitcam.cameras.base import Camera
from digitcam.config import CameraConfig, Flip, Region
from digitcam.frame import Frame, Grey

WHOLE = (0, 0, 1, 1)
FLIPS: tuple[Flip, ...] = ("none", "horizontal", "both", "vertical")  # half a turn is two further
# What comes before a quarter turn in place of it.
SIDEWAYS: dict[Flip, Flip] = {"horizontal": "vertical", "vertical": "horizontal"}
HALF_TURN = 180
RING = 2  # pixels around what is masked, whose grey it gets


def transform(config: CameraConfig, camera: Camera) -> Camera:
    """Turn, flip, cut and mask the frames of a camera where the configuration wants that."""
    plain = (config.rotate, config.flip, config.region, config.masks) == (0, "none", WHOLE, [])
    return camera if plain else TransformedCamera(camera, config)


def split(config: CameraConfig) -> tuple[CameraConfig, CameraConfig]:
    """Split a view into two steps, for a camera that flips and cuts by itself but makes no quarter turn.

    Returns:
        What the camera is asked for, and what is then left to do.
    """
    flip, (x, y, w, h) = config.flip, config.region
    if config.rotate == HALF_TURN:
        flip = FLIPS[(FLIPS.index(flip) + 2) % len(FLIPS)]
    elif config.rotate:
        flip = SIDEWAYS.get(flip, flip)
        x, y, w, h = (y, 1 - x - w, h, w) if config.rotate < HALF_TURN else (1 - y - h, x, h, w)
    asked = structs.replace(config, rotate=0, flip=flip, roi=f"{max(x, 0)},{max(y, 0)},{w},{h}", mask="")
    left = 0 if config.rotate == HALF_TURN else config.rotate
    return asked, structs.replace(config, rotate=left, flip="none", roi="0,0,1,1")


class TransformedCamera(Camera):
    """A camera whose frames are turned, flipped, cut and masked here."""

    def __init__(self, camera: Camera, config: CameraConfig) -> None:
        """Take `camera` over; `config` gives `rotate`, `flip`, `roi` and `mask`."""
        self.live = camera.live
        self.sensor = camera.sensor
        self.note = camera.note
        self._camera = camera
        self._config = config

    def describe(self) -> str:
        """Give the camera's own description, and what is made of it."""
        usual = CameraConfig()
        said = [
            f"{name} {getattr(self._config, name)}"
            for name in ("roi", "flip", "rotate", "mask")
            if getattr(self._config, name) != getattr(usual, name)
        ]
        return ", ".join([self._camera.describe(), *said])

    def read(self) -> Frame | None:
        """Give the camera's next frame, as it is wanted.

        Raises:
            CameraError, ImageError: as the camera does.
        """
        frame = self._camera.read()
        return frame and replace(frame, image=view(frame.image, self._config))

    def close(self) -> None:
        """Close the camera."""
        self._camera.close()


def view(image: Grey, config: CameraConfig) -> Grey:
    """Turn, flip, cut the region of interest out, and mask.

    Args:
        image: uint8 (height, width).
        config: its `rotate`, `flip`, `roi` and `mask`.

    Returns:
        uint8 (height, width) of the region, contiguous; at least one pixel.
    """
    image = np.rot90(image, -(config.rotate // 90))  # which turns to the left
    if config.flip in {"horizontal", "both"}:
        image = image[:, ::-1]
    if config.flip in {"vertical", "both"}:
        image = image[::-1]
    image = np.ascontiguousarray(image[_pixels(config.region, image.shape)])
    return _masked(image, config.masks) if config.masks else image


def _pixels(region: Region, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Find the rows and columns of a region; at least one of each."""
    x, y, w, h = region
    height, width = shape
    left, top = min(round(x * width), width - 1), min(round(y * height), height - 1)
    return slice(top, top + max(1, round(h * height))), slice(left, left + max(1, round(w * width)))


def _masked(image: Grey, masks: Sequence[Region]) -> Grey:
    """Paint over what is ignored, in the grey around it, so that nothing stands out there."""
    painted = image.copy()
    for mask in masks:
        rows, columns = _pixels(mask, image.shape)
        around = (
            image[max(0, rows.start - RING) : rows.start, columns],
            image[rows.stop : rows.stop + RING, columns],
            image[rows, max(0, columns.start - RING) : columns.start],
            image[rows, columns.stop : columns.stop + RING],
        )
        level = np.concatenate([strip.ravel() for strip in around])
        painted[rows, columns] = np.median(level if level.size else image)
    return painted
