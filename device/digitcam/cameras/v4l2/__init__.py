"""USB cameras, and whatever else has a V4L2 driver."""

from digitcam.cameras.base import CameraInfo, CameraPlugin, CameraRequest, Opening
from digitcam.errors import CameraError


def _prepare(request: CameraRequest) -> Opening:
    from digitcam.cameras.v4l2.source import V4L2Source

    return V4L2Source(request.config, request.place)


def _list() -> list[CameraInfo]:
    from digitcam.cameras.v4l2.listing import list_cameras

    if found := list_cameras():
        return found
    raise CameraError("there is no /dev/video device that gives pictures")


PLUGIN = CameraPlugin(prepare=_prepare, settable=("exposure", "focus", "format"), list_cameras=_list)
