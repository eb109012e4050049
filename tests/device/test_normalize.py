"""Normalization is MNIST's own."""

import cv2
import numpy as np
import pytest

from digitcam.recognition.normalize import BOX, SIDE, normalize


def stroke(height: int, width: int, thickness: int = 8) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A grey L-shaped stroke that fills a picture."""
    ink = np.zeros((height, width), np.uint8)
    cv2.line(ink, (thickness // 2, 0), (thickness // 2, height - 1), (200,), thickness)
    cv2.line(ink, (0, height - thickness // 2 - 1), (width - 1, height - thickness // 2 - 1), (200,), thickness)
    return ink


@pytest.mark.parametrize(("height", "width"), [(100, 60), (60, 100), (15, 9), (700, 420)])
def test_the_longer_side_becomes_twenty_pixels_and_the_aspect_ratio_stays(height: int, width: int) -> None:
    crop = normalize(stroke(height, width, max(2, height // 10)))
    rows, columns = np.flatnonzero(crop.any(axis=1)), np.flatnonzero(crop.any(axis=0))
    size = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert crop.shape == (SIDE, SIDE)
    assert crop.dtype == np.uint8
    assert max(size) == BOX
    assert size[0] / size[1] == pytest.approx(height / width, rel=0.1)


def test_the_centre_of_mass_falls_on_pixel_fourteen() -> None:
    crop = normalize(stroke(90, 50)).astype(float)
    assert crop.sum(axis=1) @ np.arange(SIDE) / crop.sum() == pytest.approx(14, abs=0.51)
    assert crop.sum(axis=0) @ np.arange(SIDE) / crop.sum() == pytest.approx(14, abs=0.51)


def test_a_digit_already_normalized_stays_as_it_is() -> None:
    once = normalize(stroke(80, 80))
    x, y, w, h = cv2.boundingRect(once)
    assert np.array_equal(normalize(once[y : y + h, x : x + w]), once)


def test_faint_ink_is_stretched_to_full_strength() -> None:
    faint = (stroke(80, 50) // 5).astype(np.uint8)
    assert normalize(faint).max() == 255


def test_grey_levels_are_kept() -> None:
    levels = np.unique(normalize(cv2.GaussianBlur(stroke(200, 120, 20), (0, 0), 6).astype(np.uint8)))
    assert len(levels) > 8


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 5)])
def test_a_picture_without_ink_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="without ink"):
        normalize(np.zeros(shape, np.uint8))
