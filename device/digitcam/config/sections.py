"""The sections of the configuration: the service's own, and those of outputs and cameras that plug in."""

from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec
from msgspec import Struct, structs

from digitcam.config.schema import Config
from digitcam.errors import ConfigError
from digitcam.plugins import CAMERAS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S", bound=Struct)


def names() -> list[str]:
    """List every section that there is; the cameras that ship have theirs in `[camera]`."""
    points = [(OUTPUTS, name) for name in OUTPUTS.names()]
    points += [(CAMERAS, name) for name in CAMERAS.names() if name not in CAMERAS.shipped]
    plugged = [name for point, name in points if (plugin := point.find(name)) and plugin.settings]
    return [*Config.__struct_fields__, *dict.fromkeys(plugged)]


def kind_of(section: str) -> type[Struct] | None:
    """Find what a section may hold; None where there is no such section.

    Raises:
        ConfigError: its plug-in cannot be imported, or two have that name.
    """
    if section in Config.__struct_fields__:
        kind: type[Struct] = Config.__annotations__[section]
        return kind
    points = [point for point in (OUTPUTS, CAMERAS) if section in point.shipped] or [OUTPUTS, CAMERAS]
    plugins = [plugin for point in points if (plugin := point.find(section)) and plugin.settings]
    if len(plugins) > 1:
        raise ConfigError(f"[{section}]: both an output and a camera are called so; remove one of them")
    return plugins[0].settings if plugins else None


@cache
def config_type(sections: frozenset[str]) -> type[Config]:
    """Make the kind of `Config` that has the sections of these plug-ins beside its own."""
    own = Config.__struct_fields__
    kinds = {name: kind for name in sorted(sections) if name not in own and (kind := kind_of(name))}
    if not kinds:
        return Config
    fields = [(name, kind, msgspec.field(default_factory=kind)) for name, kind in kinds.items()]
    made = msgspec.defstruct("Config", fields, bases=(Config,), frozen=True, forbid_unknown_fields=True)
    return cast("type[Config]", made)


def configure(**sections: Struct) -> Config:
    """Make a configuration of some sections, the others as they are by default."""
    kind: Callable[..., Config] = config_type(frozenset(sections))
    return kind(**sections)


def merge(config: Config, **sections: Struct) -> Config:
    """Make a configuration that differs in some sections."""
    return configure(**structs.asdict(config) | sections)


def differing(one: Config, other: Config) -> list[str]:
    """List the sections in which two configurations differ; one that is missing is as it is by default."""
    kind = config_type(frozenset({*one.__struct_fields__, *other.__struct_fields__}))
    one, other = (kind(**structs.asdict(each)) for each in (one, other))
    return [name for name in kind.__struct_fields__ if getattr(one, name) != getattr(other, name)]


def section_of(config: Config, name: str, kind: type[S]) -> S:
    """Take a plug-in's section, or its defaults where the configuration does not have it."""
    found = getattr(config, name, None)
    return found if isinstance(found, kind) else kind()
