"""A 1 that is one bowed stroke is a 1 among digits, though a bracket looks the same."""

from dataclasses import replace

import numpy as np
import pytest

from digitcam import Reader
from digitcam.frame import Grey
from digitcam.labels import NO_DIGIT
from digitcam.recognition.normalize import BOX
from digitlab.crops.bar import bow, is_bar
from digitlab.crops.drawn import BARE, draw
from digitlab.data.augment import as_seen
from digitlab.render.marks import character
from digitlab.render.strokes import Writer
from digitlab.render.strokes import draw as write


def page(seed: int) -> Grey:
    """A page that says 00121, whose 1s are bare strokes, bowed."""
    rng = np.random.default_rng(seed)
    hand = replace(Writer.random(rng), styles=(BARE,) * 10)
    canvas = np.full((200, 420), 215, np.uint8)
    for column, digit in enumerate((0, 0, 1, 2, 1)):
        ink = write(digit, rng, 60.0, 5.0, hand)
        if digit == 1:
            ink = bow(ink, rng)
        height, width = ink.shape
        place = canvas[70 : 70 + height, 40 + 70 * column : 40 + 70 * column + width]
        place -= np.minimum(place, (0.75 * ink).astype(np.uint8))
    return canvas


def test_bowed_ones_are_read_among_digits() -> None:
    reader = Reader()
    texts = [reader.read(page(seed)).text for seed in range(20)]
    assert sum(text == "00121" for text in texts) >= 18


def test_a_bowed_stroke_is_as_tall_and_wider() -> None:
    stroke = np.full((40, 4), 255, np.uint8)
    for seed in range(20):
        bowed = bow(stroke, np.random.default_rng(seed))
        assert bowed.shape[0] == 40
        assert bowed.shape[1] > 4
        assert bowed.sum(axis=1) == pytest.approx(np.full(40, stroke[0].sum()), rel=0.01)


def test_a_bare_stroke_is_told_from_what_is_none() -> None:
    rng = np.random.default_rng(1)
    hand = replace(Writer.random(rng), styles=(BARE,) * 10)
    strokes = as_seen((write(1, rng, 2.0 * BOX, 4.0, hand) for _ in range(40)), 40)
    assert is_bar(strokes).all()
    letters = as_seen((character(letter, rng, 2.0 * BOX, 4.0) for letter in "AEFHKXhm&*" * 4), 40)
    assert not is_bar(letters).any()


def test_no_drawn_bar_is_called_none() -> None:
    crops = draw(1000, seed=3)
    none = crops.labels == NO_DIGIT
    assert none.sum() > 200
    assert not is_bar(crops.images[none]).any()
    assert is_bar(crops.images[crops.labels == 1]).sum() > 100
