"""Frames and crops kept on disk, so that one sees later what was misread, and has pictures of one's own digits.

A record is a folder: the frame, what was read in it, and each crop that the network was asked about.

    FOLDER/2026-05-17/14-03-09.250Z_sure-067_12+345/frame.png
                                                    reading.json
                                                    00_read-1_099.png
                                                    05_rejected-not-sure-enough_041.png

The time is UTC; `sure` is how sure the network was of the crop that it was least sure of, in percent. The folder's name
tells all that must be known of it, so it survives restarts without an index.
"""

import math
import queue
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.errors import OutputError
from digitcam.outputs.base import Output, ReadFrame, Update
from digitcam.outputs.record import RecordConfig
from digitcam.outputs.record.retention import BoundedFolder
from digitcam.reading import Digit, Reading, Reject
from digitcam.state.health import Health
from digitcam.state.service import ServiceState
from digitcam.wire import RecordedReading, rfc3339, to_line, to_wire

# Frames that wait for the disk; a frame of 640x480 is 0.3 MB.
WAITING = 4
CLOSE_S = 3.0  # in which what waits is still written at the end
STILL_S = 1.0
LONGEST_TEXT = 40  # characters of the text in a folder's name
MINUTE_S = 60.0
RETRY_S = 5.0  # after which a frame that the disk did not take is tried again
FORGET_S = 3600.0  # how often what is too old is looked for, where nothing new comes


def open_recorder(service: ServiceState, config: RecordConfig) -> "Recorder":
    """Start to keep frames.

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    return Recorder(
        BoundedFolder(config), config, service.health, still_s=max(STILL_S, 2 * service.config.track.settle)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What is to be kept."""

    image: NDArray[np.uint8]
    reading: Reading
    text: str
    time: datetime
    sequence: int


class Recorder(Output):
    """Chooses frames in the loop's thread, and writes them in one of its own.

    A frame is kept when a new reading has settled, and when more or less beside it is rejected, and that for a while:
    each once, as long as that reading stays. So a still page is not kept again and again.

    Attributes:
        dropped: frames that were not kept because the disk was too slow.
    """

    def __init__(self, folder: BoundedFolder, config: RecordConfig, health: Health, *, still_s: float) -> None:
        """Keep frames in `folder`.

        Args:
            folder: where; from now on only this object may use it.
            config: how many a minute.
            health: told when they cannot be kept.
            still_s: seconds of the scene for which as much must be rejected: longer than a reading takes to settle.
        """
        self.dropped = 0
        self._folder = folder
        self._health = health
        self._still_ns = round(still_s * 1e9)
        self._stable: Update | None = None
        self._seen: set[Hashable] = set()
        self._key: Hashable = None
        self._since_ns = 0
        self._taken: deque[float] = deque(maxlen=config.max_per_minute)
        self._queue: queue.Queue[Record | None] = queue.Queue(WAITING)
        health.report("record", "ok", f"keeps frames in {config.folder}")
        # daemon: a disk that never answers must not keep the process alive
        self._thread = threading.Thread(target=self._write, name="record", daemon=True)
        self._thread.start()

    def see(self, read_frame: ReadFrame) -> None:
        """Keep the frame if it shows what was not kept yet."""
        key = tuple(sorted(Counter(reject.reason for reject in read_frame.reading.asked).items()))
        if key != self._key:
            self._key, self._since_ns = key, read_frame.frame.scene_ns
        if read_frame.stable is not self._stable:
            self._stable = read_frame.stable
            self._seen = {key}
            self._keep(read_frame)
        elif key not in self._seen and read_frame.frame.scene_ns - self._since_ns >= self._still_ns:
            self._seen.add(key)
            self._keep(read_frame)

    def close(self) -> None:
        """Write what waits, within `CLOSE_S`."""
        if self._thread.is_alive():
            try:
                self._queue.put(None, timeout=CLOSE_S)
            except queue.Full:
                return
            self._thread.join(CLOSE_S)

    def _keep(self, read_frame: ReadFrame) -> None:
        now = time.monotonic()
        if len(self._taken) == self._taken.maxlen and now - self._taken[0] < MINUTE_S:
            return
        age_s = (time.monotonic_ns() - read_frame.frame.time_ns) / 1e9
        captured = datetime.fromtimestamp(time.time() - age_s, UTC)
        text = read_frame.stable.reading.text if read_frame.stable else ""
        try:
            self._queue.put_nowait(
                Record(read_frame.frame.image, read_frame.reading, text, captured, read_frame.frame.sequence)
            )
        except queue.Full:
            self.dropped += 1
            self._health.report("record", "note", "the disk is slow: some frames are not kept")
        else:
            self._taken.append(now)

    def _write(self) -> None:
        waiting: Record | None = None
        self._deal(None)
        while True:
            try:
                newer = self._queue.get(timeout=RETRY_S if waiting else FORGET_S)
            except queue.Empty:
                pass  # what the disk did not take is tried again
            else:
                if newer is None:
                    return
                waiting = newer
            if self._deal(waiting):
                waiting = None

    def _deal(self, record: Record | None) -> bool:
        """Write a frame, or only drop what is too old; whether the disk let it."""
        found = f"keeps frames in {self._folder.folder}"
        notes = []
        try:
            if record is None:
                self._folder.forget()
            elif not self._folder.keep(*entry_of(record)):
                notes.append("full of frames that were less sure than the newest ones")
            if doubt := self._folder.doubt:
                notes.append(doubt)
        except OutputError as error:
            self._health.report("record", "fault", str(error))
            return False
        self._health.report("record", "note" if notes else "ok", "; ".join(notes) or found)
        return True


def sureness(reading: Reading) -> float:
    """Tell how sure the network was where it was least sure, 0 to 1; 1 where it was asked nothing."""
    rejected = (float(reject.probabilities.max()) for reject in reading.asked if reject.probabilities is not None)
    return min([*(digit.confidence for digit in reading.digits), *rejected], default=1.0)


def percent(share: float) -> int:
    """Round down, so that only certainty is 100."""
    return math.floor(100 * share)


def entry_of(record: Record) -> tuple[str, datetime, int, dict[str, bytes]]:
    """Give what is kept of it: label, time, sureness, files."""
    text = "+".join(map(_in_a_name, record.text.split()))[:LONGEST_TEXT] or "nothing"
    return text, record.time, percent(sureness(record.reading)), dict(files_of(record))


def files_of(record: Record) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each file of a record."""
    yield "frame.png", _png(record.image)
    found: Sequence[Digit | Reject] = [*record.reading.digits, *record.reading.asked]
    crops = {f"{number:02d}_{_verdict(one)}.png": one for number, one in enumerate(found)}
    for name, one in crops.items():
        if one.crop is not None:
            yield name, _png(one.crop)
    entry = to_wire(
        RecordedReading,
        record.reading,
        time=rfc3339(record.time),
        sequence=record.sequence,
        stable=record.text,
        crops={name: list(one.box) for name, one in crops.items()},
    )
    yield "reading.json", to_line(entry, indent=1).encode() + b"\n"


def _verdict(found: Digit | Reject) -> str:
    if isinstance(found, Digit):
        return f"read-{_in_a_name(found.label)}_{percent(found.confidence):03d}"
    return f"rejected-{re.sub(r'[^a-z]+', '-', found.reason.lower())}_{percent(found.confidence or 0.0):03d}"


def _png(image: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def _in_a_name(text: str) -> str:
    """Give a label as a file's name can have it: letters and digits as they are, others by their number."""
    return "".join(char if char.isalnum() else f"u{ord(char):04x}" for char in text)
