"""Files packed into one, the same bytes each time."""

import io
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from digitcam.errors import OutputError

BUILD = Path("build/deploy")


def zipped(content: Mapping[str, bytes]) -> bytes:
    """Pack files, by their paths; ZipInfo's date is fixed."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            archive.writestr(ZipInfo(name), data, ZIP_DEFLATED)
    return packed.getvalue()


def make_folder(folder: Path) -> None:
    """Make a folder where it is not there yet.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot make this folder: {error.strerror}") from error
