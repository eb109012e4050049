"""Lines of rendered pages, from where the renderer put each digit."""

import numpy as np
import pytest

from digitcam.recognition.layout import order
from digitlab.render.camera import Labelled, View
from digitlab.render.conditions import render_condition
from digitlab.render.frame import random_lines, render_frame


@pytest.mark.parametrize("degrees", [-20, -15, -8, 8, 15, 20])
@pytest.mark.parametrize("seed", range(3))
def test_lines_of_a_turned_page(degrees: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = View(turn=np.radians(degrees), tilt_x=rng.normal(0, 0.05), tilt_y=rng.normal(0, 0.05))
    lines = random_lines(rng, 24, int(rng.integers(1, 5)))
    check(render_frame(rng, lines=lines, view=view).labels, rng)


@pytest.mark.parametrize("condition", ["cells", "dense", "ragged", "small", "tilted", "touching"])
@pytest.mark.parametrize("seed", range(4))
def test_lines_of_a_scene(condition: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check(render_condition(rng, condition).labels, rng)


def check(labels: list[Labelled], rng: np.random.Generator) -> None:
    shuffled = [labels[i] for i in rng.permutation(len(labels))]
    found = [[shuffled[i] for i in line] for line in order([label.box for label in shuffled])]
    assert found == [[label for label in labels if label.line == n] for n in sorted({label.line for label in labels})]
