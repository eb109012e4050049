"""Where others plug in: outputs and cameras, found by name and imported only where they are asked for.

What ships is listed here. What others install announces itself by an entry point of the same group, whose name is what
is written in the configuration: https://packaging.python.org/en/latest/specifications/entry-points/
"""

import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from msgspec import Struct

from digitcam.errors import ConfigError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

NAME = re.compile("[a-z][a-z0-9]*")  # part of the names of environment variables, and of `scheme:place`


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """What is registered.

    Attributes:
        settings: its section of the configuration, every one with a default and a description; None for none.
        needs: packages that it needs and digitcam does not: a module of each, and the name that people know it by.
    """

    settings: type[Struct] | None = None
    needs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PluginPoint:
    """One kind of plug-in.

    Attributes:
        group: of entry points.
        shipped: `module:attribute` by name, in the order in which they are told.
    """

    group: str
    shipped: Mapping[str, str]

    def names(self) -> list[str]:
        """List what there is: what ships, and what others have installed."""
        return [*self.shipped, *sorted(_installed(self.group).keys() - self.shipped.keys())]

    def names_among(self, those: Collection[str]) -> list[str]:
        """List which of those there are, in the same order."""
        shipped = [name for name in self.shipped if name in those]
        others = [name for name in sorted(those) if name not in self.shipped and NAME.fullmatch(name)]
        return [*shipped, *(others and [name for name in others if name in _installed(self.group)])]

    def find(self, name: str) -> Plugin | None:
        """Import a plug-in; None where there is none of that name.

        Raises:
            ConfigError: it cannot be imported, or is none.
        """
        if target := self.shipped.get(name):
            module, _, attribute = target.partition(":")
            shipped: Plugin = getattr(import_module(module), attribute)
            return shipped
        entry = _installed(self.group).get(name) if NAME.fullmatch(name) else None
        return _load(entry) if entry else None


OUTPUTS = PluginPoint(
    "digitcam.outputs",
    {
        "stdout": "digitcam.outputs.stdout:PLUGIN",
        "picture": "digitcam.outputs.last_picture:PLUGIN",
        "mqtt": "digitcam.outputs.mqtt:PLUGIN",
        "web": "digitcam.outputs.web:PLUGIN",
        "record": "digitcam.outputs.record:PLUGIN",
    },
)
CAMERAS = PluginPoint(
    "digitcam.cameras",
    {
        "auto": "digitcam.cameras.auto:PLUGIN",
        "picamera2": "digitcam.cameras.picamera:PLUGIN",
        "v4l2": "digitcam.cameras.v4l2:PLUGIN",
        **dict.fromkeys(("rtsp", "rtsps", "http", "https"), "digitcam.cameras.network:PLUGIN"),
        "loop": "digitcam.cameras.recorded.loop:LOOP",
        "replay": "digitcam.cameras.recorded.loop:REPLAY",
        "demo": "digitcam.cameras.recorded.clip:DEMO",
    },
)


def require(name: str, plugin: Plugin) -> None:
    """Make sure that what a plug-in needs is installed.

    Raises:
        ConfigError: something is missing.
    """
    missing = [package for module, package in plugin.needs.items() if not _is_there(module)]
    if not missing:
        return
    remedy = f"install {'it' if len(missing) == 1 else 'them'} into {sys.prefix}"
    if name in OUTPUTS.shipped or name in CAMERAS.shipped:
        remedy = f"in digitcam's folder type: {sys.executable} -m pip install --editable 'device[{name}]'"
    raise ConfigError(f"[{name}] is switched on, but needs {', '.join(missing)}; {remedy}")


@cache
def _installed(group: str) -> "Mapping[str, EntryPoint]":
    """Look through what is installed, which takes tens of milliseconds: only for a name that does not ship."""
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=group) if NAME.fullmatch(entry.name)}


def _load(entry: "EntryPoint") -> Plugin:
    where = f"{entry.group}: {entry.name} = {entry.value}"
    try:
        found = entry.load()
    except Exception as error:  # whatever somebody else's module raises
        raise ConfigError(f"{where}: cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(found, Plugin):
        raise ConfigError(f"{where}: is no plug-in; it names an OutputPlugin or a CameraPlugin")
    return found


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False
