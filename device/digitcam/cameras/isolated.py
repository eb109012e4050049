"""A camera in a process of its own: where a native decoder crashes, that costs an opening, and all else goes on.

Of each frame that process says a line of JSON, and then its bytes; at a recording's end a line, and begins anew.
"""

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import IO, cast

import numpy as np

from digitcam.cameras.base import Camera, EmptyFrameError
from digitcam.errors import CameraError
from digitcam.frame import Frame

PROGRAM = "from digitcam.cameras.isolated import main; main()"


class Isolated(Camera):
    """A camera whose frames another process decodes. A recording begins anew after its end."""

    def __init__(self, kind: type[Camera], *arguments: str | float, name: str, advice: str = "") -> None:
        """Open it there, and wait for the first frame.

        Args:
            kind: what to open there, and
            arguments: with what.
            name: what to call it, without a password.
            advice: what to do where its decoder crashes, if a person can do anything.

        Raises:
            CameraError: it cannot be opened, or crashes the decoder.
        """
        self.live = kind.live
        self._name = name
        self._advice = advice
        self._said = ""
        self._process = _started(name)
        self._to, self._from = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        try:
            with suppress(BrokenPipeError), self._to:
                self._to.write(json.dumps([kind.__module__, kind.__qualname__, arguments]).encode())
            self._first = self._next()
        except BaseException:
            self.close()
            raise

    def describe(self) -> str:
        """Say what that camera says of itself."""
        return self._said

    def read(self) -> Frame | None:
        """Wait for the next frame; None at a recording's end.

        A camera's `time_ns` is when the frame had arrived, a recording's when it was asked for here.

        Raises:
            EmptyFrameError: it is a broken JPEG.
            CameraError: what that camera raises, or its decoder crashed.
        """
        asked_ns = time.monotonic_ns()
        frame, self._first = self._first or self._next(), None
        return frame if frame is None or self.live else replace(frame, time_ns=asked_ns)

    def close(self) -> None:
        """End that process."""
        self._process.kill()
        self._process.wait()
        self._from.close()

    def _next(self) -> Frame | None:
        line = self._from.readline()
        told = json.loads(line) if line.endswith(b"\n") else {}
        if "empty" in told:
            raise EmptyFrameError(told["empty"])
        if "error" in told:
            raise CameraError(told["error"])
        if "end" in told:
            return None
        height, width = told.get("shape", (0, 0))
        data = self._from.read(height * width)
        if not told or len(data) < height * width:
            raise CameraError(f"{self._name}: its decoder {self._end()}")
        self._said = told["said"]
        image = np.frombuffer(data, np.uint8).reshape(height, width)
        return Frame(image, told["time_ns"], told["sequence"], told["recorded_ns"])

    def _end(self) -> str:
        """Tell how the process came to its end."""
        status = self._process.wait()
        if status >= 0:
            return f"has ended with status {status}"
        return "; ".join(filter(None, [f"crashed ({signal.Signals(-status).name})", self._advice]))


def _started(name: str) -> "subprocess.Popen[bytes]":
    # in a session of its own, since Ctrl-C is for this process to obey; an argument may hold a password, and every user
    # can see a command line; -P: what lies in the working folder is no module
    try:
        return subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-P", "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise CameraError(f"{name}: no process for its decoder can be started: {error.strerror}") from error


def main() -> None:
    """Open what standard input names, and say its frames on standard output until nobody reads them."""
    # systemd sends it to every process of a service; this one ends with the one that reads it
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    module, kind, arguments = json.load(sys.stdin)
    opening = getattr(import_module(module), kind)
    with suppress(BrokenPipeError):
        try:
            while True:
                with opening(*arguments) as camera:
                    while _say_frame(camera):
                        pass
        except CameraError as error:
            _say(error=str(error))


def _say_frame(camera: Camera) -> bool:
    """Say the next frame, or that there is none; whether there was one."""
    try:
        frame = camera.read()
    except EmptyFrameError as error:
        _say(empty=str(error))
        return True
    if frame is None:
        _say(end=True)
        return False
    _say(
        said=camera.describe(),
        sequence=frame.sequence,
        time_ns=frame.time_ns,
        recorded_ns=frame.recorded_ns,
        shape=frame.image.shape,
    )
    sys.stdout.buffer.write(frame.image.tobytes())
    sys.stdout.buffer.flush()
    return True


def _say(**what: object) -> None:
    sys.stdout.buffer.write(json.dumps(what).encode() + b"\n")
    sys.stdout.buffer.flush()
