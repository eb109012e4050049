"""The last stable reading with digits, drawn at the end."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from digitcam import streams
from digitcam.errors import OutputError
from digitcam.files import check_folder, write_atomically
from digitcam.outputs.base import Finding, Output, OutputPlugin, ReadFrame, Update
from digitcam.redact import make_legible

if TYPE_CHECKING:
    from digitcam.frame import Grey
    from digitcam.reading import Reading
    from digitcam.state.service import ServiceState


class PictureConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Draw the last stable reading that had digits, when the run ends."""

    path: Annotated[
        str, Meta(pattern=r"(?i)^$|\.png$", description="A file that ends in .png; empty: nothing is drawn.")
    ] = ""


class LastPicture(Output):
    """Keeps the frame that settled the last stable reading with digits."""

    def __init__(self, path: Path) -> None:
        """Draw into `path` when closed."""
        self._path = path
        self._drawn: Update | None = None
        self._kept: tuple[Grey, Reading] | None = None
        self._closed = False

    def see(self, read_frame: ReadFrame) -> None:
        """Keep a frame that settled a reading."""
        if read_frame.stable and read_frame.stable is not self._drawn and read_frame.stable.reading.digits:
            self._drawn = read_frame.stable
            self._kept = read_frame.frame.image, read_frame.stable.reading

    def close(self) -> None:
        """Draw it, and say so.

        Raises:
            OutputError: no reading had digits, or the file cannot be written.
        """
        if self._closed:
            return
        self._closed = True
        from digitcam.annotate import annotate  # with OpenCV, which nothing else here needs

        if self._kept is None:
            raise OutputError(f"{self._path}: not written: no digits were read that could be drawn")
        write_atomically(self._path, annotate(*self._kept))
        streams.tell(make_legible(f"digitcam: {self._path} shows the last stable reading"))


def _open(_: "ServiceState", settings: PictureConfig) -> Output:
    check_folder(Path(settings.path))
    return LastPicture(Path(settings.path))


def _check(settings: PictureConfig) -> Finding:
    check_folder(Path(settings.path))
    return Finding(f"{settings.path} can be written")


PLUGIN = OutputPlugin(
    settings=PictureConfig, is_wanted=lambda settings: bool(settings.path), open=_open, check=_check, vital=True
)
