"""The last stable reading with digits, drawn at the end."""

from pathlib import Path
from typing import TYPE_CHECKING

from digitcam.annotate import annotate
from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitcam.outputs.base import Output, Shot, Update

if TYPE_CHECKING:
    from digitcam.frame import Grey
    from digitcam.reading import Reading


class LastPicture(Output):
    """Keeps the frame that settled the last stable reading with digits."""

    def __init__(self, path: Path) -> None:
        """Draw into `path` when closed."""
        self._path = path
        self._drawn: Update | None = None
        self._kept: tuple[Grey, Reading] | None = None

    def see(self, shot: Shot) -> None:
        """Keep a frame that settled a reading."""
        if shot.stable and shot.stable is not self._drawn and shot.stable.reading.digits:
            self._drawn = shot.stable
            self._kept = shot.frame.image, shot.stable.reading

    def close(self) -> None:
        """Draw it.

        Raises:
            OutputError: no reading had digits, or the file cannot be written.
        """
        if self._kept is None:
            raise OutputError(f"{self._path}: not written: no digits were read that could be drawn")
        write_atomically(self._path, annotate(*self._kept))
