"""Readings over time -> one stable reading."""

from collections import Counter, deque

from digitcam.config import TrackConfig
from digitcam.reading import Reading


class Tracker:
    """Lets a reading through when enough of the newest frames agree on a text that is not the last one let through."""

    def __init__(self, config: TrackConfig) -> None:
        self._agree = config.agree
        self._newest: deque[Reading] = deque(maxlen=config.window)
        # None: nothing was let through yet, so that even an empty first reading is news
        self._stable: str | None = None

    def update(self, reading: Reading) -> Reading | None:
        """Take the reading of the next frame.

        Returns:
            `reading` when its text became the stable one, which it also does by becoming empty; else None.
        """
        self._newest.append(reading)
        votes = sum(earlier.text == reading.text for earlier in self._newest)
        return self._settle(reading) if votes >= self._agree else None

    def finish(self) -> Reading | None:
        """Take the end of the source.

        A source of fewer frames than the window, one picture above all, may end before enough frames could agree.
        Then most frames decide, and among equals the newest.

        Returns:
            The newest reading of the text that won, when that is not the stable one already; else None.
        """
        if not self._newest or len(self._newest) == self._newest.maxlen:
            return None
        # a Counter lists equals in the order in which it met them
        newest_first = list(reversed(self._newest))
        ((text, _),) = Counter(reading.text for reading in newest_first).most_common(1)
        return self._settle(next(reading for reading in newest_first if reading.text == text))

    def _settle(self, reading: Reading) -> Reading | None:
        if reading.text == self._stable:
            return None
        self._stable = reading.text
        return reading
