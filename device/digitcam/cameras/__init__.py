"""Where frames come from: one source string of the configuration decides."""

from functools import partial
from pathlib import Path

from digitcam.cameras import picamera
from digitcam.cameras.auto import AUTO, Auto, Opening
from digitcam.cameras.base import Camera, CameraInfo, NoFrameError
from digitcam.cameras.capture_thread import Patience
from digitcam.cameras.listing import list_cameras
from digitcam.cameras.network.address import SCHEMES
from digitcam.cameras.reconnecting import Watched
from digitcam.cameras.recorded import clip
from digitcam.cameras.recorded.loop import DEMO, Loop, shipped_clip
from digitcam.cameras.recorded.pictures import Skipped
from digitcam.cameras.transform import seen_by, shared
from digitcam.cameras.v4l2 import source
from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.redact import mask
from digitcam.state.health import Health

__all__ = ["Camera", "CameraInfo", "NoFrameError", "Patience", "list_cameras", "open_camera"]

# What can be asked of a source beyond size and rate.
SETTABLE = {
    AUTO: ("exposure", "focus", "format"),
    "picamera2": ("exposure", "focus"),
    "v4l2": ("exposure", "focus", "format"),
    **dict.fromkeys(SCHEMES, ("password_file",)),
}


def open_camera(config: CameraConfig, health: Health, patience: Patience | None = None) -> Camera:
    """Open what `config.source` names.

    A live camera gives the newest frame at each `read`, skips what came between, and is opened again for ever when it
    fails, which `health` tells; a recording gives every frame, and its errors are raised, but for those of a picture
    among others, which are told as `pictures`.

    Args:
        config: source, and what is asked of it.
        health: where a live camera's state is reported, as `camera`, and what pictures cannot be read.
        patience: how long a live camera may fail; by default what is usual at its rate.

    Raises:
        CameraError: no such source, or it cannot be opened; one line that says what to do.
        ImageError: there are no such pictures.
    """
    opening = _live(config, health)
    if not opening:
        return seen_by(config, _recording(config.source, health))
    usual = Patience().at_rate(config.fps)
    return Watched(mask(config.source), opening, health, patience or usual, wait=config.wait)


def _live(config: CameraConfig, health: Health) -> Opening | None:
    """What opens a live camera; None for a recording."""
    _check(config)
    kind, _, place = config.source.partition(":")
    if config.source == AUTO:
        return Auto(config, _device)
    if (kind == "picamera2" and (not place or place.isdecimal())) or (kind == "v4l2" and place):
        return _device(config)
    opening: Opening
    if kind in SCHEMES and place.startswith("//"):
        from digitcam.cameras.network.protocol import open_stream  # with HTTP and TLS, which no other source needs

        opening = partial(open_stream, config)
    elif kind == "loop" and place:
        opening = partial(Loop, place, paced=True, health=health)
    else:
        return None
    return lambda: seen_by(config, opening())


def _device(config: CameraConfig) -> Opening:
    """What opens a camera of this machine: `picamera2`, `picamera2:NUMBER` or `v4l2:NODE`."""
    _check(config)
    kind, _, place = config.source.partition(":")
    if kind == "v4l2":
        opening = source.V4L2Source(config, place)
        return lambda: seen_by(config, opening())
    asked, left = shared(config)
    return lambda: seen_by(left, picamera.PiCamera(asked, int(place or 0)))


def _check(config: CameraConfig) -> None:
    """Refuse what this kind of source can never do, rather than leave it out silently."""
    settable = SETTABLE.get(config.source.partition(":")[0], ())
    usual = CameraConfig()
    for name in ("exposure", "focus", "format", "password_file"):
        if name not in settable and getattr(config, name) != getattr(usual, name):
            raise CameraError(f"{mask(config.source)}: camera.{name} cannot be set for this source; leave it out")


def _recording(source: str, health: Health) -> Camera:
    kind, _, place = source.partition(":")
    if kind == "replay" and place:
        return Loop(place, paced=False, health=health)
    path = shipped_clip() if source == DEMO else Path(source)
    if clip.is_there(path):
        return clip.open_clip(path, Skipped(health))
    raise CameraError(f"{mask(source)}: {_advice(source, path)}")


def _advice(source: str, path: Path) -> str:
    try:
        if path.is_char_device():
            return f"a camera's device is written v4l2:{source}"
    except OSError as error:
        return f"cannot read: {error.strerror}"
    return (
        "no such camera, file or folder; camera.source is auto, picamera2, v4l2:/dev/video0, a URL of rtsp or http, a "
        "video, a picture, a folder of pictures or a pattern such as 'scans/*.png', and `digitcam cameras` lists the "
        "cameras that are there"
    )
