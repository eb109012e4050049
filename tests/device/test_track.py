import numpy as np
import pytest

from digitcam.config import TrackConfig
from digitcam.reading import Box, Digit, Reading
from digitcam.track import Tracker


def reading_of(text: str) -> Reading:
    even, crop = np.full(10, 0.1, np.float32), np.zeros((28, 28), np.uint8)
    return Reading([Digit(int(character), 0.9, even, Box(0, 0, 9, 9), crop, 0) for character in text], [], {})


def stable_texts(texts: list[str], *, window: int = 5, agree: int = 3, finish: bool = False) -> list[str | None]:
    """What the tracker lets through after each text, None where it holds back, and what finish adds."""
    tracker = Tracker(TrackConfig(window=window, agree=agree))
    let_through = [tracker.update(reading_of(text)) for text in texts]
    if finish:
        let_through.append(tracker.finish())
    return [None if reading is None else reading.text for reading in let_through]


def test_a_text_is_let_through_once_when_enough_frames_agree() -> None:
    assert stable_texts(["12", "12", "12", "12"]) == [None, None, "12", None]


def test_one_misread_frame_changes_nothing() -> None:
    assert stable_texts(["12", "12", "12", "17", "12", "12"]) == [None, None, "12", None, None, None]


def test_agreeing_frames_need_not_be_neighbours() -> None:
    assert stable_texts(["12", "17", "12", "13", "12"]) == [None, None, None, None, "12"]


def test_frames_that_left_the_window_no_longer_vote() -> None:
    assert stable_texts(["12", "12", "1", "2", "3", "12", "12"]) == [None] * 7


def test_a_new_text_replaces_the_old_one_and_the_old_one_may_come_back() -> None:
    assert stable_texts(["1", "1", "2", "2", "1", "1"], window=2, agree=2) == [None, "1", None, "2", None, "1"]


def test_a_page_that_becomes_empty_is_news() -> None:
    assert stable_texts(["7", "7", "7", "", "", ""]) == [None, None, "7", None, None, ""]


def test_an_empty_page_at_the_start_is_news() -> None:
    assert stable_texts(["", "", "", ""]) == [None, None, "", None]


def test_the_reading_let_through_is_the_newest_one() -> None:
    tracker = Tracker(TrackConfig(window=2, agree=2))
    tracker.update(reading_of("4"))
    newest = reading_of("4")
    assert tracker.update(newest) is newest


def test_with_a_window_of_one_every_change_is_let_through() -> None:
    assert stable_texts(["1", "1", "2"], window=1, agree=1) == ["1", None, "2"]


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        pytest.param([], None, id="no frame"),
        pytest.param(["42"], "42", id="one picture"),
        pytest.param([""], "", id="one empty picture"),
        pytest.param(["1", "2", "2"], "2", id="most frames decide"),
        pytest.param(["1", "2"], "2", id="the newest among equals"),
        pytest.param(["1", "1", "1", "2"], None, id="already let through"),
        pytest.param(["1", "2", "3", "4", "5"], None, id="a full window that never agreed"),
        pytest.param(["1", "1", "1", "2", "2", "2"], None, id="a full window that agreed"),
    ],
)
def test_the_end_of_a_short_source_settles_what_most_frames_read(texts: list[str], last: str | None) -> None:
    assert stable_texts(texts, finish=True)[-1] == last
