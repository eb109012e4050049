"""A camera read until something has happened."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from digitcam.cameras.base import Camera, NoFrameError
from digitcam.frame import Frame
from digitcam.state.health import Health

LIMIT_S = 120.0  # for what surely happens sooner, on however busy a machine


def until(camera: Camera, happened: Callable[[], object]) -> list[Frame]:
    """Read until something has happened; the frames that came meanwhile."""
    frames, end = [], time.monotonic() + LIMIT_S
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        with suppress(NoFrameError):
            frame = camera.read()
            assert frame is not None
            frames.append(frame)
    return frames


def fault(health: Health) -> str:
    """What is wrong with the camera; empty where nothing is."""
    part = health.faults().get("camera")
    return part.text if part else ""


def children() -> list[int]:
    """Processes that this one has started."""
    numbers: list[int] = []
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
            numbers += map(int, (task / "children").read_text().split())
    return numbers
