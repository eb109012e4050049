"""Where frames come from: one source string of the configuration decides."""

from pathlib import Path

from digitcam.cameras import clip, loop, picamera, v4l2
from digitcam.cameras.base import Camera, CameraInfo
from digitcam.cameras.newest import STALL_S, Newest
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.health import Health

__all__ = ["Camera", "CameraInfo", "list_cameras", "open_camera"]

# A camera has stalled when this many frames in a row are missing (or STALL_S has passed, whichever is longer).
MISSING_FRAMES = 3


def open_camera(config: CameraConfig, health: Health) -> Camera:
    """Open what `config.source` names.

    A live camera gives the newest frame at each `read` and skips what came between; a recording gives every frame.

    Args:
        config: source, and what is asked of it.
        health: where a live camera's state is reported, as `camera`.

    Raises:
        CameraError: no such source, or it cannot be opened; one line that says what to do.
        ImageError: it is a picture that cannot be read.
    """
    kind, _, place = config.source.partition(":")
    if kind == "picamera2" and (not place or place.isdecimal()):
        return _newest(picamera.PiCamera(config, int(place or 0)), config)
    if kind == "v4l2" and place:
        return _newest(v4l2.V4L2Camera(config, place), config)
    if kind == "loop" and place:
        return _newest(loop.Loop(place, paced=True), config)
    if kind == "replay" and place:
        return loop.Loop(place, paced=False)
    path = Path(config.source)
    if path.is_dir() or path.is_file():
        return clip.open_clip(path)
    raise CameraError(f"{config.source}: {_advice(config.source, path)}")


def list_cameras() -> list[CameraInfo]:
    """The cameras of this machine, the Pi's own first; empty where there is none."""
    return [*picamera.list_cameras(), *v4l2.list_cameras()]


def _newest(camera: Camera, config: CameraConfig) -> Camera:
    return Newest(camera, stall_s=max(STALL_S, MISSING_FRAMES / config.fps))


def _advice(source: str, path: Path) -> str:
    if path.is_char_device():
        return f"a camera's device is written v4l2:{source}"
    return (
        "no such camera, file or folder; camera.source is picamera2, v4l2:/dev/video0, a video, a folder of pictures "
        "or one picture, and `digitcam cameras` lists the cameras that are there"
    )
