"""FFmpeg in a process of its own: where a native decoder crashes, its camera is opened again, and all else goes on.

Of each frame that process says a line of JSON, and then its bytes.
"""

import json
import signal
import subprocess
import sys
from contextlib import suppress
from typing import IO, cast

import numpy as np

from digitcam.cameras.base import Camera, EmptyFrameError
from digitcam.cameras.network.stream import Stream
from digitcam.errors import CameraError
from digitcam.frame import Frame

PROGRAM = "from digitcam.cameras.network.isolated import main; main()"


class Apart(Camera):
    """A stream that another process decodes."""

    live = True

    def __init__(self, url: str, name: str, wait_s: float) -> None:
        """Connect, and wait for the first frame.

        Args:
            url: with user and password where the camera wants them.
            name: the URL without them.
            wait_s: longest wait for a frame, seconds.

        Raises:
            CameraError: it cannot be reached, gives no video, or crashes the decoder.
        """
        self._name = name
        self._said = ""
        # in a session of its own, since Ctrl-C is for this process to obey; the URL may hold a password, and every user
        # can see a command line
        self._process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._to, self._from = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        try:
            with suppress(BrokenPipeError), self._to:
                self._to.write(json.dumps([url, name, wait_s]).encode())
            self._first: Frame | None = self._next()
        except BaseException:
            self.close()
            raise

    def describe(self) -> str:
        """As the stream says."""
        return self._said

    def read(self) -> Frame:
        """Wait for the next frame; its `time_ns` is when it had arrived.

        Raises:
            EmptyFrameError: it is a broken JPEG.
            CameraError: the stream has ended, nothing came for too long, or the decoder crashed.
        """
        frame, self._first = self._first or self._next(), None
        return frame

    def close(self) -> None:
        """End that process."""
        self._process.kill()
        self._process.wait()
        self._from.close()

    def _next(self) -> Frame:
        line = self._from.readline()
        told = json.loads(line) if line.endswith(b"\n") else {}
        if "empty" in told:
            raise EmptyFrameError(told["empty"])
        if "error" in told:
            raise CameraError(told["error"])
        height, width = told.get("shape", (0, 0))
        data = self._from.read(height * width)
        if not told or len(data) < height * width:
            raise CameraError(f"{self._name}: its decoder {self._end()}")
        self._said = told["said"]
        image = np.frombuffer(data, np.uint8).reshape(height, width)
        return Frame(image, told["time_ns"], told["sequence"])

    def _end(self) -> str:
        """How the process came to its end."""
        status = self._process.wait()
        return f"crashed ({signal.Signals(-status).name})" if status < 0 else f"has ended with status {status}"


def main() -> None:
    """Decode what standard input names, onto standard output, until that ends or nobody reads it."""
    with suppress(BrokenPipeError):
        try:
            with Stream(*json.load(sys.stdin)) as stream:
                while True:
                    _say_frame(stream)
        except CameraError as error:
            _say(error=str(error))


def _say_frame(stream: Stream) -> None:
    try:
        frame = stream.read()
    except EmptyFrameError as error:
        _say(empty=str(error))
    else:
        _say(said=stream.describe(), sequence=frame.sequence, time_ns=frame.time_ns, shape=frame.image.shape)
        sys.stdout.buffer.write(frame.image.tobytes())
        sys.stdout.buffer.flush()


def _say(**what: object) -> None:
    sys.stdout.buffer.write(json.dumps(what).encode() + b"\n")
    sys.stdout.buffer.flush()
