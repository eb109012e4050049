"""Readings over time -> one stable reading.

Every digit is followed from frame to frame by its place. What single frames say otherwise of it counts for nothing;
what frames say otherwise one after the other is another page, and nothing from before it counts. What the newest frame
says is let through once every place has said so for long enough.
"""

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace

from digitcam.config import TrackConfig
from digitcam.frame import Frame, Origin
from digitcam.reading import QUARTER, Box, Reading
from digitcam.recognition import params
from digitcam.recognition.layout import order
from digitcam.recognition.place import NOTHING, Place, list_sights, match, measure_motion

ROUNDING = 0.001  # seconds: frames' times are rounded


class Tracker:
    """Lets a reading through when its text is not the one let through last, and holds still."""

    def __init__(self, config: TrackConfig) -> None:
        """Follow nothing yet."""
        self.config = config
        self._places: list[Place] = []
        self._newest: Reading | None = None
        self._taken = 0
        self._began = self._now = 0.0  # seconds
        # of the remembered frames: when, and by how many degrees they were turned
        self._times: deque[float] = deque()
        self._turns: deque[int] = deque()
        # since when what stands keeps its places and its order; what that is, where it came to a halt, how it reads
        self._still = -math.inf
        self._standing: dict[Place, str | None] = {}
        self._halt: list[Box] = []
        self._text = ""
        # None: nothing was let through yet, so that even an empty first reading is news
        self._stable: str | None = None
        self._picture: Origin | None = None  # the last one

    def update(self, reading: Reading, time_ns: int) -> Reading | None:
        """Take the reading of the next frame.

        Args:
            reading: what stands in the frame.
            time_ns: when it stood there, in nanoseconds from any moment.

        Returns:
            The reading with its digits' probabilities averaged over the frames that say the same, when their text
            became the stable one, which it also does by becoming empty; else None.
        """
        self._now = time_ns / 1e9
        self._began = self._began if self._taken else self._now
        self._newest = reading
        self._taken += 1
        self._remember(reading.turn)
        self._follow(reading)
        standing = [place for place in self._places if place.value is not None]
        read = {digit: place for place in standing for digit in place.read(1)}
        agrees = len(read) == len(standing) == len(reading.digits)
        self._hold(standing, reading.text if agrees else "")
        frames, late = self._settled(standing)
        if frames and agrees:
            digits = [replace(read[digit].digit(frames) or digit, line=digit.line) for digit in reading.digits]
            return self._settle(replace(reading, digits=digits))
        # on a page of many digits hardly a frame says the same of all
        if frames and late and 2 * len(read) > max(len(standing), len(reading.digits)):
            return self._settle(self._steadied(reading, standing, frames))
        return None

    def take(self, reading: Reading, frame: Frame) -> Reading | None:
        """Take what was read in a frame of any source: a picture is told as it was read.

        The very same picture once more, as a loop of one gives it, is told only if it is news.
        """
        again, self._picture = frame.origin == self._picture, frame.origin
        if frame.origin is None:
            return self.update(reading, frame.scene_ns)
        before, self._stable = self._stable, reading.text
        return reading if reading.text != before or not again else None

    def forget(self) -> None:
        """Follow every digit anew, as after a change of what is read; what was let through last stays so."""
        self._places.clear()
        self._times.clear()
        self._turns.clear()
        self._standing, self._halt, self._text, self._still = {}, [], "", -math.inf

    def finish(self) -> Reading | None:
        """Take the end of the source.

        Returns:
            The newest reading as it is when the source was too short for any to settle, as one picture is; else None.
        """
        short = self._now - self._began < self.config.settle or self._taken < self.config.frames
        return self._settle(self._newest) if self._newest and short and self._stable is None else None

    def _remember(self, turn: int) -> None:
        """Make room for the newest frame, and let go of those that have no say any more."""
        kept_s = max(self.config.window, self.config.settle) + self.config.settle
        while len(self._times) >= 2 * self.config.frames and self._times[1] <= self._now - kept_s:
            self._times.popleft()
            self._turns.popleft()
            for place in self._places:
                place.sights.popleft()
        self._times.append(self._now)
        self._turns.append(turn)

    def _follow(self, reading: Reading) -> None:
        """Give each place what the frame shows there, begin those that are new, drop those that are empty."""
        sights = list_sights(reading)
        seen = match([place.box for place in self._places], [found.box for _, found in sights if found])
        new = sorted(set(range(len(reading.digits))) - set(seen.values()))
        empty = [NOTHING] * (len(self._times) - 1)
        seen |= dict(enumerate(new, len(self._places)))
        self._places += [Place(reading.digits[i].box, deque(empty)) for i in new]
        for number, place in enumerate(self._places):
            sight = sights[seen[number]] if number in seen else NOTHING
            place.see(sight, self._times, self.config.frames // 2)
        self._places = [place for place in self._places if any(says is not None for says, _ in place.sights)]

    def _hold(self, standing: Sequence[Place], text: str) -> None:
        """Note when what stands moves, or is read in another order."""
        values, boxes = {place: place.value for place in standing}, [place.box for place in standing]
        if values != self._standing:
            # since when it stands, its places know
            self._standing, self._halt, self._text = values, boxes, text
        elif measure_motion(self._halt, boxes) >= params.STILL or (text and self._text not in {"", text}):
            self._still, self._halt, self._text = self._now, boxes, text
        self._text = text or self._text

    def _settled(self, standing: Sequence[Place]) -> tuple[int, bool]:
        """Count in how many newest frames every place said what it says: 0 where these are too few, or for too short.

        Returns:
            That, and whether it was so for `settle` longer than is asked for.
        """
        since = max([self._still, *(place.since for place in self._places)])
        frames = sum(time >= since for time in self._times)
        votes = {place: place.votes(frames) for place in self._places}
        # what was let through takes more to be taken back
        if frames < self.config.frames or any(
            said < self.config.frames or said <= (params.CLEAR if place.changed else 0.5) * frames
            for place, said in votes.items()
        ):
            return 0, False
        more = any(place.told != place.value for place in standing)
        clear = all(votes[place] >= params.CLEAR * frames for place in standing)
        held, wait = self._times[-1] - self._times[-frames], max(self.config.window, self.config.settle)
        # what is only gone may be hidden by a hand, or be about to be turned; anything else need not wait, and has been
        # there as long as each of its frames lasted
        if more and clear:
            held, wait = held * frames / max(1, frames - 1), self.config.settle
        held += ROUNDING
        return frames if held >= wait else 0, held >= wait + self.config.settle

    def _steadied(self, reading: Reading, standing: Sequence[Place], frames: int) -> Reading:
        """Make a reading of what so many newest frames say together, where the newest one by itself does not."""
        digits = [digit for place in standing if (digit := place.digit(frames))]
        ((turn, _),) = Counter(list(self._turns)[-frames:]).most_common(1)
        lines = order([digit.box for digit in digits], turn // QUARTER)
        ordered = [replace(digits[i], line=number) for number, line in enumerate(lines) for i in line]
        places = {place.box for place in standing}
        rejected = [reject for reject in reading.rejected if reject.box not in places]
        return replace(reading, digits=ordered, rejected=rejected, turn=turn)

    def _settle(self, reading: Reading) -> Reading | None:
        for place in self._places:
            place.told = place.value
        before, self._stable = self._stable, reading.text
        return reading if reading.text != before else None
