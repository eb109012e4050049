"""The live loop: start-up -> loop -> shutdown.

Latency is measured here, per stage and from capture to the end of the loop ("total"). Stage "capture" is the age of
a frame when the loop takes it up, from `Frame.time_ns`: exposure, transfer and waiting for a camera, decoding for a
recording.
"""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import FrameType, TracebackType
from typing import Protocol, Self

from digitcam.cameras.base import Camera, NoFrameError
from digitcam.frame import Frame, Grey
from digitcam.live import Live
from digitcam.outputs.base import Output, OutputClosedError, Shot, Update
from digitcam.reading import Reading
from digitcam.stats import Summary
from digitcam.track import Tracker


class ImageReader(Protocol):
    """What reads a frame; `digitcam.reader.Reader` is the one that ships."""

    def read(self, image: Grey) -> Reading:
        """Read a uint8 (height, width) picture."""
        ...


def run(live: Live, camera: Camera, reader: ImageReader, outputs: Sequence[Output]) -> Summary:
    """Read frames until the source ends, SIGINT or SIGTERM comes, or nobody reads the output any more.

    A frame in hand is finished and published first; a second signal ends the process at once. Call from the main
    thread, where Python delivers signals. Camera and outputs stay open: whoever opened them closes them. In `--json`
    mode print the summary on stderr, so that stdout holds nothing but JSON lines.

    Raises:
        CameraError: the camera failed.
        ImageError: a picture of the source cannot be read.
        OutputError: a reading cannot be written.
    """
    loop = _Loop(live, reader, outputs)
    with _Interrupt() as interrupt:
        try:
            while True:
                try:
                    with interrupt.allowed():
                        frame = camera.read()
                except NoFrameError:
                    continue
                if frame is None:
                    loop.finish()
                    break
                loop.take(frame)
        except (_InterruptedError, OutputClosedError):
            pass
    return live.stats.summary()


class _Loop:
    """What happens to a frame, and what is counted meanwhile."""

    def __init__(self, live: Live, reader: ImageReader, outputs: Sequence[Output]) -> None:
        self._stats = live.stats
        self._reader = reader
        self._outputs = outputs
        self._tracker = Tracker(live.config.track)
        self._last: Frame | None = None
        self._stable: Update | None = None

    def take(self, frame: Frame) -> None:
        """Read one frame, track it, publish if it changed what stands there."""
        capture_ms = _ms_since(frame.time_ns)
        # the camera counts its frames; those between the last and this one were replaced before they were taken
        self._stats.frame(skipped=frame.sequence - self._last.sequence - 1 if self._last else 0)
        self._last = frame
        read = self._reader.read(frame.image)
        reading = replace(read, ms={"capture": capture_ms, **read.ms})
        tracking_ns = time.monotonic_ns()
        settled = self._tracker.update(reading, frame.scene_ns)
        track_ms = _ms_since(tracking_ns)
        self._stats.latency({**reading.ms, "track": track_ms})
        publishing_ns = time.monotonic_ns()
        if settled:
            self._publish(settled, track_ms, frame)
        for output in self._outputs:
            output.see(Shot(frame, reading, self._stable))
        self._stats.latency({"publish": _ms_since(publishing_ns), "total": _ms_since(frame.time_ns)})

    def finish(self) -> None:
        """Publish what the tracker makes of the end of the source; the last frame is the one that settled it."""
        tracking_ns = time.monotonic_ns()
        settled = self._tracker.finish()
        if settled and self._last:
            self._publish(settled, _ms_since(tracking_ns), self._last)
            for output in self._outputs:
                output.see(Shot(self._last, settled, self._stable))

    def _publish(self, settled: Reading, track_ms: float, frame: Frame) -> None:
        reading = replace(settled, ms={**settled.ms, "track": track_ms})
        captured = datetime.now(UTC) - timedelta(milliseconds=_ms_since(frame.time_ns))
        self._stable = Update(reading, captured, frame.sequence, self._stats.skipped)
        for output in self._outputs:
            output.publish(self._stable)
        self._stats.published()


class _InterruptedError(BaseException):
    """A signal came while it was allowed to interrupt; like KeyboardInterrupt, no business of `except Exception`."""


class _Interrupt:
    """SIGINT and SIGTERM as a request to stop, obeyed only where `allowed`; the old handlers come back at the end."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self._asked = False
        self._allowed = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._handle) for number in self._SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Where the run may be cut off: waiting for a frame, and nowhere else."""
        self._allowed = True
        try:
            if self._asked:
                raise _InterruptedError
            yield
        finally:
            self._allowed = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._asked = True
        # the kernel itself obeys the next one, whatever this process is stuck in
        for each in self._SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        if self._allowed:
            raise _InterruptedError


def _ms_since(moment_ns: int) -> float:
    return (time.monotonic_ns() - moment_ns) / 1e6
