"""What is written, how large and how tidily."""

from dataclasses import replace

import numpy as np

from digitlab.render.frame import random_lines
from digitlab.render.marks import OPERATORS, word
from digitlab.render.spec import FrameSpec, Rng


def small(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write small digits."""
    lines = random_lines(rng, int(rng.integers(6, 30)), int(rng.integers(2, 6)))
    return replace(spec, lines=lines, height=rng.uniform(0.03, 0.06), defocus=spec.defocus / 2)


def dense(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write a page full of digits."""
    lines = random_lines(rng, int(rng.integers(20, 50)), int(rng.integers(3, 7)))
    return replace(spec, lines=lines, height=rng.uniform(0.05, 0.09), defocus=spec.defocus / 2)


def large(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write large digits, few of them."""
    lines = random_lines(rng, int(rng.integers(1, 3)), 1)
    return replace(spec, lines=lines, height=rng.uniform(0.35, 0.7), defocus=spec.defocus / 2)


def tiny(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write all of a page full of tiny numbers: up to 150 digits."""
    digits, rows, height = int(rng.integers(60, 151)), int(rng.integers(7, 13)), rng.uniform(0.025, 0.045)
    lines = tuple(" ".join(_broken(rng, line)) for line in random_lines(rng, digits, rows))
    # room as wide as spreads a line, its digits 0.6 wide, over most of the frame, and the lines down it
    gap = float(np.clip(1.1 / height / max(map(len, lines)) - 0.6, 0.2, 1.5)) * rng.uniform(0.5, 1)
    pitch = float(np.clip(0.85 / height / rows, 1.5, 3.5))
    layout = replace(spec.layout, gap=(gap, 1.2 * gap), pitch=(0.8 * pitch, pitch))
    return replace(spec, lines=lines, layout=layout, height=height, defocus=0.005)


def touching(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write digits so close that some join."""
    low = rng.uniform(-0.1, 0.0)
    return replace(spec, layout=replace(spec.layout, gap=(low, low + 0.03)))


def ragged(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write carelessly: words, uneven lines, sizes that change."""
    words = [" ".join(_broken(rng, line)) for line in random_lines(rng, int(rng.integers(6, 20)), 3)]
    layout = replace(spec.layout, ragged=0.8, uneven=3.0, gap=(0.08, 0.45), pitch=(1.25, 1.8))
    return replace(spec, lines=tuple(words), layout=layout, height=min(spec.height, 0.12))


def _broken(rng: Rng, line: str) -> list[str]:
    at = int(rng.integers(0, len(line)))
    return [part for part in (line[:at], line[at:]) if part]


def sums(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write arithmetic: operators between the digits."""
    lines = tuple(
        f"{a}{OPERATORS[rng.integers(4)]}{b}={rng.integers(1, 99)}"
        for a, b in rng.integers(1, 99, (int(rng.integers(1, 4)), 2))
    )
    return replace(spec, lines=lines)


def brackets(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write longer sums, with brackets."""
    lines = []
    for shape in rng.choice(("({a}{sign}{b})x{c}={d}", "[{a}{sign}{b}]/{c}={d}", "{c}*({a}{sign}{b})={d}"), 3):
        a, b, c, d = rng.integers(1, 99, 4)
        lines.append(shape.format(a=a, b=b, c=c, d=d, sign="+-"[rng.integers(2)]))
    return replace(spec, lines=tuple(lines[: rng.integers(1, 4)]), layout=replace(spec.layout, pitch=(1.7, 2.1)))


def fractions(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write fractions with slashes."""
    lines = []
    for shape in rng.choice(("{a}/{b}+{c}", "({a}-{b}/{c})x{d}", "{a}x{b}/{c}", "{a}/({b}+{c})"), 3):
        a, b, c, d = rng.integers(0, 10, 4)
        lines.append(shape.format(a=a, b=b, c=c, d=d))
    return replace(spec, lines=tuple(lines[: rng.integers(1, 4)]), layout=replace(spec.layout, pitch=(1.7, 2.1)))


def lists(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write lists: numbers between commas, in brackets."""
    lines = []
    for pair in rng.choice(("[]", "()", "  "), 3):
        numbers = ", ".join(map(str, rng.integers(0, 30, int(rng.integers(2, 6)))))
        lines.append(f"{pair[0]}{numbers}{pair[1]}".strip())
    return replace(spec, lines=tuple(lines[: rng.integers(1, 4)]), layout=replace(spec.layout, pitch=(1.7, 2.1)))


def words(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write words beside the digits."""
    lines = tuple(f"{word(rng)} {''.join(map(str, rng.integers(0, 10, 3)))}" for _ in range(int(rng.integers(1, 4))))
    return replace(spec, lines=lines)


def text(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write a page of words only."""
    lines = tuple(" ".join(word(rng) for _ in range(2)) for _ in range(int(rng.integers(3, 7))))
    return replace(spec, lines=lines, height=rng.uniform(0.06, 0.1))


def crossed_out(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Cross out some digits."""
    lines = random_lines(rng, int(rng.integers(8, 20)), int(rng.integers(2, 5)))
    return replace(spec, lines=lines, layout=replace(spec.layout, struck=rng.uniform(0.15, 0.4)))
