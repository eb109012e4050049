"""The live loop: frames in, readings out, commands obeyed in between.

Latency is measured here, per stage and from capture to the end of the loop ("total"). Stage "capture" is the age of
a frame when the loop takes it up, from `Frame.time_ns`: exposure, transfer and waiting for a camera, decoding for a
recording. Everything is measured on the monotonic clock, so that setting the wall clock changes nothing.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from digitcam.cameras.base import Camera, NoFrameError, StuckError
from digitcam.config import Config
from digitcam.frame import Frame, Grey
from digitcam.outputs.base import Output, OutputClosedError, ReadFrame, Update
from digitcam.reading import Reading
from digitcam.recognition.tracker import Tracker
from digitcam.service.memory import Trimmer
from digitcam.service.signals import Signals, StoppedError
from digitcam.service.systemd import Notifier
from digitcam.state.commands import Command, Pause, Reload, Resume, SetThreshold
from digitcam.state.service import ServiceState
from digitcam.state.stats import Summary

HELD_S = 0.5  # seconds that a paused recording waits for a command before systemd hears of it


class ImageReader(Protocol):
    """What reads a frame; `digitcam.recognition.reader.Reader` is the one that ships.

    Attributes:
        min_confidence: below which a place is rejected, 0 to 1.
    """

    min_confidence: float

    def read(self, image: Grey) -> Reading:
        """Read a uint8 (height, width) picture."""
        ...


Reloaded = tuple[Config, ImageReader]


def run(
    service: ServiceState,
    camera: Camera,
    reader: ImageReader,
    outputs: Sequence[Output],
    *,
    signals: Signals | None = None,
    reload: Callable[[], Reloaded | None] = lambda: None,
) -> Summary:
    """Read frames until the source ends, SIGINT or SIGTERM comes, or nobody reads the output any more.

    A frame in hand is finished and published first; a second signal ends the process at once. Call from the main
    thread, where Python delivers signals. Camera and outputs stay open: whoever opened them closes them. In `--json`
    mode print the summary on stderr, so that stdout holds nothing but JSON lines.

    Args:
        service: what is shared with the outputs.
        camera: where frames come from.
        reader: what reads them.
        outputs: where readings go.
        signals: those already entered, where they also cover what comes before and after; None for the loop alone.
        reload: gives the configuration, read again, and a reader made from it; None where the old ones stay, which it
            has reported.

    Raises:
        CameraError: the camera failed.
        ImageError: the source's one picture cannot be read.
        OutputError: a reading cannot be written.
    """
    with nullcontext(signals) if signals else Signals(service.control) as stop, Notifier(service) as notifier:
        loop = _Loop(service, reader, outputs, notifier, reload)
        try:
            while True:
                with stop.allowed():
                    commands = service.control.pending(HELD_S if loop.holds(camera) else 0.0)
                for command in commands:
                    loop.obey(command)
                if loop.holds(camera):
                    notifier.idle()
                    continue
                try:
                    with stop.allowed():
                        frame = camera.read()
                except NoFrameError as error:
                    notifier.idle(is_stuck=isinstance(error, StuckError))
                    continue
                if frame is None:
                    loop.finish()
                    break
                loop.take(frame)
        except (StoppedError, OutputClosedError):
            pass
    return service.stats.summary()


class _Loop:
    """What happens to a frame, and what is counted meanwhile."""

    def __init__(
        self,
        service: ServiceState,
        reader: ImageReader,
        outputs: Sequence[Output],
        notifier: Notifier,
        reload: Callable[[], Reloaded | None],
    ) -> None:
        self._control = service.control
        self._health = service.health
        self._stats = service.stats
        self._reader = reader
        self._outputs = outputs
        self._notifier = notifier
        self._reload = reload
        self._tracker = Tracker(service.config.track)
        self._trim = Trimmer()
        self._last: Frame | None = None
        self._read_last: Frame | None = None  # none while paused
        self._stable: Update | None = None

    def holds(self, camera: Camera) -> bool:
        """Tell whether no frame is taken: a recording would run on while paused, and end unread."""
        return self._control.paused and not camera.live

    def obey(self, command: Command) -> None:
        """Do what was asked for."""
        match command:
            case Pause() | Resume():
                self._control.paused = command == Pause()
                # nobody saw what stood there meanwhile
                self._tracker.forget()
            case SetThreshold(min_confidence):
                self._reader.min_confidence = min_confidence
                self._tracker.forget()
            case Reload():
                self._notifier.reloading()
                if reloaded := self._reload():
                    config, self._reader = reloaded
                    self._tracker.config = config.track
                    self._tracker.forget()
                self._notifier.reloaded()
        self._control.min_confidence = self._reader.min_confidence
        threshold = f"min_confidence is {self._reader.min_confidence:g}"
        if self._control.paused:
            self._health.report("reading", "note", f"paused until it is resumed; {threshold}")
        else:
            self._health.report("reading", "ok", f"reads; {threshold}")

    def take(self, frame: Frame) -> None:
        """Deal with one frame."""
        if not self._control.paused:
            self._read(frame)
        self._last = frame
        self._notifier.frame()
        self._trim()

    def _read(self, frame: Frame) -> None:
        """Read a frame, track it, publish if it changed what stands there."""
        capture_ms = _ms_since(frame.time_ns)
        read = self._reader.read(frame.image)
        # the camera counts its frames; those between the last and this one were replaced before they were taken; one
        # that was opened anew may count from 0
        self._stats.frame(skipped=max(0, frame.sequence - self._last.sequence - 1) if self._last else 0)
        self._read_last = frame
        reading = replace(read, ms={"capture": capture_ms, **read.ms})
        tracking_ns = time.monotonic_ns()
        settled = self._tracker.take(reading, frame)
        track_ms = _ms_since(tracking_ns)
        self._stats.latency({**reading.ms, "track": track_ms})
        publishing_ns = time.monotonic_ns()
        if settled:
            self._publish(settled, track_ms, frame)
        for output in self._outputs:
            output.see(ReadFrame(frame, reading, self._stable))
        self._stats.latency({"publish": _ms_since(publishing_ns), "total": _ms_since(frame.time_ns)})

    def finish(self) -> None:
        """Publish what the tracker makes of the end of the source; the last frame that was read settled it."""
        tracking_ns = time.monotonic_ns()
        settled = self._tracker.finish()
        if settled and self._read_last:
            self._publish(settled, _ms_since(tracking_ns), self._read_last)
            for output in self._outputs:
                output.see(ReadFrame(self._read_last, settled, self._stable))

    def _publish(self, settled: Reading, track_ms: float, frame: Frame) -> None:
        reading = replace(settled, ms={**settled.ms, "track": track_ms})
        captured = datetime.now(UTC) - timedelta(milliseconds=_ms_since(frame.time_ns))
        self._stable = Update(reading, captured, frame.sequence, self._stats.skipped, frame.origin)
        for output in self._outputs:
            output.publish(self._stable)
        self._stats.published()


def _ms_since(moment_ns: int) -> float:
    return (time.monotonic_ns() - moment_ns) / 1e6
