"""The source that the configuration names, opened."""

from digitcam.cameras.base import Camera, CameraInfo, CameraPlugin, CameraRequest, Opening
from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.reconnecting import ReconnectingCamera
from digitcam.cameras.transform import transform
from digitcam.config import CameraConfig, Config, section_of
from digitcam.errors import CameraError, ConfigError
from digitcam.plugins import CAMERAS, require
from digitcam.redact import redact
from digitcam.state.health import Health

SETTABLE = ("exposure", "focus", "format", "password_file")


def open_camera(
    config: CameraConfig, health: Health, timeouts: Timeouts | None = None, *, settings: Config | None = None
) -> Camera:
    """Open what `config.source` names.

    A live camera gives the newest frame at each `read`, skips what came between, and is opened again for ever when it
    fails, which `health` tells; a recording gives every frame, and its errors are raised, but for those of a picture
    among others, which are told as `pictures`.

    Args:
        config: source, and what is asked of it.
        health: where a live camera's state is reported, as `camera`, and what pictures cannot be read.
        timeouts: how long a live camera may fail; by default what is usual at its rate.
        settings: has the sections of cameras that others have added.

    Raises:
        CameraError: no such source, or it cannot be opened; one line that says what to do.
        ConfigError: what it needs is not installed.
        ImageError: there are no such pictures.
    """
    plugin, opening = prepare(config, health, settings or Config())
    if not plugin.live:
        return opening()
    usual = Timeouts().at_rate(config.fps)
    return ReconnectingCamera(redact(config.source), opening, health, timeouts or usual, wait=config.wait)


def prepare(config: CameraConfig, health: Health, settings: Config) -> tuple[CameraPlugin, Opening]:
    """Find the kind of a source, and what opens it.

    Raises:
        CameraError: no such source, or one of its kind can never do what is wanted.
        ConfigError: what it needs is not installed.
    """
    kind, colon, place = config.source.partition(":")
    name = kind.lower()
    found = _find(name) if colon or kind in CAMERAS.shipped else None
    if found and found.takes(place):
        plugin = found
    else:
        plugin, name, place = _recording(), "", config.source
    # rather than leave it out silently
    usual = CameraConfig()
    for setting in SETTABLE:
        if setting not in plugin.settable and getattr(config, setting) != getattr(usual, setting):
            raise CameraError(f"{redact(config.source)}: camera.{setting} cannot be set for this source; leave it out")
    require(name, plugin)
    own = section_of(settings, name, plugin.settings) if plugin.settings else None
    opening = plugin.prepare(CameraRequest(config, place, health, own))
    return plugin, opening if plugin.turns else lambda: transform(config, opening())


def list_cameras() -> tuple[list[CameraInfo], list[str]]:
    """Ask each kind for the cameras of this machine, in the order in which `auto` tries them.

    Returns:
        The cameras; and for each kind of which there is none, why.
    """
    cameras, absent = [], []
    for name in CAMERAS.names():
        plugin = _find(name)
        if plugin and plugin.list_cameras:
            try:
                cameras += plugin.list_cameras()
            except CameraError as error:
                absent.append(str(error))
    return cameras, absent


def _find(kind: str) -> CameraPlugin | None:
    plugin = CAMERAS.find(kind)
    if plugin is None or isinstance(plugin, CameraPlugin):
        return plugin
    raise ConfigError(f"camera.source: {kind}: its entry point names no CameraPlugin")


def _recording() -> CameraPlugin:
    """Take what has no scheme for a file."""
    from digitcam.cameras.recorded.clip import FILE

    return FILE
