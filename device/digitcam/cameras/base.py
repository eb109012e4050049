"""What every camera is to the rest: something that gives grey frames until it ends."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import cv2
from msgspec import Struct

from digitcam.config import CameraConfig
from digitcam.errors import CameraError
from digitcam.frame import Frame
from digitcam.plugins import Plugin
from digitcam.state.health import Health


class NoFrameError(Exception):
    """A live camera has no new frame yet; ask again. Nothing has failed."""


class StuckError(NoFrameError):
    """There will be none before this process ends: its driver keeps every opening."""


class EmptyFrameError(CameraError):
    """The camera answered, but with no picture. Now and then that is a bad cable's; several in a row are a fault."""


class Camera(Protocol):
    """A source of frames, open from its construction until `close`.

    Attributes:
        live: True where frames come whether or not anyone takes them; False where each waits for its turn.
        sensor: False where it plays what was recorded, which may well show one picture, or black, for long.
        note: what it gives in place of what was asked for, for a person; empty where it gives just that.
    """

    live: bool
    sensor: bool = True
    note: str = ""

    def describe(self) -> str:
        """Tell what was opened and what it gives, in a few words for a person."""
        ...

    def read(self) -> Frame | None:
        """Give the next frame, or None when the source has ended.

        Raises:
            NoFrameError: a live camera has none yet; nothing has failed, ask again.
            CameraError: the camera vanished, stalled, or gives no usable frames.
            ImageError: a picture file cannot be read.
        """
        ...

    def close(self) -> None:
        """Let the device go. A second call does nothing."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera that this machine has.

    Attributes:
        source: what to write as `camera.source` in the configuration.
        name: what its driver calls it.
        abilities: pixel formats and frame sizes, in words.
        trouble: why it cannot be opened now, in words; empty where nothing is known to be in its way.
    """

    source: str
    name: str
    abilities: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class CameraRequest:
    """What is asked for.

    Attributes:
        config: source, and what is wanted of it.
        place: what follows the colon of the source.
        health: told of what cannot be read, where a source is many things.
        settings: the plug-in's own section of the configuration; None where it has none.
    """

    config: CameraConfig
    place: str
    health: Health
    settings: Struct | None = None


Opening = Callable[[], Camera]


@dataclass(frozen=True, kw_only=True)
class CameraPlugin(Plugin):
    """How a kind of camera is registered, under its scheme: in `digitcam.plugins`, or by an entry point.

    Attributes:
        prepare: gives what opens it, each time anew where it is live; raises CameraError where it never can.
        takes: whether it has such a place; where not, the source is a file of that name.
        settable: what can be asked of it beyond size and rate: exposure, focus, format, password_file.
        live: whether frames come whether or not anyone takes them, so that it is opened again when it fails.
        turns: whether it turns, flips and cuts its pictures as the configuration wants, so that nobody else has to.
        list_cameras: those of this machine, or CameraError that says why there is none; None where nobody can know.
    """

    prepare: Callable[[CameraRequest], Opening]
    takes: Callable[[str], bool] = bool
    settable: tuple[str, ...] = ()
    live: bool = True
    turns: bool = False
    list_cameras: Callable[[], list[CameraInfo]] | None = None


def open_capture(source: str, backend: int, parameters: Sequence[int] = ()) -> cv2.VideoCapture:
    """Open `cv2.VideoCapture` without its chatter on stderr, which names no remedy: the adapters say what is wrong.

    Args:
        source: a device node, a file or a URL.
        backend: the one OpenCV backend to try, such as `cv2.CAP_V4L2`.
        parameters: OpenCV's, a key and a value in turn.
    """
    # FFmpeg reads this when the first file is opened; -8 is its AV_LOG_QUIET
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    # OpenCV 5 has the function in a module of its own; 0 is LOG_LEVEL_SILENT in both
    getattr(cv2.utils, "logging", cv2).setLogLevel(0)
    return cv2.VideoCapture(source, backend, list(parameters))
