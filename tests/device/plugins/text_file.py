"""An output that others can add: the newest text in a file, for whatever reads files.

It is announced by an entry point of the package that holds it, whose name is its section of the configuration:

    [project.entry-points."digitcam.outputs"]
    textfile = "text_file:PLUGIN"

and switched on by that section: `[textfile]` with `path = "/srv/meter.txt"`.
"""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from digitcam.files import check_folder, write_atomically
from digitcam.outputs.base import Finding, Output, OutputPlugin, Update
from digitcam.state.service import ServiceState


class TextFileConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep the newest text in a file."""

    path: Annotated[str, Meta(description="The file; empty: none.")] = ""
    unit: Annotated[str, Meta(max_length=8, description="What is written after the text, such as ` kWh`.")] = ""


class TextFile(Output):
    """Writes each stable reading over the one before."""

    def __init__(self, settings: TextFileConfig) -> None:
        """Write nothing yet."""
        self._settings = settings

    def publish(self, update: Update) -> None:
        """Write the text.

        Raises:
            OutputError: it cannot be written; the service tells that as a fault of `textfile` and goes on.
        """
        write_atomically(Path(self._settings.path), f"{update.reading.text}{self._settings.unit}\n".encode())


def _open(_: ServiceState, settings: TextFileConfig) -> Output:
    return TextFile(settings)


def _check(settings: TextFileConfig) -> Finding:
    check_folder(Path(settings.path))
    return Finding(f"{settings.path} can be written")


PLUGIN = OutputPlugin(settings=TextFileConfig, is_wanted=lambda settings: bool(settings.path), open=_open, check=_check)
