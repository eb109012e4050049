"""What every output is to the loop: something that takes each new stable reading."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digitcam.reading import Reading


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
    """

    reading: Reading
    time: datetime
    sequence: int
    skipped: int


class Output(Protocol):
    """A place that readings are published to."""

    def publish(self, update: Update) -> None:
        """Hand on a new stable reading.

        Raises:
            OutputClosedError: nobody is there to read it any more.
            OutputError: it cannot be written.
        """
        ...
