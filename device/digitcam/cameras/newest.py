"""The newest frame of a live camera, however slowly frames are taken."""

import threading

from digitcam.cameras.base import Camera
from digitcam.errors import CameraError
from digitcam.frame import Frame

# Cameras that have just been started give their first frame within 1 to 3 s (exposure settles, USB negotiates).
STALL_S = 5.0
# A capture thread that is not stuck ends within one frame.
JOIN_S = 2.0


class Newest(Camera):
    """Capture beside the loop and keep one frame only, so that a slow reader sees the present and no queue grows.

    A frame that is replaced before anyone took it shows as a gap in `Frame.sequence`.
    """

    live = True

    def __init__(self, camera: Camera, stall_s: float = STALL_S) -> None:
        """Take `camera` over and start capturing.

        Args:
            camera: a live camera; from now on only this object may use it.
            stall_s: seconds without a frame after which `read` gives up.
        """
        self._camera = camera
        self._stall_s = stall_s
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._ended = False
        self._error: Exception | None = None
        self._closing = False
        # daemon: a driver that never returns must not keep the process alive
        self._thread = threading.Thread(target=self._capture, name="capture", daemon=True)
        self._thread.start()

    def describe(self) -> str:
        """The camera's own description."""
        return self._camera.describe()

    def read(self) -> Frame | None:
        """Wait for a frame that was not handed on before.

        Returns:
            The newest frame, or None when the camera has ended or was closed.

        Raises:
            CameraError: no frame came within `stall_s`, or whatever the camera itself raised.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._frame is not None or self._ended, self._stall_s):
                raise CameraError(
                    f"{self.describe()}: no frame for {self._stall_s:g} s; check its cable, then start again"
                )
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                raise self._error
            return frame

    def close(self) -> None:
        """Stop capturing and close the camera.

        A camera stuck in its driver is left to the end of the process: closing it under its own thread can crash.
        """
        self._closing = True
        self._thread.join(JOIN_S)
        if not self._thread.is_alive():
            self._camera.close()

    def _capture(self) -> None:
        error: Exception | None = None
        try:
            while not self._closing and (frame := self._camera.read()) is not None:
                with self._changed:
                    self._frame = frame
                    self._changed.notify()
        except Exception as caught:  # noqa: BLE001 - whatever it is, it belongs to the thread that reads
            error = caught
        with self._changed:
            self._error = error
            self._ended = True
            self._changed.notify()
