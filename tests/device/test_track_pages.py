"""Whatever pages are shown, for however long and at whatever rate: what is let through stands there.

`make fuzz` tries ten thousand sequences of pages, a test run some hundred.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, groupby
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.device.drawn import EXAMPLES, fuzzed
from tests.device.readings import CROP, SIZE, reading_of, row

from digitcam.config import TrackConfig
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.recognition.tracker import Tracker

sequences = settings(fuzzed, max_examples=5 * EXAMPLES // 2)

CONFIG = TrackConfig()
LEAST = 0.6  # confidence of what is read
AMONG = 4  # frames in a row, of which one may be spoilt
LONG_FRAMES = 2 * AMONG  # a page seen in so many, and for long enough, is let through whatever one of them says
ROUNDING = 0.002  # seconds


class Page(NamedTuple):
    """What is shown, and where."""

    text: str
    at: tuple[int, int]
    sure: float

    def reading(self) -> Reading:
        return reading_of(self.text, at=self.at, sure=self.sure)

    def spots(self) -> frozenset[tuple[int, int, int]]:
        """Its digits with their places; a little off is the same place."""
        boxes = ((digit.digit, digit.box) for digit in self.reading().digits)
        return frozenset((digit, round(box.x / SIZE), round(box.y / SIZE)) for digit, box in boxes)


class Span(NamedTuple):
    """A page and in how many frames it is seen."""

    page: Page
    frames: int


class Fault(NamedTuple):
    """What spoils a frame: so many frames after the last, which digit, by how much."""

    after: int
    kind: str
    which: int
    by: int


texts = st.lists(st.text("0123456789", min_size=1, max_size=4), max_size=3).map("\n".join)
# where the page before lay, a little off, a digit further, or elsewhere
places = st.sampled_from([(0, 0), (0, 0), (6, 4), (SIZE, 0), (417, 331)])
pages = st.builds(Page, texts, places, st.floats(LEAST, 1))
rates = st.integers(1, 60) | st.floats(1, 60)
faults = st.lists(
    st.builds(
        Fault,
        st.integers(AMONG, 3 * AMONG),
        st.sampled_from(["misread", "missed", "unsure", "blank", "speck"]),
        st.integers(0, 11),
        st.integers(1, 9),
    ),
    max_size=40,
)


def films(least: int) -> st.SearchStrategy[tuple[float, list[Span]]]:
    """Frames a second, and pages, each seen in so many frames at least."""
    spans = st.lists(st.tuples(pages, st.floats(0, 1.4)), min_size=1, max_size=6)
    return st.tuples(rates, spans).map(
        lambda drawn: (drawn[0], [Span(page, max(least, round(seconds * drawn[0]))) for page, seconds in drawn[1]])
    )


def let_through(readings: Sequence[Reading], fps: float) -> list[Reading | None]:
    tracker = Tracker(CONFIG)
    return [tracker.update(reading, round(number * 1e9 / fps)) for number, reading in enumerate(readings)]


def spoilt(reading: Reading, fault: Fault) -> Reading:
    """What a reader might make of the same frame in bad light."""
    digits = list(reading.digits)
    if fault.kind == "speck":
        return replace(reading, digits=[*digits, Digit("7", LEAST, row(7, LEAST)[:10], Box(900, 10, 20, 30), CROP, 0)])
    if fault.kind == "blank" or not digits:
        return replace(reading, digits=[])
    digit = digits.pop(which := fault.which % len(digits))
    if fault.kind == "misread":
        wrong = (digit.digit + fault.by) % 10
        digits.insert(which, replace(digit, label=str(wrong), probabilities=row(wrong, digit.confidence)[:10]))
    if fault.kind == "unsure":
        unsure = Reject(digit.box, "not sure enough", 0.5, CROP, row(digit.digit, 0.5))
        return replace(reading, digits=digits, rejected=[unsure])
    return replace(reading, digits=digits)


def assert_stands(told: Reading, page: Page, frame: Reading) -> None:
    """Text, digits and boxes are what the page says and what this very frame shows."""
    assert told.text == page.text
    assert [(digit.digit, digit.box, digit.line) for digit in told.digits] == [
        (digit.digit, digit.box, digit.line) for digit in frame.digits
    ]
    assert all(digit.confidence == digit.probabilities[digit.digit] > LEAST - 1e-6 for digit in told.digits)
    assert told.rejected == frame.rejected


@sequences
@given(films(least=2))
def test_a_page_is_let_through_once_when_it_held_still_for_long_enough_and_else_never(
    film: tuple[float, list[Span]],
) -> None:
    fps, spans = film
    shown = [page for page, frames in spans for _ in range(frames)]
    told = let_through([page.reading() for page in shown], fps)
    stable: str | None = None
    seen: frozenset[tuple[int, int, int]] = frozenset()
    for spots, same in groupby(enumerate(shown), key=lambda numbered: numbered[1].spots()):
        numbers = [number for number, _ in same]
        text, held = shown[numbers[0]].text, len(numbers) / fps
        here = [(number, reading) for number in numbers if (reading := told[number])]
        for number, reading in here:
            assert_stands(reading, shown[number], shown[number].reading())
        # what is only gone may be hidden, and settles later than what is new
        wait = CONFIG.settle if spots - seen else CONFIG.window + 1 / fps
        if text == stable or len(numbers) < CONFIG.frames or held < CONFIG.settle - ROUNDING:
            assert here == []
        elif held >= wait:
            assert len(here) == 1
        assert len(here) <= 1
        stable = text if here else stable
        seen |= spots


SINGLE_FRAMES = [Span(Page("", (0, 0), 1), 7), Span(Page("0", (40, 0), 1), 1), Span(Page("0", (0, 0), 1), 13)]
ONCE_MORE_GONE = [Span(Page("0", (0, 0), 1), 22), Span(Page("", (0, 0), 1), 10), Span(Page("0", (0, 0), 1), 20)]


@sequences
@given(films(least=1), faults)
@example((20, ONCE_MORE_GONE), [Fault(33, "missed", 0, 1)])
@example((13, SINGLE_FRAMES), [Fault(9, "missed", 0, 1)])
def test_single_frames_that_are_misread_change_nothing(film: tuple[float, list[Span]], faults: list[Fault]) -> None:
    fps, spans = film
    shown = [page for page, frames in spans for _ in range(frames)]
    readings = [page.reading() for page in shown]
    for number, fault in zip(accumulate(fault.after for fault in faults), faults, strict=True):
        if number < len(readings):
            readings[number] = spoilt(readings[number], fault)
            # nobody can tell it from a page before then, if every page since was a single frame, as spoilt ones are
            for before in range(number - 1, -1, -1):
                if readings[number].text == shown[before].text:
                    shown[before + 1 : number + 1] = [shown[before]] * (number - before)
                    break
                if shown[before] == shown[before - 1]:
                    break
    told = let_through(readings, fps)
    stable: str | None = None
    for _, same in groupby(enumerate(shown), key=lambda numbered: numbered[1].spots()):
        numbers = [number for number, _ in same]
        text, held = shown[numbers[0]].text, (len(numbers) - AMONG) / fps
        here = [(number, reading) for number in numbers if (reading := told[number])]
        for number, reading in here:
            assert_stands(reading, shown[number], readings[number])
        if text != stable and len(numbers) >= LONG_FRAMES and held >= CONFIG.window:
            assert len(here) == 1
        assert len(here) <= (text != stable)
        stable = text if here else stable
