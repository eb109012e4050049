"""A live camera that is opened again for ever: it may stall, go, come back, or show nothing, and the run goes on."""

import time
from collections.abc import Callable
from dataclasses import replace

from digitcam.cameras.base import Camera, NoFrameError, StuckError
from digitcam.cameras.capture_thread import Capture, Timeouts
from digitcam.errors import CameraError
from digitcam.frame import Frame, Grey
from digitcam.state.health import Health

PART = "camera"  # its name in `Health`
WAIT_S = 0.5  # `read` gives control back after so long
JOIN_S = 2.0  # a capture that is not stuck ends within one frame
# A driver that keeps every opening stuck would have one more thread with each; only a new process can help then.
MOST_LEFT = 3


class ReconnectingCamera(Camera):
    """Capture beside the loop, the newest frame only; every fault is reported and followed by another opening.

    A frame that is replaced before anyone took it shows as a gap in `Frame.sequence`, which goes on over reopenings.
    All of it happens in `read`: the thread that reads is the one that watches.
    """

    live = True

    def __init__(
        self, name: str, opening: Callable[[], Camera], health: Health, timeouts: Timeouts, *, wait: bool
    ) -> None:
        """Open the camera.

        Args:
            name: what to call it where it cannot be asked.
            opening: opens it; raises CameraError.
            health: where its state is reported, as `camera`.
            timeouts: when it has failed, and how soon it is opened again.
            wait: wait for an absent camera, too.

        Raises:
            CameraError: it cannot be opened, and need not be waited for.
        """
        self._opening = opening
        self._health = health
        self._timeouts = timeouts
        self._name = name
        self._description = f"{name}: waiting for it"
        self._first = 0  # what the frames of this opening are counted from
        self._next = 0
        self._well_since: float | None = None
        self._delay_s = timeouts.first_delay_s
        self._reopen_at = 0.0
        self._left: list[Capture] = []  # those whose thread may not have ended
        if wait:
            self._capture: Capture | None = Capture(opening, timeouts)
        else:
            camera = opening()
            self._description = camera.describe()
            self._capture = Capture(lambda: camera, timeouts)
        self._last: Grey | None = None

    def describe(self) -> str:
        """Give the camera's own description, also while it is away."""
        return self._description

    def read(self) -> Frame:
        """Wait for a frame that was not handed on before, half a second at most.

        Raises:
            NoFrameError: there is none yet; `Health` tells whether that is a fault.
            StuckError: and only a new process can help.
        """
        capture = self._capture or self._reopen()
        try:
            frame = capture.newest(WAIT_S)
        except CameraError as error:
            self._fail(str(error))
            raise NoFrameError from error
        if frame is None:
            if capture.overdue:
                self._fail(f"{self._name}: gives no frames; check its cable")
            raise NoFrameError
        if self._well_since is None:
            self._report(capture)
        self._next = self._first + frame.sequence + 1
        return replace(frame, sequence=self._next - 1)

    def close(self) -> None:
        """Stop capturing and let the camera go; one that is stuck in its driver is left to the end of the process."""
        if self._capture:
            self._capture.stop(JOIN_S)
            self._capture = None

    def _reopen(self) -> Capture:
        """Open it again when it is time."""
        self._left = [capture for capture in self._left if capture.alive]
        none_yet = StuckError if len(self._left) >= MOST_LEFT else NoFrameError
        left_s = self._reopen_at - time.monotonic()
        if left_s > 0:
            time.sleep(min(left_s, WAIT_S))
            raise none_yet
        if none_yet is StuckError:
            self._fail(f"{self._name}: is stuck in its driver; plug it in again, or start digitcam again")
            raise none_yet
        self._first = self._next
        self._capture = Capture(self._opening, self._timeouts, self._last, well=False)
        return self._capture

    def _fail(self, text: str) -> None:
        """Give this opening up, say so, and set the time of the next."""
        now = time.monotonic()
        if self._well_since is not None and now - self._well_since > self._timeouts.longest_delay_s:
            self._delay_s = self._timeouts.first_delay_s
        if self._capture:
            self._last = self._capture.last
            self._capture.stop()
            self._left.append(self._capture)
            self._capture = None
        self._well_since = None
        self._reopen_at = now + self._delay_s
        self._delay_s = min(2 * self._delay_s, self._timeouts.longest_delay_s)
        self._health.report(PART, "fault", f"{text} (opened again and again until it works)")

    def _report(self, capture: Capture) -> None:
        """Say that it works, and what it gives."""
        self._well_since = time.monotonic()
        if capture.camera:
            self._description = capture.camera.describe()
            note = capture.camera.note
            self._health.report(PART, "note" if note else "ok", f"{self._description}{note and '; '}{note}")
