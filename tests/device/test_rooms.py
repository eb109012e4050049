"""A picture's way through reading: each room is entered once, and not again when it was left."""

from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from tests.device.test_strokes import heavy
from tests.device.tracing import Call, traced

from digitcam.config import Config, ModelConfig
from digitcam.frame import Grey
from digitcam.pictures.image_file import load
from digitcam.recognition.adoption.shipped import SAMPLES
from digitcam.recognition.reader import open_reader

READER = "digitcam.recognition.reader"
# What is handed from room to room: asking it for a part of itself enters no room.
PASSED = {
    "digitcam.recognition.look.Pyramid",  # the picture in all its sizes, of which search, crop and edges take parts
    "digitcam.recognition.look.Look",  # such a part, as the finder is shown it
    "digitcam.recognition.finder.Found",  # what was found, of which each stage takes those that it goes on with
    "digitcam.reading.Box",  # where something stands
    "digitcam.labels.Labels",  # what can be read
    "digitcam.recognition.stopwatch.Stopwatch",  # how long each stage takes
}
PAGE = load(SAMPLES / "frame-1.png")
BROAD = np.full((1500, 2000), 225, np.uint8)  # a photograph, whose small digits are looked at more closely
BROAD[: PAGE.shape[0], : PAGE.shape[1]] = PAGE
PICTURES = {
    "as it lies": PAGE,
    "on its side": np.ascontiguousarray(np.rot90(PAGE)),
    "cut by the edge": np.ascontiguousarray(PAGE[:, PAGE.shape[1] // 4 :]),
    "a photograph": BROAD,
    "large, with bare strokes": heavy("74210"),
    "empty": np.full_like(PAGE, 200),
}


def assert_each_room_is_entered_once(calls: list[Call]) -> None:
    """From one other room only; and the reader goes through its own, one after another, and to none again."""
    entered_from: dict[str, set[str]] = {}
    for caller, callee, _ in calls:
        entered_from.setdefault(callee, set()).add(caller)
    assert {room: callers for room, callers in entered_from.items() if len(callers) > 1} == {}
    visits = [room for room, _ in groupby(callee for caller, callee, _ in calls if caller == READER)]
    assert visits == list(dict.fromkeys(visits))


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_reading_returns_to_no_room_that_it_left(picture: Grey) -> None:
    reader = open_reader(Config())
    with traced(PASSED) as calls:
        reader.read(picture)
    assert calls[0][:2] == ("", READER)
    assert_each_room_is_entered_once(calls)


def test_nor_does_it_for_labels_other_than_digits(tmp_path: Path) -> None:
    model = Path(ModelConfig().path)
    for suffix in (".tflite", ".json"):
        (tmp_path / f"mine{suffix}").write_bytes(model.with_suffix(suffix).read_bytes())
    (tmp_path / "mine.txt").write_text("\n".join([*"CDEFGHJKLM", "none"]))
    reader = open_reader(Config(model=ModelConfig(path=str(tmp_path / "mine.tflite"))))
    with traced(PASSED) as calls:
        assert reader.read(PAGE).digits
    assert_each_room_is_entered_once(calls)


def test_a_way_back_is_seen() -> None:
    there, back = Call("a", "b", []), Call("c", "b", [])
    with pytest.raises(AssertionError):
        assert_each_room_is_entered_once([Call("", "a", []), there, Call("a", "c", []), back])
    with pytest.raises(AssertionError):
        assert_each_room_is_entered_once([Call("", READER, []), *(Call(READER, room, []) for room in "aba")])
