"""`digitcam cameras`: the cameras of this machine, and which of them `auto` takes."""

import argparse

from digitcam.cameras.base import CameraInfo
from digitcam.cameras.registry import list_cameras
from digitcam.cli.terminal import nothing_to_lose, show


def run(arguments: argparse.Namespace) -> int:
    """List them."""
    del arguments
    with nothing_to_lose():
        cameras, absent = list_cameras()
    for camera in cameras:
        show("  ".join(filter(None, [camera.source, camera.name, camera.abilities, camera.trouble])))
    show(_advice(cameras, absent))
    return 0


def _advice(cameras: list[CameraInfo], absent: list[str]) -> str:
    free = [camera.source for camera in cameras if not camera.trouble]
    if free:
        return f"auto tries {', then '.join(free)}; to have another, write its first word as camera.source"
    if cameras:
        return "none of them is free; auto takes the first that is"
    return f"no camera found: {'; '.join(absent)}; plug one in, or give --source a video, a folder or a picture"
