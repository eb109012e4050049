"""Where readings go."""

import importlib
from collections.abc import Iterator

from digitcam.config import Config
from digitcam.outputs.base import Output, OutputClosedError, Shot, Update
from digitcam.outputs.extras import require
from digitcam.outputs.isolated import Guarded
from digitcam.outputs.last_picture import LastPicture
from digitcam.outputs.stdout import Human, Json
from digitcam.state.shared import Live

__all__ = ["Human", "Json", "LastPicture", "Output", "OutputClosedError", "Shot", "Update", "open_outputs", "wanted"]


def wanted(config: Config) -> list[str]:
    """Names of the outputs that the configuration asks for; each is a module of this package, and an extra or none."""
    asked = {"mqtt": config.mqtt.host, "web": config.web.enabled, "record": config.record.folder}
    return [name for name, setting in asked.items() if setting]


def open_outputs(live: Live) -> Iterator[Output]:
    """Open what the configuration asks for, one after another; only then is it imported.

    Raises:
        ConfigError: its extra is not installed, or its settings cannot work.
        OutputError: it cannot be opened.
    """
    for name in wanted(live.config):
        yield Guarded(name, _open(name, live), live.health)


def _open(name: str, live: Live) -> Output:
    require(name)
    output: Output = importlib.import_module(f"digitcam.outputs.{name}").open_output(live)
    return output
