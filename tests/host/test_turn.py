"""Rendered pages are read whichever way up they lie; `-s` shows how many."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from digitcam.config import Config
from digitcam.frame import Grey
from digitcam.recognition.reader import Reader, open_reader
from digitlab.render.conditions import CONDITIONS, WITHOUT_DIGITS, render_condition
from digitlab.render.frame import random_lines, render_frame

QUARTERS = 0, 1, 2, 3  # counterclockwise
EACH = 4  # scenes of a condition
LEAST = 4  # digits, of which most tell which way up they are
TURNED = {condition for condition in CONDITIONS if condition.startswith("turned") or condition == "upside-down"}
NOT_READ = {*WITHOUT_DIGITS, "large", *TURNED}  # nothing to read, too few digits, or turned already


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(Config())


def turned(image: Grey, quarters: int) -> Grey:
    return np.ascontiguousarray(np.rot90(image, quarters))


@pytest.mark.parametrize("condition", sorted(set(CONDITIONS) - NOT_READ))
def test_an_upright_page_is_hardly_ever_turned(reader: Reader, condition: str) -> None:
    turns = [reader.read(render_condition(np.random.default_rng(seed), condition).image).turn for seed in range(EACH)]
    assert sum(turn != 0 for turn in turns) <= EACH // 4


@pytest.mark.parametrize("seed", range(6))
def test_a_page_on_its_side_is_read_as_the_upright_one(reader: Reader, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = render_frame(rng, lines=random_lines(rng, 12, 3)).image
    upright = reader.read(image)
    assert upright.turn == 0
    for quarters in QUARTERS[1:]:
        reading = reader.read(turned(image, quarters))
        assert reading.turn == 90 * quarters
        assert Levenshtein.distance(upright.text, reading.text) <= 1  # it is another picture to the networks


def test_most_pages_on_their_side_are_turned_and_hardly_any_the_wrong_way(reader: Reader) -> None:
    turns: Counter[str] = Counter()
    for condition, seed in product(sorted(set(CONDITIONS) - NOT_READ), range(EACH)):
        rendered = render_condition(np.random.default_rng(seed), condition)
        if len(rendered.labels) < LEAST:
            continue
        quarters = 1 + seed % 3
        turn = reader.read(turned(rendered.image, quarters)).turn
        turns["right" if turn == 90 * quarters else "wrong" if turn else "none"] += 1
    print(f"\npages on their side: {turns.total()}, {dict(turns)}")
    assert turns["right"] > 0.8 * turns.total(), turns
    assert turns["wrong"] <= 0.02 * turns.total(), turns
