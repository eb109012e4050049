import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from tests.device.readings import CROP, reading_of, row

from digitcam.cameras.recorded.clip import open_clip
from digitcam.config import Config, TrackConfig
from digitcam.reading import Reading, Reject
from digitcam.recognition.reader import open_reader
from digitcam.recognition.tracker import Tracker

RATES = [5, 15, 30]
Let = list[tuple[float, str]]


def let_through(readings: Sequence[Reading], fps: float = 30, config: TrackConfig | None = None) -> Let:
    """When, in seconds from the first frame, which text is let through."""
    tracker = Tracker(config or TrackConfig())
    stable = [tracker.update(reading, round(frame * 1e9 / fps)) for frame, reading in enumerate(readings)]
    return [(frame / fps, reading.text) for frame, reading in enumerate(stable) if reading]


def texts(readings: Sequence[Reading], fps: float = 30) -> list[str]:
    return [text for _, text in let_through(readings, fps)]


def shown(fps: float, *spans: tuple[str, float]) -> list[Reading]:
    """Each text for so many seconds."""
    return [reading_of(text) for text, seconds in spans for _ in range(round(seconds * fps))]


# on readings made up for the purpose


@pytest.mark.parametrize("fps", RATES)
def test_a_text_is_let_through_once_within_half_a_second(fps: int) -> None:
    ((seconds, text),) = let_through(shown(fps, ("12\n345", 3)), fps)
    assert text == "12\n345"
    assert 0.2 <= seconds <= 0.5


@pytest.mark.parametrize("fps", RATES)
def test_a_page_put_in_place_of_another_is_read_within_half_a_second(fps: int) -> None:
    (_, first), (seconds, second) = let_through(shown(fps, ("1234", 2), ("5678", 2)), fps)
    assert (first, second) == ("1234", "5678")
    assert seconds - 2 <= 0.5


@pytest.mark.parametrize("fps", [*RATES, 60])
@pytest.mark.parametrize(
    ("at", "zoom", "text"),
    [((20, 30), 1, "9876\n543"), ((10, 15), 0.5, "77777\n88\n999"), ((0, 0), 2, "40"), ((70, 30), 1, "9")],
    ids=["elsewhere", "smaller", "larger", "fewer"],
)
def test_no_mixture_of_two_pages_is_let_through(at: tuple[float, float], zoom: float, text: str, fps: int) -> None:
    after = [reading_of(text, at=at, zoom=zoom)] * 2 * fps
    (_, first), (seconds, second) = let_through(shown(fps, ("1234\n567", 2)) + after, fps)
    assert (first, second) == ("1234\n567", text)
    assert seconds - 2 <= 0.5


def test_frames_may_come_as_irregularly_as_they_like() -> None:
    gaps = np.random.default_rng(1).uniform(0.02, 0.2, 60)
    times = np.cumsum(gaps)
    half = times[30]
    tracker = Tracker(TrackConfig())
    let = []
    for time in times:
        reading = tracker.update(reading_of("123" if time < half else "45"), round(time * 1e9))
        let += [(time, reading.text)] if reading else []
    (_, first), (seconds, second) = let
    assert (first, second) == ("123", "45")
    assert seconds - half <= 0.5


@pytest.mark.parametrize("fps", RATES)
def test_a_short_way_between_two_pages_is_no_news(fps: int) -> None:
    (_, first), (seconds, second) = let_through(shown(fps, ("31", 2), ("", 0.4), ("42", 2)), fps)
    assert (first, second) == ("31", "42")
    assert seconds - 2.4 <= 0.5


@pytest.mark.parametrize("fps", RATES)
def test_a_page_that_is_emptied_is_news_within_a_second_and_a_half(fps: int) -> None:
    (_, first), (seconds, second) = let_through(shown(fps, ("31", 2), ("", 2)), fps)
    assert (first, second) == ("31", "")
    assert seconds - 2 <= 1.5


