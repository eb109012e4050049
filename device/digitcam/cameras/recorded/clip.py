"""Recorded sources: a video file, or pictures. Every frame is read, in order."""

from pathlib import Path

from digitcam.cameras.base import Camera
from digitcam.cameras.isolated import Isolated
from digitcam.cameras.recorded.pictures import Pictures, Skipped
from digitcam.cameras.recorded.video import Video
from digitcam.files import is_file, is_folder, is_pipe
from digitcam.pictures.image_file import is_picture
from digitcam.pictures.names import is_pattern, picture_files
from digitcam.pictures.seekable import STANDARD_INPUT
from digitcam.state.health import Health


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
    return Pictures(path, picture_files(str(path)), skipped or Skipped(Health()))


def is_there(path: Path) -> bool:
    """Whether there is a recording to open."""
    place = str(path)
    return place == STANDARD_INPUT or is_folder(path) or is_file(path) or is_pipe(path) or is_pattern(place)
