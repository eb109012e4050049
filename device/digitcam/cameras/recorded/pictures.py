"""Pictures as a source: each is read for itself, and not as a moment of what happens before a camera."""

import time
from collections.abc import Generator, Sequence
from pathlib import Path

from digitcam.cameras.base import Camera
from digitcam.errors import CameraError, ImageError
from digitcam.frame import Frame
from digitcam.pictures import image_file
from digitcam.pictures.names import list_pictures
from digitcam.state.health import Health

PART = "pictures"  # in `Health`, once one could not be read
PICTURE_NS = 1_000_000_000  # where time counts, one is shown a second


class Skipped:
    """Pictures that cannot be read, each told once, however often a loop comes past it."""

    def __init__(self, health: Health) -> None:
        """Tell them to `health`."""
        self._health = health
        self._told: set[str] = set()

    def tell(self, error: ImageError) -> None:
        """Say what is wrong with one."""
        if str(error) not in self._told:
            self._told.add(str(error))
            self._health.report(PART, "note", f"{error}; it is skipped")


class Pictures(Camera):
    """Picture files, each page of them; what cannot be read is told and skipped. After its end it begins anew."""

    live = False
    sensor = False

    def __init__(self, place: Path, files: Sequence[Path], skipped: Skipped) -> None:
        """Open nothing yet.

        Args:
            place: what a person gave for them.
            files: one at least.
            skipped: where it is told what cannot be read.
        """
        self._place = place
        self._files = files
        self._skipped = skipped
        self._pages = self._turn()
        self._given = 0

    def describe(self) -> str:
        """Give the place and how many pictures it holds."""
        count = len(self._files)
        return f"{self._place}: {count} picture{'s' if count > 1 else ''}"

    def read(self) -> Frame | None:
        """Give the next picture, or None after the last.

        Raises:
            ImageError: the only one cannot be read.
            CameraError: none could be read.
        """
        began = time.monotonic_ns()
        failed: ImageError | None = None
        for page in self._pages:
            if failed:
                self._skipped.tell(failed)
            if isinstance(page, ImageError):
                failed = page
                continue
            number = self._given
            self._given += 1
            return Frame(page.image, began, number, number * PICTURE_NS, page.origin)
        if failed and len(self._files) == 1 and not self._given:
            raise failed
        if failed:
            self._skipped.tell(failed)
        if not self._given:
            raise CameraError(f"{self._place}: none of its {len(self._files)} pictures can be read")
        self._given = 0
        self._pages = self._anew()
        return None

    def close(self) -> None:
        """Close the file in hand."""
        self._pages.close()

    def _turn(self) -> Generator[image_file.Page | ImageError]:
        for file in self._files:
            yield from image_file.read_pages(file)

    def _anew(self) -> Generator[image_file.Page | ImageError]:
        """Open the files that are there by then, likewise."""
        self._files = list_pictures(str(self._place))
        yield from self._turn()
