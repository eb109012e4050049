import numpy as np
import pytest
from numpy.typing import NDArray

from digitlab.data.augment import as_seen, augment
from digitlab.render.strokes import draw_set


@pytest.fixture
def digits() -> NDArray[np.uint8]:
    pictures, _ = draw_set(50, np.random.default_rng(2), height=40)
    return as_seen(pictures, 50)


def test_the_same_seed_gives_the_same_crops(digits: NDArray[np.uint8]) -> None:
    first, again = (augment(digits, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, augment(digits, np.random.default_rng(4)))


def test_every_crop_is_as_the_device_makes_them(digits: NDArray[np.uint8]) -> None:
    crops = augment(digits, np.random.default_rng(3)).astype(np.float64)
    mass = crops.sum(axis=(1, 2))
    rows = (crops.sum(axis=2) @ np.arange(28)) / mass
    columns = (crops.sum(axis=1) @ np.arange(28)) / mass
    tall, wide = ((crops.max(axis=axis) > 0).sum(axis=1) for axis in (2, 1))
    assert np.abs(rows - 14).max() <= 1
    assert np.abs(columns - 14).max() <= 1
    assert np.maximum(tall, wide).max() <= 20
    assert crops.max(axis=(1, 2)).min() >= 250


def test_what_the_device_saw_stays_as_it_is(digits: NDArray[np.uint8]) -> None:
    changed = np.abs(as_seen(digits, len(digits)).astype(int) - digits)
    assert changed.mean() < 3


def test_crops_of_one_picture_vary(digits: NDArray[np.uint8]) -> None:
    crops = augment(np.repeat(digits[:1], 20, axis=0), np.random.default_rng(3))
    assert len({crop.tobytes() for crop in crops}) == 20


def test_the_thinnest_stroke_survives() -> None:
    hair = np.zeros((28, 28), np.uint8)
    hair[4:24, 14] = 255
    crops = augment(np.repeat(hair[None], 300, axis=0), np.random.default_rng(3))
    assert crops.max(axis=(1, 2)).min() > 200


def test_a_speck_that_would_fade_stays_as_it_is() -> None:
    speck = np.zeros((28, 28), np.uint8)
    speck[14, 4:24] = 90
    # one in two hundred of these would lose all of its ink
    assert augment(np.repeat(speck[None], 4000, axis=0), np.random.default_rng(0)).max(axis=(1, 2)).min() > 0
