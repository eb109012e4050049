"""A recording that begins anew at its end, for ever: a camera for demonstrations and tests, where there is none."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from digitcam.cameras.base import Camera, CameraPlugin, CameraRequest, Opening
from digitcam.cameras.recorded.clip import DEMO_NAME, find_shipped_clip, is_there, open_clip
from digitcam.cameras.recorded.pictures import PICTURE_NS, Skipped
from digitcam.errors import CameraError
from digitcam.frame import Frame
from digitcam.state.health import Health


class Loop(Camera):
    """A video or pictures, again and again.

    Paced, it is live: frames come at the recording's own rate, whether or not anyone takes them. Otherwise each waits
    for its turn, and the recording's clock goes on over its end.
    """

    sensor = False

    def __init__(self, place: str, *, paced: bool, health: Health | None = None) -> None:
        """Open the recording.

        Args:
            place: its path, or `demo` for the shipped clip.
            paced: at the recording's own rate; else as fast as it is read.
            health: told of pictures that cannot be read.

        Raises:
            CameraError: it is absent, or cannot be played.
            ImageError: there are no such pictures.
        """
        self.live = paced
        path = find_shipped_clip() if place == DEMO_NAME else Path(place)
        if not is_there(path):
            raise CameraError(f"{path}: no such file or folder to play; give a video or a picture")
        self._clip = open_clip(path, Skipped(health or Health()))
        self._frames = self._play()

    def describe(self) -> str:
        """Give the recording's own description, and that it is played for ever."""
        return f"{self._clip.describe()}, played for ever"

    def read(self) -> Frame:
        """Give the next frame, when it is due; there always is one.

        Raises:
            CameraError: the recording is truncated, or has gone, or none of its pictures can be read.
            ImageError: its one picture cannot be read, or they have gone.
        """
        return next(self._frames)

    def close(self) -> None:
        """Close the recording."""
        self._clip.close()

    def _play(self) -> Iterator[Frame]:
        """Number the frames on, and their times, over every end of the recording."""
        sequence = recorded_ns = began_ns = 0
        step_ns = PICTURE_NS  # of one picture alone
        start_ns = time.monotonic_ns()
        while True:
            frame = self._clip.read()
            if frame is None:
                began_ns = recorded_ns + step_ns
                continue
            # the last frame is shown for as long as the one before it
            before_ns, recorded_ns = recorded_ns, began_ns + (frame.recorded_ns or 0)
            step_ns = (recorded_ns - before_ns) or step_ns
            if not self.live:
                yield replace(frame, sequence=sequence, recorded_ns=recorded_ns)
            else:
                # a machine that is too slow plays slower, and does not rush after what it missed
                start_ns = max(start_ns, time.monotonic_ns() - recorded_ns)
                time.sleep(max(0, start_ns + recorded_ns - time.monotonic_ns()) / 1e9)
                yield replace(frame, time_ns=time.monotonic_ns(), sequence=sequence, recorded_ns=None)
            sequence += 1


def _prepare(request: CameraRequest, *, paced: bool) -> Opening:
    return partial(Loop, request.place, paced=paced, health=request.health)


LOOP = CameraPlugin(prepare=partial(_prepare, paced=True))
REPLAY = CameraPlugin(prepare=partial(_prepare, paced=False), live=False)
