"""The live loop: start-up -> loop -> shutdown.

Latency is measured here, per stage and from capture to the end of the loop ("total"). Stage "capture" is the age of
a frame when the loop takes it up, from `Frame.time_ns`: exposure, transfer and waiting for a camera, decoding for a
recording.
"""

import signal
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import FrameType, TracebackType
from typing import NamedTuple, Protocol, Self

import numpy as np

from digitcam.cameras.base import Camera
from digitcam.config import Config
from digitcam.frame import Frame, Grey
from digitcam.outputs.base import Output, OutputClosedError, Update
from digitcam.reading import Reading
from digitcam.track import Tracker

# Latencies are those of the newest frames, about a minute of them at 30 a second, so that days of running need no
# more memory than that minute (0.5 MB).
WINDOW = 2048


class ImageReader(Protocol):
    """What reads a frame; `digitcam.reader.Reader` is the one that ships."""

    def read(self, image: Grey) -> Reading:
        """Read a uint8 (height, width) picture."""
        ...


class Percentiles(NamedTuple):
    """Latency of one stage in milliseconds."""

    p50: float
    p90: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did.

    Attributes:
        frames: how many were read.
        skipped: how many came and went unread, because a newer one was there.
        published: how many stable readings went out.
        seconds: how long the loop ran.
        latency: stage by stage in the order of the data, over the newest `WINDOW` frames.
    """

    frames: int
    skipped: int
    published: int
    seconds: float
    latency: Mapping[str, Percentiles]

    def table(self) -> str:
        """The counts and the latency table, for a terminal; no newline at the end."""
        if not self.frames:
            return "no frame was read"
        counts = (
            f"{self.frames} frames read, {self.skipped} skipped, {self.published} stable readings "
            f"in {self.seconds:.1f} s: {self.frames / self.seconds:.1f} readings a second"
        )
        scope = f"newest {WINDOW} frames" if self.frames > WINDOW else "all frames"
        head = f"{'ms, ' + scope:<24}" + "".join(f"{name:>9}" for name in Percentiles._fields)
        rows = (f"{stage:<24}" + "".join(f"{ms:9.2f}" for ms in row) for stage, row in self.latency.items())
        return "\n".join([counts, "", head, *rows])


def run(config: Config, camera: Camera, reader: ImageReader, output: Output) -> Summary:
    """Read frames until the source ends, SIGINT or SIGTERM comes, or nobody reads the output any more.

    A frame in hand is finished and published first; a second signal ends the process at once. Call from the main
    thread, where Python delivers signals. The camera stays open: whoever opened it closes it. In `--json` mode print
    the summary on stderr, so that stdout holds nothing but JSON lines.

    Raises:
        CameraError: the camera failed.
        ImageError: a picture of the source cannot be read.
        OutputError: a reading cannot be written.
    """
    loop = _Loop(config, reader, output)
    with _Interrupt() as interrupt:
        try:
            while True:
                with interrupt.allowed():
                    frame = camera.read()
                if frame is None:
                    loop.finish()
                    break
                loop.take(frame)
        except (_InterruptedError, OutputClosedError):
            pass
    return loop.summary()


class _Loop:
    """What happens to a frame, and what is counted meanwhile."""

    def __init__(self, config: Config, reader: ImageReader, output: Output) -> None:
        self._reader = reader
        self._output = output
        self._tracker = Tracker(config.track)
        self._began_ns = time.monotonic_ns()
        self._last: Frame | None = None
        self._frames = self._skipped = self._published = 0
        self._latency: dict[str, deque[float]] = {}

    def take(self, frame: Frame) -> None:
        """Read one frame, track it, publish if it changed what stands there."""
        capture_ms = _ms_since(frame.time_ns)
        # the camera counts its frames; those between the last and this one were replaced before they were taken
        if self._last:
            self._skipped += frame.sequence - self._last.sequence - 1
        self._last = frame
        read = self._reader.read(frame.image)
        reading = replace(read, ms={"capture": capture_ms, **read.ms})
        self._frames += 1
        tracking_ns = time.monotonic_ns()
        stable = self._tracker.update(reading, frame.scene_ns)
        track_ms = _ms_since(tracking_ns)
        self._count({**reading.ms, "track": track_ms})
        if stable:
            publishing_ns = time.monotonic_ns()
            self._publish(stable, track_ms, frame)
            self._count({"publish": _ms_since(publishing_ns)})
        self._count({"total": _ms_since(frame.time_ns)})

    def finish(self) -> None:
        """Publish what the tracker makes of the end of the source; the last frame is the one that settled it."""
        tracking_ns = time.monotonic_ns()
        stable = self._tracker.finish()
        if stable and self._last:
            self._publish(stable, _ms_since(tracking_ns), self._last)

    def summary(self) -> Summary:
        seconds = (time.monotonic_ns() - self._began_ns) / 1e9
        # the first publication may come after the first total, which belongs at the end
        stages = sorted(self._latency, key="total".__eq__)
        latency = {stage: _percentiles(self._latency[stage]) for stage in stages}
        return Summary(self._frames, self._skipped, self._published, seconds, latency)

    def _publish(self, stable: Reading, track_ms: float, frame: Frame) -> None:
        reading = replace(stable, ms={**stable.ms, "track": track_ms})
        captured = datetime.now(UTC) - timedelta(milliseconds=_ms_since(frame.time_ns))
        self._output.publish(Update(reading, captured, frame.sequence, self._skipped))
        self._published += 1

    def _count(self, ms: Mapping[str, float]) -> None:
        for stage, value in ms.items():
            self._latency.setdefault(stage, deque(maxlen=WINDOW)).append(value)


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


def _percentiles(ms: deque[float]) -> Percentiles:
    return Percentiles(*(float(value) for value in np.percentile(ms, (50, 90, 99, 100))))
