"""How soon and how steadily a live reading comes: rendered clips, read as the device reads its camera.

Time is the clip's own, frames by frame rate; how fast this machine reads has no part in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import pairwise

import numpy as np
from rich.console import Console
from rich.progress import Progress

from digitcam.config import Config, TrackConfig
from digitcam.reading import Reading
from digitcam.recognition.reader import Reader, open_reader
from digitcam.recognition.tracker import Tracker
from digitlab.pages.page import text_table
from digitlab.render.film import Take, film, stills
from digitlab.render.frame import random_lines
from digitlab.render.paper import CHALK, PAPERS, PENS

RATES = (5.0, 15.0, 30.0)  # frames a second
PAGES = 4  # in a clip, one of them empty
SECONDS = (1.5, 3.0)  # that a page is shown
NOISE = (1.0, 4.0)  # grey levels
NAMES = (
    "frames a second", "pages", "stable after s: median / 90 % / max", "empty after s: max", "exactly right",
    "flickers a still minute", "false readings while moving",
)  # fmt: skip

Event = tuple[int, str]  # in which frame which text was let through


@dataclass(frozen=True, slots=True)
class Clip:
    """What is shown, how many seconds each page, with how much noise; the same seed gives the same frames."""

    takes: tuple[Take, ...]
    seconds: tuple[float, ...]
    noise: float
    seed: int

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Clip":
        """Choose any paper, pen and size, and one page that is empty."""
        takes = []
        for _ in range(PAGES):
            paper = PAPERS[rng.integers(len(PAPERS))]
            pen = CHALK if paper.tone < CHALK.tone / 2 else PENS[rng.integers(len(PENS))]
            lines = int(rng.integers(1, 4))
            text = random_lines(rng, int(rng.integers(lines, 5 * lines + 1)), lines)
            takes.append(Take(text, paper, pen, float(rng.uniform(0.1, 0.2))))
        empty = rng.integers(PAGES)
        takes[empty] = replace(takes[empty], pen=replace(takes[empty].pen, strength=0))
        seconds = tuple(rng.uniform(*SECONDS, PAGES).tolist())
        return cls(tuple(takes), seconds, float(rng.uniform(*NOISE)), int(rng.integers(2**32)))

    def stops(self, fps: float) -> list[int]:
        """Give the frame in which each page begins to come, and the one after the last."""
        return [0, *(round(end * fps) for end in np.cumsum(self.seconds).tolist())]

    def read(self, reader: Reader, fps: float) -> list[Reading]:
        """Tell what stands in each frame by itself."""
        rng = np.random.default_rng(self.seed)
        return [reader.read(image) for image in film(rng, self.takes, self.stops(fps), fps, noise=self.noise)]

    def judge(self, events: Sequence[Event], fps: float) -> "Judged":
        """Compare what was let through with what was shown."""
        delays: list[float] = []
        empty_delays: list[float] = []
        flickers, right, still = 0, 0, stills(self.stops(fps), fps)
        for take, (first, end) in zip(self.takes, still, strict=True):
            before = [text for frame, text in events if frame < first]
            # what came while the page was still moving in counts from its first still frame
            here = [(first, before[-1])] if before and before[-1] == take.text else []
            here += [event for event in events if first <= event[0] < end]
            hits = [frame for frame, text in here if text == take.text]
            if hits:
                (delays if take.text else empty_delays).append((hits[0] - first) / fps)
            flickers += sum(text != take.text for _, text in here) + max(0, len(hits) - 1)
            right += bool(here) and here[-1][1] == take.text
        moving = sum(
            end <= frame < first and text not in {before.text, after.text}
            for (before, after), ((_, end), (first, _)) in zip(pairwise(self.takes), pairwise(still), strict=True)
            for frame, text in events
        )
        seconds = sum(end - first for first, end in still) / fps
        return Judged(len(self.takes), right, tuple(delays), tuple(empty_delays), flickers, moving, seconds)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was let through over clips of the same frame rate.

    Attributes:
        pages: how many were shown.
        right: over how many of them the last reading was exactly right.
        delays: seconds from each page's first still frame to its right reading, where that came.
        empty_delays: the same of empty pages.
        flickers: readings let through over a still page that are wrong, or come after the right one.
        moving: readings let through between two pages that are neither one's.
        seconds: for how long pages were still.
    """

    pages: int
    right: int
    delays: tuple[float, ...]
    empty_delays: tuple[float, ...]
    flickers: int
    moving: int
    seconds: float

    def __add__(self, other: "Judged") -> "Judged":
        return Judged(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def row(self, fps: float) -> list[str]:
        """Give the cells of `NAMES`."""
        return [
            f"{fps:.0f}",
            str(self.pages),
            _spread(self.delays),
            f"{max(self.empty_delays, default=float('nan')):.2f}",
            f"{100 * self.right / self.pages:.1f} %",
            f"{60 * self.flickers / self.seconds:.2f}",
            str(self.moving),
        ]


def follow(readings: Iterable[Reading], config: TrackConfig, fps: float) -> list[Event]:
    """Tell what the device's tracker lets through."""
    tracker = Tracker(config)
    stable = (tracker.update(reading, round(frame * 1e9 / fps)) for frame, reading in enumerate(readings))
    return [(frame, reading.text) for frame, reading in enumerate(stable) if reading]


def run(seed: int, clips: int) -> int:
    """Carry out `digitlab clips`: render, read, follow, judge, and print a table.

    Returns:
        The exit status, 0.

    Raises:
        ModelError: the shipped model cannot be read.
        RuntimeMissingError: no TFLite runtime works here.
    """
    config = Config()
    reader = open_reader(config)
    drawn = [Clip.random(rng) for rng in np.random.default_rng(seed).spawn(clips)]
    rows = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for fps in RATES:
            judged = [
                clip.judge(follow(clip.read(reader, fps), config.track, fps), fps)
                for clip in progress.track(drawn, description=f"{fps:.0f} frames a second")
            ]
            rows.append(sum(judged[1:], judged[0]).row(fps))
    print(text_table(NAMES, rows))
    return 0


def _spread(seconds: Sequence[float]) -> str:
    return " / ".join(f"{value:.2f}" for value in np.percentile(seconds, (50, 90, 100))) if seconds else "-"
