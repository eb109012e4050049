"""What is asked of one of the Pi's own cameras, in libcamera's terms, and what it gives instead."""

from collections.abc import Mapping
from typing import Any

from digitcam.config import CameraConfig
from digitcam.errors import CameraError

ENOUGH = 0.9  # of the rate that was asked for

# What `camera_controls` of picamera2 gives: least, most and default of every control.
Limits = Mapping[str, tuple[Any, Any, Any]]
Rectangle = tuple[int, int, int, int]  # x, y, width, height


def choose_controls(limits: Limits, config: CameraConfig) -> dict[str, Any]:
    """Bring rate, exposure and focus to libcamera's controls.

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
    """Tell what to ask for: the region of interest, as large as it fits into the wanted size, in even numbers.

    The camera cuts it from all of the sensor's pixels, so that it shows more detail than the same part of the whole.
    """
    _, _, w, h = config.region
    scale = min(1 / w, 1 / h)
    return round(config.width * w * scale / 2) * 2, round(config.height * h * scale / 2) * 2


def crop(limits: Limits, config: CameraConfig) -> dict[str, Any]:
    """Give the region of interest as libcamera's control, in pixels of the sensor.

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
    """Tell what the camera gives in place of what was asked for, in words; empty where it gives just that."""
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
