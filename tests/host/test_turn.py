"""Rendered pages are read whichever way up they lie; `-s` shows how many."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from digitcam.config import Config
from digitcam.reader import AnyReader, open_reader
from digitcam.turn import LEAST, rotated, rotated_back
from digitlab.conditions import CONDITIONS, render_scene
from digitlab.render import random_lines, render_frame

SIDES = (0, 90, 180, 270)
EACH = 4  # scenes of a condition
# those that the rules were measured on; what came later, they turn as it happens
MEASURED = CONDITIONS[: CONDITIONS.index("upside-down")]
NOT_READ = {"empty", "text", "large", "turned"}  # nothing to read, too few digits, or turned already


@pytest.fixture(scope="module")
def reader() -> AnyReader:
    return open_reader(Config())


@pytest.mark.parametrize("condition", sorted(set(MEASURED) - {"turned"}))
def test_an_upright_page_is_never_turned(reader: AnyReader, condition: str) -> None:
    for seed in range(EACH):
        assert reader.read(render_scene(np.random.default_rng(seed), condition).image).turn == 0


@pytest.mark.parametrize("digit", range(10))
def test_a_single_digit_is_never_turned(reader: AnyReader, digit: int) -> None:
    image = render_frame(np.random.default_rng(digit), lines=(str(digit),)).image
    assert [reader.read(rotated(image, lies)).turn for lies in SIDES] == [0, 0, 0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_a_page_on_its_side_is_read_as_the_upright_one(reader: AnyReader, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = render_frame(rng, lines=random_lines(rng, 12, 3)).image
    upright = reader.read(image)
    assert upright.turn == 0
    for lies in SIDES[1:]:
        lying = rotated(image, lies)
        reading = reader.read(lying)
        assert (reading.turn, reading.text) == (360 - lies, upright.text)
        assert [rotated_back(d.box, lies, lying.shape) for d in reading.digits] == [d.box for d in upright.digits]


def test_most_pages_on_their_side_are_turned_and_none_the_wrong_way(reader: AnyReader) -> None:
    turns: Counter[str] = Counter()
    for condition, seed in product(sorted(set(MEASURED) - NOT_READ), range(EACH)):
        rendered = render_scene(np.random.default_rng(seed), condition)
        if len(rendered.labels) < LEAST:
            continue
        for lies in SIDES[1:]:
            turn = reader.read(rotated(rendered.image, lies)).turn
            turns["right" if turn == 360 - lies else "wrong" if turn else "none"] += 1
    print(f"\npages on their side: {turns.total()}, {dict(turns)}")
    assert turns["right"] > 0.8 * turns.total(), turns
    assert turns["wrong"] == 0, turns
