"""One opening of a live camera: a thread of its own opens it, reads it beside the loop, and closes it."""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from digitcam.cameras.base import Camera, EmptyFrameError
from digitcam.cameras.frame_health import FrameHealth
from digitcam.errors import CameraError, DigitcamError
from digitcam.frame import Frame, Grey

# Empty frames in a row that are a fault; and so many frames' time without one is a stall, where it is longer than
# `Timeouts.stall_s`.
MISSING_FRAMES = 3
TURN_S = 0.01  # how often a picture that waits looks whether the one before it was taken


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a live camera may fail before that is a fault, and how often it is opened again. All in seconds.

    Attributes:
        open_s: longest opening. libcamera takes 1 to 3, a network camera some more.
        stall_s: longest wait for a frame. Cameras that have just been started give their first within 1 to 3 s
            (exposure settles, USB negotiates).
        bad_s: of black or frozen pictures.
        first_delay_s: from a fault to the next opening, doubled with each that fails,
        longest_delay_s: up to this one. After as long without a fault, the next begins with the first delay again.
    """

    open_s: float = 20.0
    stall_s: float = 5.0
    bad_s: float = 10.0
    first_delay_s: float = 1.0
    longest_delay_s: float = 10.0

    def at_rate(self, fps: float) -> "Timeouts":
        """Allow for a camera whose frames may come more slowly than it stalls."""
        return replace(self, stall_s=max(self.stall_s, MISSING_FRAMES / fps))


class Capture:
    """The newest frame of one opening, however slowly frames are taken: no queue grows.

    Nothing is shared between two openings, so one that is stuck in its driver can be left behind. When the driver lets
    it go, its own thread closes the camera.

    Attributes:
        camera: once it is open; for `describe` and `note` only.
    """

    def __init__(
        self, opening: Callable[[], Camera], timeouts: Timeouts, last: Grey | None = None, *, well: bool = True
    ) -> None:
        """Start the thread.

        Args:
            opening: opens the camera, or gives an open one.
            timeouts: when it is a fault.
            last: the newest picture before this opening.
            well: whether black or frozen pictures are handed on until they are a fault; otherwise, after a fault,
                nothing is before the first good one.
        """
        self.camera: Camera | None = None
        self._opening = opening
        self._timeouts = timeouts
        self._frame_health = FrameHealth(timeouts.bad_s, last)
        self._well = well
        self._error = CameraError("closed")
        self._stopped = False
        self._newest: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._due = time.monotonic() + timeouts.open_s
        # daemon: a driver that never returns must not keep the process alive
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    def newest(self, timeout_s: float) -> Frame | None:
        """Wait for a frame that was not handed on before; `sequence` counts this opening's from 0.

        Returns:
            The newest frame, or None when the time is over.

        Raises:
            CameraError: why it has ended.
        """
        try:
            frame = self._newest.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if frame is None:
            self._newest.put(None)
            raise self._error
        return frame

    @property
    def last(self) -> Grey | None:
        """The newest picture that came, handed on or not."""
        return self._frame_health.last

    @property
    def alive(self) -> bool:
        """Whether its thread still runs, and so may hold the device."""
        return self._thread.is_alive()

    @property
    def overdue(self) -> bool:
        """Whether it should have opened, or given a frame, before now: it has stalled."""
        return time.monotonic() > self._due

    def stop(self, wait_s: float = 0.0) -> None:
        """Ask the thread to end, and wait for that so long."""
        self._stopped = True
        self._thread.join(wait_s)

    def _run(self) -> None:
        try:
            self.camera = self._opening()
            try:
                self._read(self.camera)
            finally:
                self.camera.close()
        except DigitcamError as error:
            self._error = error if isinstance(error, CameraError) else CameraError(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a driver raises, it is opened again
            self._error = CameraError(f"the camera failed: {type(error).__name__}: {error}")
        self._newest.put(None)

    def _read(self, camera: Camera) -> None:
        sequence = empty = 0
        while not self._stopped:
            self._due = time.monotonic() + self._timeouts.stall_s
            try:
                frame = camera.read()
                empty = 0
            except EmptyFrameError:
                empty += 1
                if empty == MISSING_FRAMES:
                    raise
                continue
            if frame is None:
                raise CameraError(f"{camera.describe()}: has ended")
            try:
                self._well |= not camera.sensor or self._frame_health.see(frame.image)
            except CameraError as error:
                raise CameraError(f"{camera.describe()}: {error}") from error
            if self._well:
                self._hand_on(replace(frame, sequence=sequence))
                sequence += 1

    def _hand_on(self, frame: Frame) -> None:
        # a loop of pictures is played as slowly as they are read; of a camera or a film only the newest frame counts
        while frame.origin and not (self._newest.empty() or self._stopped):
            time.sleep(TURN_S)
        with suppress(queue.Empty):
            self._newest.get_nowait()  # nobody took it, and now it is old
        self._newest.put(frame)
