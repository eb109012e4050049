"""What the finder is shown: the right part of a picture, as large as fits, with as much contrast as can be."""

import numpy as np
import pytest

from digitcam.frame import Grey
from digitcam.recognition.look import HEIGHT, WIDTH, Pyramid, Region, stretched


def marked(width: int, height: int, x: int, y: int, side: int) -> Grey:
    """White paper with a black square."""
    picture = np.full((height, width), 255, np.uint8)
    picture[y : y + side, x : x + side] = 0
    return picture


def dark_box(image: Grey) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(image < 128)
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


@pytest.mark.parametrize(
    ("size", "region", "scale"),
    [
        ((640, 480), Region(0, 0, 640, 480), 0.5),
        ((320, 256), Region(0, 0, 320, 256), 1.0),
        ((640, 480), Region(100, 50, 160, 128), 2.0),
        ((480, 640), Region(0, 0, 480, 640), 0.4),
        ((4000, 3000), Region(0, 0, 4000, 3000), 0.08),
        ((33, 900), Region(0, 0, 33, 900), 256 / 900),
        ((640, 480), Region(0, 0, 1280, 960), 0.25),
    ],
)
def test_a_region_is_brought_to_the_size_that_fits(size: tuple[int, int], region: Region, scale: float) -> None:
    look = Pyramid(np.full(size[::-1], 200, np.uint8)).look(region)
    assert look.image.shape == (HEIGHT, WIDTH)
    assert look.image.dtype == np.uint8
    assert look.region == region
    assert look.scale == pytest.approx(scale)


@pytest.mark.parametrize(
    ("size", "region", "mark"),
    [
        ((640, 480), Region(0, 0, 640, 480), (300, 200, 60)),
        ((641, 479), Region(0, 0, 641, 479), (533, 401, 61)),
        ((1283, 967), Region(0, 0, 1283, 967), (1101, 803, 99)),
        ((1283, 967), Region(641, 481, 641, 485), (901, 603, 99)),
        ((4001, 3003), Region(0, 0, 4001, 3003), (3501, 2601, 301)),
        ((4001, 3003), Region(1333, 777, 1999, 1501), (2501, 1501, 301)),
        ((640, 480), Region(501, 301, 80, 64), (530, 320, 20)),
        ((641, 479), Region(0, 0, 1282, 958), (333, 201, 99)),
        ((640, 480), Region(480, 320, 320, 256), (500, 330, 40)),
    ],
    ids=str,
)
def test_what_stands_in_a_picture_stands_at_its_place_in_the_look(
    size: tuple[int, int], region: Region, mark: tuple[int, int, int]
) -> None:
    x, y, side = mark
    look = Pyramid(marked(*size, x, y, side)).look(region)
    told = [n / look.scale + start for n, start in zip(dark_box(look.image), (region.x, region.y) * 2, strict=True)]
    slack = 1.5 / min(1.0, look.scale) + 1
    assert told == pytest.approx([x, y, x + side, y + side], abs=slack)


def test_the_rest_repeats_the_last_row_and_column() -> None:
    picture = np.tile(np.linspace(0, 255, 200).astype(np.uint8), (300, 1))
    look = Pyramid(picture).look(Region(0, 0, 200, 300))
    width = round(200 * look.scale)
    assert width < WIDTH
    assert (look.image[:, width:] == look.image[:, [width - 1]]).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3, 2)], ids=str)
def test_the_smallest_pictures_are_shown(size: tuple[int, int]) -> None:
    look = Pyramid(np.full(size[::-1], 90, np.uint8)).look(Region(0, 0, *size))
    assert look.image.shape == (HEIGHT, WIDTH)
    assert np.ptp(look.image) == 0


def test_several_looks_at_one_picture_are_those_of_several_pictures() -> None:
    picture = marked(1283, 967, 601, 403, 99)
    pyramid = Pyramid(picture)
    for region in (Region(0, 0, 1283, 967), Region(500, 300, 400, 300), Region(0, 0, 1283, 967)):
        assert np.array_equal(pyramid.look(region).image, Pyramid(picture).look(region).image)


def test_a_picture_of_twelve_megapixels_is_left_as_it_is() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (3000, 4000), np.uint8)
    before = picture.copy()
    Pyramid(picture).look(Region(0, 0, 4000, 3000))
    assert np.array_equal(picture, before)


def test_faint_ink_becomes_black_on_white() -> None:
    faint = np.where(marked(100, 100, 20, 20, 40) < 128, 150, 200).astype(np.uint8)
    seen = stretched(faint)
    assert set(np.unique(seen)) == {0, 255}


def test_what_is_fainter_than_noise_may_be_stays_grey() -> None:
    fainter = np.where(marked(100, 100, 20, 20, 40) < 128, 195, 200).astype(np.uint8)
    levels = np.unique(stretched(fainter)).tolist()
    assert len(levels) == 2
    assert 20 < levels[1] - levels[0] < 50


def test_a_few_pixels_do_not_set_the_contrast() -> None:
    faint = np.where(marked(100, 100, 20, 20, 40) < 128, 150, 200).astype(np.uint8)
    glinting = faint.copy()
    glinting[:2, :20], glinting[-2:, :20] = 255, 0
    assert np.array_equal(stretched(glinting)[5:-5], stretched(faint)[5:-5])
