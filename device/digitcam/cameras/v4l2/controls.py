"""Exposure and focus of a V4L2 camera, as the configuration asks for them."""

from digitcam.cameras.v4l2.device import EXPOSURE_ABSOLUTE, EXPOSURE_AUTO, FOCUS_ABSOLUTE, FOCUS_AUTO, Device
from digitcam.config import CameraConfig
from digitcam.errors import CameraError

EXPOSURE_UNIT_US = 100
# V4L2's menu of EXPOSURE_AUTO. By UVC, a camera that has no wholly automatic mode has aperture priority.
MANUAL, AUTOMATIC, APERTURE_PRIORITY = 1, 0, 3


def set_controls(device: Device, config: CameraConfig) -> None:
    """Set both, `auto` too: a camera keeps what the last program set.

    Raises:
        CameraError: the camera has no such control, or not this value; the message does not name the camera.
        OSError: the device has gone.
    """
    if config.exposure == "auto":
        _automatic(device, EXPOSURE_AUTO, APERTURE_PRIORITY, AUTOMATIC)
    else:
        _fixed(device, "exposure", EXPOSURE_AUTO, MANUAL, EXPOSURE_ABSOLUTE, config.exposure, EXPOSURE_UNIT_US)
    if config.focus == "auto":
        _automatic(device, FOCUS_AUTO, 1)
    else:
        _fixed(device, "focus", FOCUS_AUTO, 0, FOCUS_ABSOLUTE, config.focus, 1)


def describe_abilities(device: Device) -> list[str]:
    """Tell in words which of the two can be set, and to what."""
    said = []
    for name, control, unit, words in (
        ("exposure", EXPOSURE_ABSOLUTE, EXPOSURE_UNIT_US, " us"),
        ("focus", FOCUS_ABSOLUTE, 1, ""),
    ):
        if found := device.find_range(control):
            said.append(f"{name} {found.least * unit} to {found.most * unit}{words}")
    return said


def _automatic(device: Device, switch: int, *values: int) -> None:
    """Switch on the first automatic mode that it takes; a camera without the switch has but one mode."""
    if device.find_range(switch):
        any(device.set(switch, value) for value in values)


def _fixed(device: Device, name: str, switch: int, off: int, control: int, value: float, unit: int) -> None:
    found = device.find_range(control)
    if not found:
        raise CameraError(f"its {name} cannot be set; leave out camera.{name}")
    wanted = round(value / unit)
    if device.find_range(switch):
        device.set(switch, off)  # what follows tells whether that has worked
    if not (found.least <= wanted <= found.most and device.set(control, wanted)):
        raise CameraError(
            f"does not take camera.{name} = {value:g}; it takes {found.least * unit} to {found.most * unit}"
        )
