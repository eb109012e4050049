"""Ink much fainter than a page's digits shows through from its other side, and is not read."""

import numpy as np
import pytest
from tests.device.pages import paper, write

from digitcam.config import Config
from digitcam.frame import Grey
from digitcam.recognition.crop import inks_of
from digitcam.recognition.evidence import are_faint
from digitcam.recognition.look import Pyramid
from digitcam.recognition.params import FAINT
from digitcam.recognition.reader import Reader, open_reader

PAPER, PEN, PENCIL, THROUGH = 210, 20, 120, 198  # grey levels
SURE, UNSURE = 0.0001, 0.1  # how likely each is none


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(Config())


def page_of(*, above: int, below: int) -> Grey:
    """A page of three digits and two, in inks of such grey levels."""
    page = paper(PAPER, noise=1)
    write(page, "472", 80, 100, ink=above)
    write(page, "38", 120, 280, ink=below)
    return page


@pytest.mark.parametrize("turned", [False, True], ids=["dark on light", "light on dark"])
@pytest.mark.parametrize(
    ("above", "below", "text", "faint"),
    [
        pytest.param(PEN, PEN, "472 38", 0, id="one pen"),
        pytest.param(PEN, PENCIL, "472 38", 0, id="pen and pencil"),
        pytest.param(PEN, THROUGH, "472", 2, id="pen, and what shows through"),
        pytest.param(PENCIL, PENCIL, "472 38", 0, id="pencil alone"),
    ],
)
def test_what_shows_through_beside_ink_is_not_read(
    above: int, below: int, text: str, faint: int, reader: Reader, *, turned: bool
) -> None:
    page = page_of(above=above, below=below)
    reading = reader.read(np.invert(page) if turned else page)
    assert " ".join(reading.text.split()) == text
    assert [reject.reason for reject in reading.rejected] == ["too faint"] * faint


def test_half_the_light_halves_no_contrast() -> None:
    page = page_of(above=PEN, below=PENCIL)
    boxes = np.array([(*box[:2], box.x + box.w, box.y + box.h) for box in write(paper(), "472", 80, 100)], np.float32)
    lit, shaded = (inks_of(Pyramid(light), boxes)[1] for light in (page, (page // 2).astype(np.uint8)))
    assert lit == pytest.approx(shaded, rel=0.05)
    assert lit.shape == (3,)


@pytest.mark.parametrize(
    ("contrasts", "none", "expected"),
    [
        pytest.param([0.4, 0.4, 0.9 * FAINT * 0.4], [SURE, SURE, SURE], [False, False, True], id="fainter"),
        pytest.param([0.4, 0.4, 1.1 * FAINT * 0.4], [SURE, SURE, SURE], [False, False, False], id="not so faint"),
        pytest.param([0.4, 0.9 * FAINT * 0.4], [SURE, UNSURE], [False, True], id="beside one that is sure"),
        pytest.param([0.4, 0.01], [UNSURE, UNSURE], [False, False], id="beside none that is"),
        pytest.param([0.4, 0.04, 0.04], [SURE, SURE, SURE], [False, False, False], id="most are so faint"),
    ],
)
def test_faint_is_what_most_of_the_sure_ones_are_not(
    contrasts: list[float], none: list[float], expected: list[bool]
) -> None:
    assert are_faint(np.array(contrasts, np.float32), np.array(none, np.float32)).tolist() == expected
