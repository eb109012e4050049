"""What every output is to the loop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from msgspec import Struct

from digitcam.plugins import Plugin
from digitcam.wire import StableReading, rfc3339, to_wire

if TYPE_CHECKING:
    from digitcam.frame import Frame, Origin
    from digitcam.reading import Reading
    from digitcam.state.service import ServiceState

R = TypeVar("R", bound=StableReading)
S = TypeVar("S", bound=Struct)


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

    reading: "Reading"
    time: datetime
    sequence: int
    skipped: int
    origin: "Origin | None" = None

    def to_wire(self, kind: type[R]) -> R:
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
class ReadFrame:
    """A frame and what was read in it, steady or not.

    Attributes:
        frame: nobody changes its image, so it may be kept and read by any thread.
        reading: what this frame alone says.
        stable: the newest stable reading, this frame's where it settled it; None before the first.
    """

    frame: "Frame"
    reading: "Reading"
    stable: Update | None


class Output:
    """A place that readings go to.

    The loop calls these from its own thread and waits for them: what may take long (a network, a disk, a picture to
    encode) is left to a thread of the output's own. An output overrides what it needs.
    """

    def see(self, read_frame: ReadFrame) -> None:
        """Take note of a frame that was read; called for every one."""

    def publish(self, update: Update) -> None:
        """Hand on a new stable reading; `see` of the same frame comes after it.

        Raises:
            OutputClosedError: nobody is there to read it any more.
            OutputError: it cannot be written, and there is no use in going on.
        """

    def close(self) -> None:
        """Send what is still to be sent, within a few seconds, and let everything go. A second call does nothing."""


class Finding(NamedTuple):
    """What `digitcam check` finds of an output that can work.

    Attributes:
        found: what is there.
        advice: what is worth putting right all the same; empty where nothing is.
    """

    found: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class OutputPlugin(Plugin, Generic[S]):
    """How an output is registered, under its name: in `digitcam.plugins`, or by an entry point `digitcam.outputs`.

    Attributes:
        settings: its section of the configuration.
        is_wanted: whether those settings switch it on.
        open: opens it; raises ConfigError where its settings cannot work, OutputError where it cannot be opened.
        check: looks whether it can work, and raises the same; None where there is nothing to look at.
        vital: whether the run ends where it fails; any other is told as a fault, and the rest goes on.
        makes_passwords: whether it makes the files of its passwords itself where they are missing.
    """

    settings: type[S]
    is_wanted: Callable[[S], bool]
    open: "Callable[[ServiceState, S], Output]"
    check: Callable[[S], Finding] | None = None
    vital: bool = False
    makes_passwords: bool = False
