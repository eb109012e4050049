"""Scenes to learn finding from, drawn fast: writing of every kind on every surface, and every digit's box.

Plainer than `digitlab.render.spec`, which has a page in perspective and a camera that moves, and a dozen times faster:
a finder needs hundreds of thousands of views, of as many kinds as there are.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from digitlab.render import surfaces
from digitlab.render.hand import Pictures
from digitlab.render.surfaces import Float, Rng
from digitlab.scenes.canvas import SMALLEST, Canvas
from digitlab.scenes.diagram import draw_diagram
from digitlab.scenes.frames import cut_frame
from digitlab.scenes.glyphs import Hand
from digitlab.scenes.litter import rule, strew
from digitlab.scenes.notes import write_notes
from digitlab.scenes.paper import doubt_hidden, doubt_illegible, lay_paper, shine
from digitlab.scenes.patterns import write_nothing
from digitlab.scenes.scene import Scene
from digitlab.scenes.tables import fill_cells, lay_tiles
from digitlab.scenes.writing import scatter, write_few, write_lines, write_lists, write_sums, write_text

Content = Callable[[Canvas], None]
CONTENTS: dict[str, Content] = {
    "lines": write_lines,
    "few": write_few,
    "scattered": scatter,
    "cells": fill_cells,
    "sums": write_sums,
    "lists": write_lists,
    "text": write_text,
    "diagram": draw_diagram,
    "notes": write_notes,
    "tiles": lay_tiles,
    "nothing": write_nothing,
}
SHARES = (0.12, 0.1, 0.07, 0.11, 0.12, 0.04, 0.17, 0.04, 0.14, 0.03, 0.06)  # of the scenes drawn here, in their order
FRAMES = "frames"  # what the others are cut from, ...
CUT = 1 / 4  # ... this share of all scenes


def draw(rng: Rng, pictures: Pictures) -> Scene:
    """Draw one scene.

    Args:
        rng: decides everything; the same state and the same installed fonts give the same scene.
        pictures: MNIST's, whose hands write.
    """
    if rng.random() < CUT:
        return cut_frame(rng, pictures)
    canvas, paper, dark, kind = _begin(rng, pictures)
    CONTENTS[kind](canvas)
    if rng.random() < 0.22:
        rule(canvas)
    strew(canvas)
    light, contrast, hidden = shine(canvas, paper, dark)
    picture = surfaces.photograph(rng, light, canvas.height)
    known = [doubt_hidden(doubt_illegible(label, contrast, light, picture), hidden) for label in canvas.labels]
    return Scene(picture, known, canvas.marks)


def tell_content(seed: int, number: int) -> str:
    """Tell which of `CONTENTS` a scene of `draw_many` holds, or `FRAMES`, without drawing all of it."""
    nobody = Pictures.sort(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8))
    rng = np.random.default_rng([seed, number])
    return FRAMES if rng.random() < CUT else _begin(rng, nobody)[3]


def _begin(rng: Rng, pictures: Pictures) -> tuple[Canvas, Float, bool, str]:
    """Choose an empty canvas, the paper it lies on, whether that is dark, and which of `CONTENTS` comes on it."""
    hand = Hand.random(rng, pictures)
    high = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(120))))
    turn = rng.normal(0, 0.07) if rng.random() < 0.75 else rng.uniform(-0.52, 0.52)
    paper, writable, dark = lay_paper(rng, turn)
    canvas = Canvas(rng, hand, high, turn, writable)
    kinds = list(CONTENTS)
    return canvas, paper, dark, kinds[rng.choice(len(kinds), p=SHARES)]


def draw_many(
    seed: int, first: int, count: int, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> Iterator[Scene]:
    """Draw scenes number `first` and on; each follows from the seed and its number alone.

    Args:
        seed: decides everything else but the installed fonts.
        first: number of the first.
        count: how many.
        images: uint8 (n, 28, 28), MNIST's pictures whose hands write.
        labels: uint8 (n,), their digits.
    """
    pictures = Pictures.sort(images, labels)
    for number in range(first, first + count):
        yield draw(np.random.default_rng([seed, number]), pictures)