def test_an_empty_page_at_the_start_is_news() -> None:
    assert texts(shown(30, ("", 2))) == [""]


@pytest.mark.parametrize("wrong", ["19345678", "12.45678", "?2345678", "12345678\n9"])
def test_a_frame_in_four_that_is_misread_changes_nothing(wrong: str) -> None:
    readings = [reading_of(wrong if frame % 4 == 2 else "12345678") for frame in range(90)]
    assert texts(readings) == ["12345678"]


def test_many_digits_that_are_misread_by_turns_settle_all_the_same() -> None:
    text = "0123456789"
    readings = [
        reading_of("".join("7" if (column + 3 * frame) % 10 < 2 else text[column] for column in range(10)))
        for frame in range(60)
    ]
    assert all(reading.text != text for reading in readings)
    ((seconds, stable),) = let_through(readings)
    assert stable == text
    assert seconds <= 0.5


def test_a_digit_between_two_classes_keeps_the_one_it_was_read_as() -> None:
    readings = [reading_of("4", sure=0.8)] * 15 + [reading_of("49"[frame % 2], sure=0.8) for frame in range(60)]
    assert texts(readings) == ["4"]


def test_what_is_a_digit_in_every_other_frame_and_hardly_sure_then_is_none() -> None:
    readings = [reading_of("12\n7" if frame % 2 else "12", sure=0.6) for frame in range(60)]
    assert texts(readings) == ["12"]


def unsure_of(reading: Reading, sure: float) -> Reading:
    """The same where the last digit is rejected, though it is the likeliest there."""
    *digits, last = reading.digits
    unsure = Reject(last.box, "not sure enough", sure, CROP, row(last.digit, sure))
    return replace(reading, digits=digits, rejected=[unsure])


def test_a_scratch_that_is_just_sure_enough_in_one_frame_is_no_digit() -> None:
    scratch = reading_of("12\n7", sure=0.61)
    assert texts([scratch if frame == 3 else unsure_of(scratch, 0.58) for frame in range(90)]) == ["12"]


def test_a_digit_that_is_a_little_less_sure_now_and_then_stays() -> None:
    page = reading_of("12\n7", sure=0.65)
    assert texts([unsure_of(page, 0.58) if frame % 30 > 20 else page for frame in range(120)]) == ["12\n7"]


def test_specks_that_are_read_in_a_few_frames_of_an_empty_page_are_no_news() -> None:
    specks = {30, 31, 32, 34, 36, 50, 51, 53, 54, 70, 71, 72}
    assert texts([reading_of("7" if frame in specks else "") for frame in range(90)]) == [""]


def test_a_digit_that_is_seen_in_most_frames_only_settles_later_and_blocks_nothing() -> None:
    readings = [reading_of("123" if frame % 5 in {0, 2, 3} else "12") for frame in range(60)]
    ((seconds, text),) = let_through(readings)
    assert text == "123"
    assert seconds <= 1.0


def test_a_digit_that_is_seen_only_now_and_then_is_gone() -> None:
    readings = [reading_of("123" if frame < 30 or frame % 5 == 0 else "12") for frame in range(90)]
    assert texts(readings) == ["123", "12"]


def test_a_digit_of_another_size_in_the_same_place_is_another_one() -> None:
    small, large = reading_of("3"), reading_of("8", at=(-12, -20), zoom=2)
    (_, first), (seconds, second) = let_through([small] * 30 + [large] * 30)
    assert (first, second) == ("3", "8")
    # without waiting for what the small one was to be outvoted
    assert seconds - 1 <= 0.4


def test_the_page_before_takes_nothing_from_the_confidence() -> None:
    tracker = Tracker(TrackConfig())
    readings = shown(30, ("3", 1), ("", 0.1), ("8", 1))
    stable = [r for frame, reading in enumerate(readings) if (r := tracker.update(reading, frame * 33_333_333))]
    assert [reading.text for reading in stable] == ["3", "8"]
    assert stable[1].digits[0].confidence == pytest.approx(0.9)


