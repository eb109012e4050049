"""`digitcam cameras`: the cameras of this machine."""

import argparse

from digitcam.cameras import list_cameras
from digitcam.cli.terminal import nothing_to_lose, show


def run(arguments: argparse.Namespace) -> int:
    """List them."""
    del arguments
    with nothing_to_lose():
        found = list_cameras()
    for camera in found:
        show(f"{camera.source}  {camera.name}  {camera.abilities}")
    if not found:
        show("no camera found; plug one in, or give `digitcam run --source` a video, a folder or a picture")
    return 0
