"""Recorded sources: a video file, or pictures. Every frame is read, in order."""

import re
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from digitcam.cameras.base import Camera, CameraPlugin, CameraRequest, Opening
from digitcam.cameras.isolated import Isolated
from digitcam.cameras.recorded.pictures import Pictures, Skipped
from digitcam.cameras.recorded.video import Video
from digitcam.errors import CameraError
from digitcam.files import PACKAGE, is_file, is_folder, is_pipe
from digitcam.pictures.image_file import is_picture
from digitcam.pictures.names import is_pattern, list_pictures
from digitcam.pictures.seekable import STANDARD_INPUT
from digitcam.redact import redact
from digitcam.state.health import Health

NODE = re.compile(r"(/dev/video)?\d+")  # how other programs call a camera
DEMO_NAME = "demo"  # for a path: the shipped clip


def find_shipped_clip() -> Path:
    """Give the path of the clip that comes with this code: pages of digits, as a camera would see them."""
    return PACKAGE / "samples" / "demo.mp4"


def open_clip(path: Path, skipped: Skipped | None = None) -> Camera:
    """Open a recording that exists; after its end it begins anew, as it is by then.

    Args:
        path: a video; or a picture, a folder of pictures, a pattern of their names, `-` for one on standard input.
        skipped: where it is told what pictures cannot be read.

    Raises:
        CameraError: the file is no video.
        ImageError: there are no such pictures.
    """
    if is_file(path) and not is_picture(path):
        advice = f"convert it: `ffmpeg -i {path} -c:v libx264 h264.mp4`"
        return Isolated(Video, str(path), name=str(path), advice=advice)
    return Pictures(path, list_pictures(str(path)), skipped or Skipped(Health()))


def is_there(path: Path) -> bool:
    """Tell whether there is a recording to open."""
    place = str(path)
    return place == STANDARD_INPUT or is_folder(path) or is_file(path) or is_pipe(path) or is_pattern(place)


def _prepare(request: CameraRequest) -> Opening:
    path = find_shipped_clip() if request.config.source == DEMO_NAME else Path(request.place)
    if not is_there(path):
        raise CameraError(f"{redact(request.place)}: {_advice(request.place, path)}")
    return partial(open_clip, path, Skipped(request.health))


def _advice(source: str, path: Path) -> str:
    try:
        if path.is_char_device():
            return f"a camera's device is written v4l2:{path}"
    except OSError as error:
        return f"cannot read: {error.strerror}"
    if NODE.fullmatch(str(path)):
        return "no such device; write it as `digitcam cameras` lists those that are there: v4l2:/dev/video0"
    if source.startswith("~"):
        return f"nothing stands for ~ here; write {path.expanduser()}"
    if source.lower().startswith("file://"):
        return f"write the path alone: {unquote(source[7:])}"
    return (
        "no such camera, file or folder; camera.source is auto, picamera2, v4l2:/dev/video0, a URL of rtsp or http, a "
        "video, a picture, a folder of pictures or a pattern such as 'scans/*.png', and `digitcam cameras` lists the "
        "cameras that are there"
    )


FILE = CameraPlugin(prepare=_prepare, live=False)
DEMO = CameraPlugin(prepare=_prepare, takes=lambda place: not place, live=False)