def test_a_digit_that_is_written_while_one_looks_joins_the_reading() -> None:
    assert texts(shown(30, ("12.", 1), ("123", 1))) == ["12", "123"]


@pytest.mark.parametrize("fps", RATES)
def test_what_a_higher_threshold_rejects_is_gone_once_it_is_forgotten_and_the_rest_stays(fps: int) -> None:
    page = reading_of("12")
    rejected = [Reject(d.box, "not sure enough", d.confidence, CROP, row(d.digit)) for d in page.digits[1:]]
    stricter = replace(page, digits=page.digits[:1], rejected=rejected)
    tracker, let = Tracker(TrackConfig()), []
    for frame, reading in enumerate([page] * fps + [stricter] * 2 * fps):
        if frame == fps:
            tracker.forget()
        let.append(tracker.update(reading, round(frame * 1e9 / fps)))
    assert [reading.text for reading in let if reading] == ["12", "1"]


def test_a_hand_before_the_page_for_a_moment_is_no_news() -> None:
    assert texts(shown(30, ("1234", 1), ("12..", 0.25), ("1234", 1))) == ["1234"]


def test_digits_are_followed_as_the_camera_sways_and_comes_nearer() -> None:
    wave = np.sin(np.arange(90) / 10)
    readings = [
        reading_of("111\n171", at=(100 + 120 * w, 80 - 60 * w), zoom=1 + 0.3 * w, sure=0.6 + 0.3 * abs(w)) for w in wave
    ]
    assert texts(readings) == ["111\n171"]


def test_what_moves_fast_is_not_let_through_until_it_stops() -> None:
    moving = [reading_of("58", at=(12.0 * frame, 0)) for frame in range(30)]
    ((seconds, text),) = let_through(moving + [reading_of("58", at=(348, 0))] * 15)
    assert text == "58"
    assert seconds >= 1.0


def test_digits_that_never_hold_still_are_never_let_through() -> None:
    readings = [reading_of(str(frame % 10), at=(97.0 * (frame % 7), 0)) for frame in range(60)]
    assert texts(readings) == []


def test_the_reading_let_through_is_the_newest_frames_with_steadied_probabilities() -> None:
    tracker = Tracker(TrackConfig())
    frames = [reading_of("4", at=(frame, 0), sure=0.6 + 0.02 * frame) for frame in range(9)]
    stable = [(frame, tracker.update(frame, number * 33_333_333)) for number, frame in enumerate(frames)]
    ((newest, reading),) = [(frame, reading) for frame, reading in stable if reading]
    (digit,) = reading.digits
    assert digit.box == newest.digits[0].box
    assert digit.confidence == digit.probabilities[4]
    assert 0.6 < digit.confidence < newest.digits[0].confidence
    assert digit.probabilities.dtype == np.float32
    assert digit.probabilities.shape == (10,)


def test_a_digit_missed_in_the_newest_frame_is_not_listed_as_rejected_too() -> None:
    tracker = Tracker(TrackConfig())
    readings = [reading_of("12" if frame < 8 else "1?") for frame in range(9)]
    (stable,) = [r for n, reading in enumerate(readings) if (r := tracker.update(reading, n * 33_333_333))]
    assert stable.text == "12"
    assert stable.rejected == []


def test_with_no_time_to_settle_every_change_is_let_through() -> None:
    config = TrackConfig(window=0, settle=0, frames=1)
    readings = [reading_of(text) for text in ("1", "1", "2", "", "3")]
    assert [text for _, text in let_through(readings, config=config)] == ["1", "2", "", "3"]


