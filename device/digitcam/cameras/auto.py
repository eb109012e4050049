"""`auto`: whichever camera is there, looked for at each opening."""

import time
from collections.abc import Callable

from msgspec import structs

from digitcam.cameras.base import Camera, CameraPlugin, CameraRequest, EmptyFrameError, Opening
from digitcam.cameras.registry import list_cameras, prepare
from digitcam.config import CameraConfig, Config
from digitcam.errors import CameraError

SLOW_S = 3.0  # a camera has given a frame by then, or is not waited for before others


class Auto:
    """Opens the Pi's own camera where picamera2 finds one, else the first V4L2 device that gives frames.

    The one that was taken goes first at the next opening, wherever it is plugged in by then. What is there and could
    not be taken is told by the `note` of the one that was.
    """

    def __init__(self, config: CameraConfig, opening_of: Callable[[CameraConfig], Opening]) -> None:
        """Look for a camera at each call.

        Args:
            config: what is wanted of it.
            opening_of: gives what opens the camera that `source` names; raises CameraError where one of that kind can
                never do what is wanted.
        """
        self._config = config
        self._opening_of = opening_of
        self._taken: tuple[str, Opening] | None = None
        # what is told of those that took long to fail, or whose drivers have not returned: the others go before them
        self._slow: dict[str, str] = {}

    def __call__(self) -> Camera:
        """Take the first camera that gives a frame.

        Raises:
            CameraError: none does; the message says what was looked at.
        """
        cameras, absent = list_cameras()
        candidates: list[tuple[str, Opening | None]] = [(info.source, None) for info in cameras]
        slow = {source: text for source, text in self._slow.items() if (source, None) in candidates}
        if self._taken:
            candidates.insert(0, self._taken)
        candidates.sort(key=lambda candidate: candidate[0] in slow)
        failed: dict[str, None] = {}  # in order, each once
        for source, known in candidates:
            slow.pop(source, None)
            self._slow[source] = f"{source}: does not answer; plug it in again"
            began = time.monotonic()
            try:
                opening = known or self._opening_of(structs.replace(self._config, source=source))
                camera = _open(source, opening)
            except CameraError as error:
                failed[str(error)] = None
                if time.monotonic() - began < SLOW_S:
                    self._slow.pop(source, None)
                else:
                    self._slow[source] = str(error)
                continue
            self._slow.pop(source, None)
            self._taken = source, opening
            camera.note = "; ".join([*filter(None, [camera.note]), *failed, *slow.values()])
            return camera
        raise CameraError(
            "no camera gives pictures; plug one in, or name another camera.source. Looked at: "
            + "; ".join([*failed, *absent])
        )


def _open(source: str, opening: Opening) -> Camera:
    """Open a camera and see that it gives a frame.

    Raises:
        CameraError: it does not.
    """
    try:
        camera = opening()
        try:
            _see_frame(camera)
        except BaseException:
            camera.close()
            raise
    except CameraError:
        raise
    except Exception as error:  # whatever its driver raises, there may be another
        raise CameraError(f"{source}: {type(error).__name__}: {' '.join(str(error).split())}") from error
    return camera


def _see_frame(camera: Camera) -> None:
    """Wait for a frame that is not empty.

    Raises:
        CameraError: none came.
    """
    end = time.monotonic() + SLOW_S
    while True:
        try:
            camera.read()
        except EmptyFrameError:
            if time.monotonic() > end:
                raise
        else:
            return


def _prepare(request: CameraRequest) -> Opening:
    return Auto(request.config, lambda config: prepare(config, request.health, Config())[1])


PLUGIN = CameraPlugin(
    prepare=_prepare,
    takes=lambda place: not place,
    settable=("exposure", "focus", "format"),
    turns=True,  # the camera that it takes does, or has it done
)
