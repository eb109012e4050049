"""Readings of a camera as they come."""

from collections.abc import Iterator
from pathlib import Path

from digitcam.api.opening import opened, settings_of
from digitcam.api.reading import PictureReading
from digitcam.cameras.base import NoFrameError
from digitcam.cameras.registry import open_camera
from digitcam.config import Runtime
from digitcam.recognition.tracker import Tracker
from digitcam.state.health import Health


def watch(
    source: str = "auto",
    *,
    model: str | Path | None = None,
    min_confidence: float | None = None,
    runtime: Runtime | None = None,
    config: str | Path | None = None,
) -> Iterator[PictureReading]:
    """Read a camera, and give each reading once it holds still; of pictures, one for each.

    >>> import digitcam
    >>> for reading in digitcam.watch("demo"):
    ...     print(reading.text)
    ...     break
    31415
    92653

    It ends with its source; a camera has no end. A live camera that fails is opened again, which is logged.

    Args:
        source: as `camera.source`: `auto` for whichever camera is there, a URL, a video, pictures.
        model: as for `Reader`, and so are the others.
        min_confidence: below which a place is rejected, 0 to 1.
        runtime: what runs the networks.
        config: a TOML file with these and other settings.

    Raises:
        CameraError: there is no such camera, or it cannot be opened.
        ImageError: a picture cannot be read.
        ModelError: as `Reader`.
        ConfigError: as `Reader`.
        RuntimeMissingError: as `Reader`.
    """
    settings = settings_of(
        config,
        camera_source=source,
        model_path=model,
        model_min_confidence=min_confidence,
        model_runtime=runtime,
    )
    reader = opened(settings, stacklevel=2)
    tracker = Tracker(settings.track)
    with open_camera(settings.camera, Health()) as camera:
        newest = None
        while True:
            try:
                frame = camera.read()
            except NoFrameError:
                continue
            if frame is None:
                break
            newest = frame
            if settled := tracker.take(reader.read(frame.image), frame):
                yield PictureReading.of(settled, frame.image, frame.origin)
        if newest and (settled := tracker.finish()):
            yield PictureReading.of(settled, newest.image, newest.origin)
