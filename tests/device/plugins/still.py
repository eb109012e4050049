"""A camera that others can add: a picture that another program writes again and again, as a scanner or a phone does.

It is announced by an entry point of the package that holds it, whose name is the scheme of its sources:

    [project.entry-points."digitcam.cameras"]
    still = "still:PLUGIN"

and opened by `camera.source = "still:/srv/page.jpg"`; its own settings stand in `[still]`.
"""

import time
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from digitcam.cameras.base import Camera, CameraPlugin, CameraRequest, Opening
from digitcam.errors import CameraError, ImageError
from digitcam.frame import Frame
from digitcam.pictures.image_file import decode


class StillConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture that another program writes again and again."""

    every: Annotated[float, Meta(gt=0, le=3600, description="Seconds between two looks at it.")] = 1.0


class Still(Camera):
    """Gives the picture as it is, at its own pace."""

    live = True
    sensor = False  # it may well be the same for long

    def __init__(self, path: Path, settings: StillConfig) -> None:
        """Make sure that it is there.

        Raises:
            CameraError: it is not; it is looked for again.
        """
        if not path.is_file():
            raise CameraError(f"{path}: no such picture yet")
        self._path = path
        self._settings = settings
        self._sequence = 0

    def describe(self) -> str:
        """Its path and how often it is read."""
        return f"{self._path}: a picture, each {self._settings.every:g} s"

    def read(self) -> Frame:
        """Read it when the next look is due.

        Raises:
            CameraError: it has gone, or is no picture.
        """
        time.sleep(self._settings.every)
        taken_ns = time.monotonic_ns()
        try:
            page = decode(self._path.read_bytes(), str(self._path))
        except (OSError, ImageError) as error:
            raise CameraError(f"{self._path}: {error}") from error
        self._sequence += 1
        return Frame(page.image, taken_ns, self._sequence - 1)

    def close(self) -> None:
        """Nothing is held."""


def _prepare(request: CameraRequest) -> Opening:
    settings = request.settings if isinstance(request.settings, StillConfig) else StillConfig()
    return lambda: Still(Path(request.place), settings)


PLUGIN = CameraPlugin(settings=StillConfig, prepare=_prepare)
