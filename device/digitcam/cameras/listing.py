"""The cameras of this machine."""

from typing import NamedTuple

from digitcam.cameras import picamera
from digitcam.cameras.base import CameraInfo
from digitcam.cameras.v4l2 import listing as v4l2
from digitcam.errors import CameraError


class Listing(NamedTuple):
    """What is there, and what is not.

    Attributes:
        cameras: in the order in which `auto` tries them, the Pi's own first.
        absent: for each kind of which there is none, why, in words.
    """

    cameras: list[CameraInfo]
    absent: list[str]


def list_cameras() -> Listing:
    """Ask picamera2, where it is installed, and the kernel."""
    absent = []
    try:
        own = picamera.list_cameras()
    except CameraError as error:
        own = []
        absent.append(str(error))
    else:
        if not own:
            absent.append("picamera2 finds no camera on the Pi's connector")
    others = v4l2.list_cameras()
    if not others:
        absent.append("there is no /dev/video device that gives pictures")
    return Listing([*own, *others], absent)
