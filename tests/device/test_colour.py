"""Ink of its ground's brightness is read from the channel that shows it; all other pictures stay grey."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.device.pages import BLACK, MARKS, Colour, marked, paper, write

import digitcam
from digitcam.config import Config
from digitcam.frame import Grey
from digitcam.pictures.grey import hues_of, to_grey
from digitcam.pictures.image_file import load
from digitcam.recognition.reader import Reader, open_reader

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


def as_luma(picture: Image.Image) -> Grey:
    return np.array(picture.convert("L"))


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(Config())


@pytest.mark.parametrize(("ink", "ground"), INKS.values(), ids=INKS)
def test_ink_as_bright_as_its_ground_is_read(ink: Colour, ground: Colour, reader: Reader) -> None:
    picture = coloured(ink, ground)
    assert reader.read(as_luma(picture)).text != "31415\n92653"
    assert reader.read(to_grey(picture)).text == "31415\n92653"


def on_table(card: Image.Image, table: Colour) -> Image.Image:
    """A picture of a table with that card in its middle."""
    noise = np.random.default_rng(2).normal(0, 3, (card.height * 3 // 2, card.width * 3 // 2, 3))
    picture = Image.fromarray(np.clip(noise + table, 0, 255).astype(np.uint8))
    picture.paste(card, (card.width // 4, card.height // 4))
    return picture


@pytest.mark.parametrize("table", [(236, 233, 228), (26, 28, 30), (150, 105, 60)], ids=["white", "black", "wood"])
@pytest.mark.parametrize(("ink", "ground"), INKS.values(), ids=INKS)
def test_it_is_read_on_a_card_that_lies_on_a_table(ink: Colour, ground: Colour, table: Colour, reader: Reader) -> None:
    picture = on_table(coloured(ink, ground), table)
    assert reader.read(as_luma(picture)).text != "31415\n92653"
    assert reader.read(to_grey(picture)).text == "31415\n92653"


@pytest.mark.parametrize("ink", [(236, 40, 40), (40, 40, 228), (10, 10, 10)], ids=["red", "blue", "black"])
def test_what_is_written_beside_such_a_card_is_read_as_well(ink: Colour, reader: Reader) -> None:
    picture = on_table(coloured(*INKS["red on blue"]), (236, 233, 228))
    share = np.zeros((picture.height, picture.width), np.uint8)
    write(share, "70", 400, 640, ink=255)
    picture.paste(ink, mask=Image.fromarray(share))
    assert reader.read(to_grey(picture)).text == "31415\n92653\n70"


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


@pytest.mark.parametrize("ink", MARKS.values(), ids=MARKS)
def test_marks_across_writing_are_read_by_their_colour(ink: Colour, reader: Reader) -> None:
    picture = marked("57", ink)
    assert not reader.read(to_grey(picture)).digits
    reading = reader.read_colours(to_grey(picture), hues_of(picture))
    assert reading.text == "57"
    assert reading.digits[0].box.x == pytest.approx(130, abs=20)


@pytest.mark.parametrize("pen", [BLACK, *MARKS.values()], ids=["black", *MARKS])
def test_writing_is_not_read_by_its_colour_either(pen: Colour, reader: Reader) -> None:
    picture = marked("", BLACK, pen)
    reading = reader.read_colours(to_grey(picture), hues_of(picture))
    assert not reading.digits
    assert reading.rejected


def test_colours_are_not_looked_at_where_brightness_is_enough(reader: Reader) -> None:
    picture = coloured((60, 60, 60), (210, 210, 210))
    hues = hues_of(picture)
    assert reader.read_colours(to_grey(picture), hues).text == "31415\n92653"
    assert len(list(hues)) == 2


@pytest.mark.parametrize("mode", ["L", "1", "I;16", "F"])
def test_a_grey_picture_has_no_colours(mode: str) -> None:
    assert not list(hues_of(Image.new(mode, (40, 30))))


def test_marks_are_read_however_the_picture_comes(tmp_path: Path) -> None:
    picture = marked("57", MARKS["red"])
    picture.save(tmp_path / "page.jpg")
    pixels = np.asarray(picture)
    reader = digitcam.Reader()
    assert reader.read(tmp_path / "page.jpg").text == "57"
    assert reader.read(picture).text == "57"
    assert reader.read(pixels).text == "57"
    assert reader.read(pixels[..., ::-1]).text == "57"
