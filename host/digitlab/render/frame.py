"""Camera-like pictures of handwritten digits, with what they say: ink -> paper -> camera.

Three steps, each seeded and each replaceable: an `Ink` draws one digit, `compose` puts lines of them on paper, a
`Camera` takes a picture of the page.
"""

from collections.abc import Sequence

import numpy as np

from digitlab.render.camera import Camera, Rendered, View
from digitlab.render.page import compose
from digitlab.render.paper import CHALK, PAPERS, PENS, Ink, Pen, by_hand
from digitlab.render.sheet import Paper
from digitlab.render.strokes import Writer

FRAME = (640, 480)


def random_lines(rng: np.random.Generator, digits: int, lines: int) -> tuple[str, ...]:
    """Give that many digits spread over that many lines, none of them empty; all ten classes come before any again."""
    order = np.concatenate([rng.permutation(10) for _ in range(digits // 10 + 1)])[:digits]
    cuts = np.linspace(0, digits, lines + 1).round().astype(int)[1:-1]
    return tuple("".join(map(str, part)) for part in np.split(order, cuts))


def render_frame(
    rng: np.random.Generator,
    *,
    size: tuple[int, int] = FRAME,
    lines: Sequence[str] | None = None,
    ink: Ink | None = None,
    paper: Paper | None = None,
    pen: Pen | None = None,
    height: float | None = None,
    view: View | None = None,
    camera: Camera | None = None,
) -> Rendered:
    """Render one picture of handwritten digits; what is not given is chosen at random.

    Args:
        rng: decides everything; the same state gives the same bytes.
        size: (width, height) of the frame in pixels.
        lines: what is written, digits only.
        ink: draws each digit.
        paper: what they stand on.
        pen: what they are written with.
        height: of a digit, as a share of the frame's height; less where a line would not fit.
        view: how the page lies before the camera.
        camera: light, lens and sensor.
    """
    lines = lines or random_lines(rng, int(rng.integers(4, 13)), int(rng.integers(1, 4)))
    paper = paper or PAPERS[rng.integers(len(PAPERS))]
    pen = pen or (CHALK if paper.tone < CHALK.tone / 2 else PENS[rng.integers(len(PENS))])
    ink = ink or by_hand(Writer.random(rng))
    height = height or float(rng.uniform(0.1, 0.3))
    page = compose(rng, lines, ink=ink, paper=paper, pen=pen, height=height, size=size)
    view = view or View.random(rng).holding(page, size)
    return (camera or Camera.random(rng, size)).shoot(page, view, rng)
