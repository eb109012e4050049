"""The outputs that the configuration asks for, opened one after another and closed again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from msgspec import Struct

from digitcam.config import Config, section_of
from digitcam.errors import ConfigError, OutputError
from digitcam.outputs.base import Output, OutputPlugin
from digitcam.outputs.isolated import IsolatedOutput
from digitcam.plugins import OUTPUTS, require
from digitcam.state.service import ServiceState

BY_DEFAULT = ("stdout",)  # switched on by its defaults; all others take a section of the configuration


def list_wanted(config: Config) -> list[str]:
    """List the outputs that are switched on."""
    plugged = {*config.__struct_fields__} - {*Config.__struct_fields__}
    there = {*BY_DEFAULT, *plugged}
    return [name for name in OUTPUTS.names_among(there) if find_output(name).is_wanted(settings_of(config, name))]


def find_output(name: str) -> OutputPlugin[Any]:
    """Import an output's registration.

    Raises:
        ConfigError: there is none of that name, or it is none.
    """
    plugin = OUTPUTS.find(name)
    if not isinstance(plugin, OutputPlugin):
        raise ConfigError(f"{name}: no such output; known: {', '.join(OUTPUTS.names())}")
    return plugin


def settings_of(config: Config, name: str) -> Struct:
    """Take an output's section, or its defaults."""
    kind: type[Struct] = find_output(name).settings
    return section_of(config, name, kind)


def open_output(name: str, service: ServiceState) -> Output:
    """Open one output, as the configuration wants it.

    Raises:
        ConfigError: its extra is not installed, or its settings cannot work.
        OutputError: it cannot be opened.
    """
    plugin = find_output(name)
    require(name, plugin)
    return plugin.open(service, settings_of(service.config, name))


@contextmanager
def open_outputs(service: ServiceState) -> Iterator[Sequence[Output]]:
    """Open what the configuration asks for; close it at the end, the last one first.

    Raises:
        ConfigError, OutputError: as `open_output`.
        OutputError: one that is vital cannot be closed as it should; where something else has failed before, that goes
            first.
    """
    outputs: list[Output] = []
    try:
        for name in list_wanted(service.config):
            output = open_output(name, service)
            outputs.append(output if find_output(name).vital else IsolatedOutput(name, output, service.health))
        yield outputs
    except BaseException:
        with suppress(OutputError):
            _close(outputs)
        raise
    _close(outputs)


def _close(outputs: list[Output]) -> None:
    """Close each, whatever the others raise."""
    if outputs:
        try:
            outputs.pop().close()
        finally:
            _close(outputs)