@pytest.mark.parametrize(
    ("given", "last"),
    [
        pytest.param([], None, id="no frame"),
        pytest.param(["42"], "42", id="one picture"),
        pytest.param([""], "", id="one empty picture"),
        pytest.param(["1", "2"], "2", id="the newest of two"),
        pytest.param(["1"] * 20, None, id="already let through"),
        pytest.param(["1", "", "23", "", "4"] * 8, None, id="long and never still"),
    ],
)
def test_the_end_of_a_source_too_short_to_settle_gives_its_newest_reading(given: list[str], last: str | None) -> None:
    tracker = Tracker(TrackConfig())
    for frame, text in enumerate(given):
        tracker.update(reading_of(text), frame * 33_333_333)
    reading = tracker.finish()
    assert (None if reading is None else reading.text) == last


# what stands while it is let through


def standing(readings: Sequence[Reading], fps: float) -> list[str]:
    """What is let through, each time what the frame says that it comes with."""
    tracker, let = Tracker(TrackConfig()), []
    for frame, reading in enumerate(readings):
        if told := tracker.update(reading, round(frame * 1e9 / fps)):
            assert told.text == reading.text
            let.append(told.text)
    return let


@pytest.mark.parametrize("fps", [12, 15, 24, 30, 60])
def test_every_value_of_a_counter_is_let_through_while_it_stands(fps: int) -> None:
    counter = [f"{number:05}" for number in range(118, 140)]
    frames = -(-fps // 4)  # in which it holds still for as long as it must
    assert standing([reading_of(value) for value in counter for _ in range(frames)], fps) == counter


@pytest.mark.parametrize(("fps", "frames"), [(1, 1), (1, 2), (5, 2), (30, 1), (30, 2), (30, 7), (60, 14)])
def test_a_counter_that_is_too_fast_gives_nothing(fps: int, frames: int) -> None:
    assert standing([reading_of(f"{number:05}") for number in range(118, 140) for _ in range(frames)], fps) == []


def test_a_page_that_is_turned_just_after_the_start_is_not_let_through() -> None:
    assert standing(shown(30, ("1234\n567", 0.2), ("89", 1)), 30) == ["89"]


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("flickers", [False, True], ids=["steady", "flickering"])
def test_the_order_of_a_page_that_does_not_lie_upright_is_kept(turn: int, flickers: bool) -> None:  # noqa: FBT001
    text, readings = "12345\n67890", []
    for frame in range(60):
        page = reading_of(text, at=(100, 100))
        lying = [replace(digit, box=digit.box.turned(4 - turn // 90, (400, 400))) for digit in page.digits]
        if flickers:
            # another two of them in each frame
            lying = [digit for number, digit in enumerate(lying) if (number + 3 * frame) % 10 > 1]
        readings.append(replace(page, digits=lying, turn=turn))
    tracker = Tracker(TrackConfig())
    (told,) = [r for frame, reading in enumerate(readings) if (r := tracker.update(reading, frame * 33_333_333))]
    assert (told.text, told.turn) == (text, turn)


# on the shipped clip, read as it is and with frames left out


@pytest.fixture(scope="module")
def demo() -> tuple[list[Reading], list[dict[str, int | str]], float]:
    """What stands in each of its frames, its pages, and its frames a second."""
    samples = Path(str(files("digitcam"))) / "samples"
    truth = json.loads((samples / "demo.json").read_text())
    reader = open_reader(Config())
    with open_clip(samples / "demo.mp4") as camera:
        frames = iter(camera.read, None)
        return [reader.read(frame.image) for frame in frames], truth["pages"], truth["fps"]


@pytest.mark.parametrize("every", [1, 2, 3])
def test_each_page_of_the_clip_is_let_through_once_within_half_a_second(
    every: int, demo: tuple[list[Reading], list[dict[str, int | str]], float]
) -> None:
    readings, pages, fps = demo
    let = let_through(readings[::every], fps / every)
    assert [text for _, text in let] == [page["text"] for page in pages]
    assert all(seconds - int(page["from"]) / fps <= 0.5 for (seconds, _), page in zip(let, pages, strict=True))
