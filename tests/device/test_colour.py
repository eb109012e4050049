"""Ink of its ground's brightness is read from the channel that shows it; all other pictures stay grey."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.device.pages import paper, write

from digitcam.config import Config
from digitcam.frame import Grey
from digitcam.pictures.grey import to_grey
from digitcam.pictures.image_file import load
from digitcam.recognition.reader import Reader, open_reader

Colour = tuple[int, int, int]

# of the same grey, to a fraction of a level
INKS: dict[str, tuple[Colour, Colour]] = {
    "red on blue": ((214, 40, 40), (60, 88, 198)),
    "blue on red": ((60, 88, 198), (214, 40, 40)),
    "red on green": ((230, 60, 50), (60, 143, 68)),
    "green on violet": ((40, 150, 60), (190, 62, 118)),
    "dark red on dark blue": ((120, 10, 10), (20, 41, 112)),
}


def coloured(ink: Colour, ground: Colour, noise: float = 3.0) -> Image.Image:
    """A page of two lines, as a camera might see it."""
    page = paper(0, noise=0)
    write(page, "31415", 120, 120, ink=255)
    write(page, "92653", 120, 260, ink=255)
    share = page[..., None] / 255
    mixed = np.array(ground) * (1 - share) + np.array(ink) * share
    noisy = mixed + np.random.default_rng(1).normal(0, noise, mixed.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8), "RGB")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(Config())


@pytest.mark.parametrize(("ink", "ground"), INKS.values(), ids=INKS)
def test_ink_as_bright_as_its_ground_is_read(ink: Colour, ground: Colour, reader: Reader) -> None:
    picture = coloured(ink, ground)
    assert reader.read(np.array(picture.convert("L"))).text != "31415\n92653"
    assert reader.read(to_grey(picture)).text == "31415\n92653"


@pytest.mark.parametrize(("suffix", "mode"), [(".jpg", "RGB"), (".jpg", "CMYK"), (".gif", "P"), (".webp", "RGBA")])
def test_it_is_read_however_it_is_stored(suffix: str, mode: str, reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / f"page{suffix}"
    coloured(*INKS["red on blue"]).convert(mode).save(path)
    assert reader.read(load(path)).text == "31415\n92653"


def test_of_a_lab_picture_too(reader: Reader) -> None:
    share = np.asarray(coloured((255, 255, 255), (0, 0, 0), 0).convert("L"), np.float32) / 255
    planes = [np.full_like(share, 120), 200 - 130 * share, 128 + 40 * share]
    picture = Image.merge("LAB", [Image.fromarray(plane.astype(np.uint8)) for plane in planes])
    assert reader.read(to_grey(picture)).text == "31415\n92653"


def as_luma(picture: Image.Image) -> Grey:
    return np.array(picture.convert("L"))


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ((60, 60, 60), (210, 210, 210)),
        ((40, 60, 160), (230, 225, 205)),  # a blue pen on yellowish paper
        ((200, 30, 30), (240, 240, 240)),
        ((190, 190, 190), (215, 214, 210)),  # a hard pencil
        ((170, 190, 220), (215, 214, 210)),  # a faded blue pen
    ],
)
def test_ink_that_grey_shows_is_taken_as_it_is(ink: Colour, ground: Colour) -> None:
    picture = coloured(ink, ground)
    assert np.array_equal(to_grey(picture), as_luma(picture))


@pytest.mark.parametrize("ground", [(60, 88, 198), (240, 240, 240), (10, 10, 10)])
def test_bare_colour_is_taken_as_it_is(ground: Colour) -> None:
    picture = coloured(ground, ground, noise=6.0)
    assert np.array_equal(to_grey(picture), as_luma(picture))
