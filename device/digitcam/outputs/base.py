"""What every output is to the loop."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from digitcam.frame import Frame, Origin
from digitcam.reading import Reading
from digitcam.wire import StableReading, rfc3339, to_wire

S = TypeVar("S", bound=StableReading)


class OutputClosedError(Exception):
    """Whoever read this output has gone and will not come back, so the run ends. Nothing has failed."""


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """A stable reading that differs from the one before.

    Attributes:
        reading: what stands there now; its `ms` holds every stage from capture to track.
        time: when the frame that settled it was captured, with a time zone.
        sequence: that frame's number.
        skipped: frames of this run, so far, that were never read because a newer one had come.
        origin: the picture that it was read in; None from a camera or a film.
    """

    reading: Reading
    time: datetime
    sequence: int
    skipped: int
    origin: Origin | None = None

    def to_wire(self, kind: type[S]) -> S:
        """Make what is published of it: a `StableReading` or a kind of one."""
        return to_wire(
            kind,
            self.reading,
            origin=self.origin,
            time=rfc3339(self.time),
            sequence=self.sequence,
            skipped=self.skipped,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame and what was read in it, steady or not.

    Attributes:
        frame: nobody changes its image, so it may be kept and read by any thread.
        reading: what this frame alone says.
        stable: the newest stable reading, this frame's where it settled it; None before the first.
    """

    frame: Frame
    reading: Reading
    stable: Update | None


class Output:
    """A place that readings go to.

    The loop calls these from its own thread and waits for them: what may take long (a network, a disk, a picture to
    encode) is left to a thread of the output's own. An output overrides what it needs.
    """

    def see(self, shot: Shot) -> None:
        """Take note of a frame that was read; called for every one."""

    def publish(self, update: Update) -> None:
        """Hand on a new stable reading; `see` of the same frame comes after it.

        Raises:
            OutputClosedError: nobody is there to read it any more.
            OutputError: it cannot be written, and there is no use in going on.
        """

    def close(self) -> None:
        """Send what is still to be sent, within a few seconds, and let everything go. A second call does nothing."""
