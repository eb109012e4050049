"""The V4L2 cameras of this machine."""

from digitcam.cameras.base import CameraInfo
from digitcam.cameras.v4l2 import controls
from digitcam.cameras.v4l2.device import CAUSES, Device, explain_refusal, list_nodes

# Stages of the Pi's own camera pipeline look like cameras and give raw sensor data or nothing; picamera2 drives them.
PIPELINE_STAGES = ("unicam", "bcm2835-isp", "rp1-cfe", "pispbe")


def list_cameras() -> list[CameraInfo]:
    """Capture devices that the kernel knows, with what they can do; nodes that give no pictures are left out."""
    return [info for node in list_nodes() if (info := _info(node))]


def _info(node: str) -> CameraInfo | None:
    source = f"v4l2:{node}"
    try:
        with Device(node) as device:
            if not device.captures or device.identity.card.startswith(PIPELINE_STAGES):
                return None
            abilities = "; ".join(
                [*(_modes(device, fourcc) for fourcc in device.list_formats()), *controls.describe_abilities(device)]
            )
            return CameraInfo(source, device.identity.card, abilities, _trouble(device))
    except OSError as error:
        return CameraInfo(source, "unknown", "", str(explain_refusal(node, error)))


def _trouble(device: Device) -> str:
    """Tell whether another program holds it."""
    try:
        device.check_free()
    except OSError as error:
        return CAUSES.get(error.errno or 0, "") or str(error.strerror)
    return ""


def _modes(device: Device, fourcc: str) -> str:
    """List sizes, with the fastest rate of each: `YUYV 640x480 (30), 1280x720 (10)`."""
    sizes = []
    for width, height in device.list_sizes(fourcc):
        rates = list(device.list_rates(fourcc, (width, height)))
        sizes.append(f"{width}x{height}" + (f" ({max(rates):g})" if rates else ""))
    return f"{fourcc} {', '.join(sizes)}".strip()
