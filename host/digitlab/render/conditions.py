"""What people really hold before a camera: scenes of one condition at a time, or of several at once."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from digitcam.frame import Grey
from digitlab.render.blanks import BLANKS
from digitlab.render.camera import Rendered
from digitlab.render.form import Cells
from digitlab.render.frame import random_lines
from digitlab.render.grounds import stains
from digitlab.render.marks import LETTERS, OPERATORS, character, doodle, print_block, smudge, word
from digitlab.render.paper import CHALK, FELT, PENS, Ink, by_hand
from digitlab.render.scene import Change, Rng, Scene, Strewn, shoot
from digitlab.render.sheet import Paper, Table
from digitlab.render.strokes import Writer
from digitlab.render.surfaces import cloth, wood


def _plain(rng: Rng) -> Scene:
    """A page that nothing is wrong with."""
    pen = PENS[rng.integers(len(PENS))]
    return Scene(
        lines=random_lines(rng, int(rng.integers(3, 16)), int(rng.integers(1, 4))),
        paper=Paper(rng.uniform(0.75, 0.95)),
        pen=replace(pen, width=pen.width * rng.uniform(0.8, 1.25)),
        height=rng.uniform(0.1, 0.22),
        turn=rng.normal(0, 0.03),
        defocus=rng.uniform(0.005, 0.02),
        noise=rng.uniform(0.7, 2.5),
    )


def _shadow(rng: Rng, scene: Scene) -> Scene:
    return replace(scene, shadow=rng.uniform(0.3, 0.65))


def _blur(rng: Rng, scene: Scene) -> Scene:
    return replace(scene, defocus=rng.uniform(0.03, 0.065))


def _motion(rng: Rng, scene: Scene) -> Scene:
    return replace(scene, motion=rng.uniform(0.06, 0.14))


def _noise(rng: Rng, scene: Scene) -> Scene:
    return replace(scene, noise=rng.uniform(5, 11), pen=replace(scene.pen, strength=max(0.6, scene.pen.strength)))


def _jpeg(rng: Rng, scene: Scene) -> Scene:
    return replace(scene, jpeg=int(rng.integers(15, 45)))


def _faint(rng: Rng, scene: Scene) -> Scene:
    """Pencil and worn pens, down to a few grey levels."""
    noise = rng.uniform(0.7, 1.5)
    return replace(scene, noise=noise, pen=replace(scene.pen, strength=rng.uniform(0.05, 0.2) + 0.02 * noise))


def _thin(rng: Rng, scene: Scene) -> Scene:
    return replace(scene, pen=replace(scene.pen, width=rng.uniform(0.025, 0.045)))


def _thick(rng: Rng, scene: Scene) -> Scene:
    return replace(scene, pen=replace(scene.pen, width=rng.uniform(0.14, 0.19), strength=0.95))


def _ruled(rng: Rng, scene: Scene) -> Scene:
    paper = replace(scene.paper, rules=rng.uniform(0.08, 0.4), every=float(rng.choice([0.5, 1, 1])))
    return replace(scene, paper=paper, turn=rng.normal(0, 0.04))


def _grid(rng: Rng, scene: Scene) -> Scene:
    paper = replace(scene.paper, rules=rng.uniform(0.08, 0.3), columns=True, dotted=bool(rng.integers(2)))
    return replace(scene, paper=replace(paper, every=float(rng.choice([0.7, 1, 2]))), turn=rng.normal(0, 0.04))


def _cells(rng: Rng, scene: Scene) -> Scene:
    """A form, a table, a sudoku."""
    rows, columns = int(rng.integers(1, 7)), int(rng.integers(3, 10))
    layout = replace(scene.layout, cell=rng.uniform(1.15, 1.6), pitch=(1.3, 1.6), ragged=0.06)
    paper = replace(scene.paper, rules=rng.uniform(0.3, 0.75), cells=Cells())
    lines = tuple("".join(map(str, rng.integers(0, 10, columns))) for _ in range(rows))
    return replace(scene, lines=lines, paper=paper, layout=layout, turn=rng.normal(0, 0.05))


def _cardboard(rng: Rng, scene: Scene) -> Scene:
    paper = Paper(rng.uniform(0.4, 0.65), grain=rng.uniform(0.02, 0.035), cloud=0.02)
    return replace(scene, paper=paper, pen=replace(scene.pen, strength=max(0.7, scene.pen.strength)))


def _board(rng: Rng, scene: Scene) -> Scene:
    """Chalk on a blackboard."""
    paper = Paper(rng.uniform(0.08, 0.25), grain=0.01, cloud=rng.uniform(0.01, 0.04), rules=min(0, -scene.paper.rules))
    return replace(scene, paper=paper, pen=replace(CHALK, width=scene.pen.width, strength=rng.uniform(0.5, 0.9)))


def _sheet(rng: Rng, scene: Scene) -> Scene:
    """A sheet that ends within the frame, on a darker table, perhaps a notebook's with its spiral."""
    table = rng.uniform(0.05, 0.75) * scene.paper.tone
    layout = replace(scene.layout, sheet=rng.uniform(0.3, 1), table=Table(table), spiral=rng.random() < 0.3)  # noqa: PLR2004
    return replace(scene, layout=layout, height=min(scene.height, 0.14))


def _small(rng: Rng, scene: Scene) -> Scene:
    lines = random_lines(rng, int(rng.integers(6, 30)), int(rng.integers(2, 6)))
    return replace(scene, lines=lines, height=rng.uniform(0.03, 0.06), defocus=scene.defocus / 2)


def _dense(rng: Rng, scene: Scene) -> Scene:
    """A page full of digits."""
    lines = random_lines(rng, int(rng.integers(20, 50)), int(rng.integers(3, 7)))
    return replace(scene, lines=lines, height=rng.uniform(0.05, 0.09), defocus=scene.defocus / 2)


def _large(rng: Rng, scene: Scene) -> Scene:
    lines = random_lines(rng, int(rng.integers(1, 3)), 1)
    return replace(scene, lines=lines, height=rng.uniform(0.35, 0.7), defocus=scene.defocus / 2)


def _touching(rng: Rng, scene: Scene) -> Scene:
    """Digits so close that some join."""
    low = rng.uniform(-0.1, 0.0)
    return replace(scene, layout=replace(scene.layout, gap=(low, low + 0.03)))


def _tilted(rng: Rng, scene: Scene) -> Scene:
    return replace(scene, turn=rng.uniform(-0.26, 0.26), tilt=0.12)


def _ragged(rng: Rng, scene: Scene) -> Scene:
    """Careless writing: words, uneven lines, sizes that change."""
    words = [" ".join(_broken(rng, line)) for line in random_lines(rng, int(rng.integers(6, 20)), 3)]
    layout = replace(scene.layout, ragged=0.8, uneven=3.0, gap=(0.08, 0.45), pitch=(1.25, 1.8))
    return replace(scene, lines=tuple(words), layout=layout, height=min(scene.height, 0.12))


def _broken(rng: Rng, line: str) -> list[str]:
    at = int(rng.integers(0, len(line)))
    return [part for part in (line[:at], line[at:]) if part]


def _sums(rng: Rng, scene: Scene) -> Scene:
    """Arithmetic: operators between the digits."""
    lines = tuple(
        f"{a}{OPERATORS[rng.integers(4)]}{b}={rng.integers(1, 99)}"
        for a, b in rng.integers(1, 99, (int(rng.integers(1, 4)), 2))
    )
    return replace(scene, lines=lines)


def _words(rng: Rng, scene: Scene) -> Scene:
    """Words beside the digits."""
    lines = tuple(f"{word(rng)} {''.join(map(str, rng.integers(0, 10, 3)))}" for _ in range(int(rng.integers(1, 4))))
    return replace(scene, lines=lines)


def _text(rng: Rng, scene: Scene) -> Scene:
    """A page of words only."""
    lines = tuple(" ".join(word(rng) for _ in range(2)) for _ in range(int(rng.integers(3, 7))))
    return replace(scene, lines=lines, height=rng.uniform(0.06, 0.1))


def _clutter(_: Rng, scene: Scene) -> Scene:
    """Arrows, stars, scribbles and single letters around the digits."""
    return replace(scene, litter=(Strewn(doodle, 6, 0.6, 1.1), Strewn(_letter, 6, 0.8, 1.1)))


def _letter(rng: Rng, height: float, pen: float) -> Grey:
    known = LETTERS + OPERATORS
    return character(known[rng.integers(len(known))], rng, height, pen)


def _print(_: Rng, scene: Scene) -> Scene:
    """Small print around the digits."""
    return replace(scene, litter=(Strewn(print_block, 6, 0.6, 1.0),))


def _dust(_: Rng, scene: Scene) -> Scene:
    """Spots out of focus, and writing that shows through from the back."""
    return replace(scene, litter=(Strewn(_spot, 12, 0.05, 0.35), Strewn(_through, 8, 0.05, 0.2)))


def _spot(rng: Rng, height: float, pen: float) -> Grey:
    del pen
    return smudge(rng, height * float(np.exp(rng.uniform(-2, 0.3))))


def _through(rng: Rng, height: float, pen: float) -> Grey:
    return np.ascontiguousarray(_letter(rng, height, pen)[:, ::-1])


def _cut(_: Rng, scene: Scene) -> Scene:
    return replace(scene, cut=True, height=max(0.15, scene.height))


def _empty(rng: Rng, scene: Scene) -> Scene:
    """Nothing is written; the paper may be ruled, dusty and in shadow."""
    changes = (_ruled, _grid, _dust, _shadow, _noise, lambda _, scene: scene)
    return replace(changes[rng.integers(len(changes))](rng, scene), lines=(" ",))


def _turned(rng: Rng, scene: Scene) -> Scene:
    """The page lies on its side."""
    lines = random_lines(rng, int(rng.integers(6, 16)), int(rng.integers(1, 4)))
    return replace(scene, lines=lines, quarters=int(rng.choice([1, 3])))


def _on_its_head(rng: Rng, scene: Scene) -> Scene:
    """The page lies upside down."""
    return replace(_turned(rng, scene), quarters=2)


def _turned_few(rng: Rng, scene: Scene) -> Scene:
    """Two or three digits that do not lie upright; one of them at least says so, which 0, 1, 6, 8 and 9 do not."""
    digits = [rng.choice([3, 4, 7]), *rng.integers(0, 10, int(rng.integers(1, 3)))]
    line = "".join(map(str, rng.permutation(digits)))
    return replace(scene, lines=(line,), height=rng.uniform(0.15, 0.4), quarters=int(rng.integers(1, 4)))


def _turned_many(rng: Rng, scene: Scene) -> Scene:
    """A page full of digits that does not lie upright."""
    lines = random_lines(rng, int(rng.integers(25, 60)), int(rng.integers(5, 9)))
    return replace(scene, lines=lines, height=rng.uniform(0.05, 0.12), quarters=int(rng.integers(1, 4)))


def _steep(rng: Rng, scene: Scene) -> Scene:
    """Held askew by 15 to 30 degrees."""
    return replace(scene, turn=float(rng.choice([-1, 1])) * np.radians(rng.uniform(15, 30)))


def _desk(rng: Rng, scene: Scene) -> Scene:
    """A bright sheet that ends within the frame, on a dark desk of wood or cloth."""
    table = Table(rng.uniform(0.06, 0.35), (wood, cloth)[rng.integers(2)])
    layout = replace(scene.layout, sheet=rng.uniform(0.4, 1.5), table=table)
    paper = Paper(rng.uniform(0.85, 0.97))
    return replace(scene, paper=paper, layout=layout, height=min(scene.height, 0.13), turn=rng.normal(0, 0.12))


def _sheets(rng: Rng, scene: Scene) -> Scene:
    """Several sheets, the written one on top."""
    scene = _desk(rng, scene)
    return replace(
        scene, layout=replace(scene.layout, table=replace(scene.layout.table, sheets=int(rng.integers(1, 4))))
    )


def _hand(rng: Rng, scene: Scene) -> Scene:
    """A hand over the page, and its shadow."""
    lines = random_lines(rng, int(rng.integers(10, 25)), int(rng.integers(2, 5)))
    layout = replace(scene.layout, hand=True)
    return replace(scene, lines=lines, layout=layout, height=min(scene.height, 0.12), shadow=rng.uniform(0, 0.5))


def _marker(rng: Rng, scene: Scene) -> Scene:
    """One to three digits with a thick marker, as high as the frame allows."""
    digits = int(rng.integers(1, 4))
    pen = replace(FELT, width=rng.uniform(0.12, 0.2))
    layout = replace(scene.layout, fill=(1, 3), gap=(0.06, 0.15))
    height = rng.uniform(0.5, (0.9, 0.75, 0.6)[digits - 1])
    return replace(scene, lines=random_lines(rng, digits, 1), pen=pen, layout=layout, height=height, defocus=0.003)


def _gaps(rng: Rng, scene: Scene) -> Scene:
    """Strokes with gaps: a pen that runs dry."""
    lines = random_lines(rng, int(rng.integers(4, 16)), int(rng.integers(2, 4)))
    pen = replace(scene.pen, gaps=rng.uniform(0.1, 0.25), strength=max(0.6, scene.pen.strength))
    return replace(scene, lines=lines, pen=pen, height=max(0.12, scene.height))


def _tiny(rng: Rng, scene: Scene) -> Scene:
    """All of a page full of tiny numbers: up to 150 digits."""
    digits, rows, height = int(rng.integers(60, 151)), int(rng.integers(7, 13)), rng.uniform(0.025, 0.045)
    lines = tuple(" ".join(_broken(rng, line)) for line in random_lines(rng, digits, rows))
    # room as wide as spreads a line, its digits 0.6 wide, over most of the frame, and the lines down it
    gap = float(np.clip(1.1 / height / max(map(len, lines)) - 0.6, 0.2, 1.5)) * rng.uniform(0.5, 1)
    pitch = float(np.clip(0.85 / height / rows, 1.5, 3.5))
    layout = replace(scene.layout, gap=(gap, 1.2 * gap), pitch=(0.8 * pitch, pitch))
    return replace(scene, lines=lines, layout=layout, height=height, defocus=0.005)


def _form(rng: Rng, scene: Scene) -> Scene:
    """Rows of boxes, one for each digit, which touches them as often as not."""
    cells = Cells(tall=rng.uniform(1, 1.2), apart=rng.uniform(0.06, 0.25))
    return _filled_in(rng, scene, cells)


def _underlined(rng: Rng, scene: Scene) -> Scene:
    """Lines to write on, each digit's or all in one, which the digits touch."""
    cells = Cells(tall=rng.uniform(0.88, 1.02), apart=float(rng.choice([0, rng.uniform(0.08, 0.25)])), open=True)
    return _filled_in(rng, scene, cells)


def _filled_in(rng: Rng, scene: Scene, cells: Cells) -> Scene:
    lines = tuple("".join(map(str, rng.integers(0, 10, int(rng.integers(3, 11))))) for _ in range(rng.integers(1, 6)))
    layout = replace(scene.layout, cell=rng.uniform(0.7, 1) + cells.apart, pitch=(1.5, 2), ragged=0.08)
    paper = replace(scene.paper, rules=rng.uniform(0.3, 0.8), cells=cells)
    return replace(scene, lines=lines, paper=paper, layout=layout, turn=rng.normal(0, 0.05))


def _sudoku(rng: Rng, scene: Scene) -> Scene:
    """Nine by nine, solved by hand, every third line thick."""
    rows, columns = (np.concatenate([3 * band + rng.permutation(3) for band in rng.permutation(3)]) for _ in range(2))
    solved = 1 + rng.permutation(9)[((3 * (rows % 3) + rows // 3)[:, None] + columns) % 9]
    cell = rng.uniform(1.15, 1.5)
    layout = replace(scene.layout, cell=cell, pitch=(cell, cell), ragged=0.07)
    paper = replace(scene.paper, rules=rng.uniform(0.4, 0.85), cells=Cells(block=3))
    lines = tuple("".join(map(str, row)) for row in solved)
    return replace(scene, lines=lines, paper=paper, layout=layout, turn=rng.normal(0, 0.05), defocus=scene.defocus / 2)


def _brackets(rng: Rng, scene: Scene) -> Scene:
    """Longer sums, with brackets."""
    lines = []
    for shape in rng.choice(("({a}{sign}{b})x{c}={d}", "[{a}{sign}{b}]/{c}={d}", "{c}*({a}{sign}{b})={d}"), 3):
        a, b, c, d = rng.integers(1, 99, 4)
        lines.append(shape.format(a=a, b=b, c=c, d=d, sign="+-"[rng.integers(2)]))
    return replace(scene, lines=tuple(lines[: rng.integers(1, 4)]), layout=replace(scene.layout, pitch=(1.7, 2.1)))


def _white_ink(rng: Rng, scene: Scene) -> Scene:
    """White ink on grey paper."""
    paper = Paper(rng.uniform(0.3, 0.5), grain=rng.uniform(0.005, 0.02))
    return replace(scene, paper=paper, pen=replace(scene.pen, tone=0.97, strength=rng.uniform(0.6, 0.95)))


def _inverted(rng: Rng, scene: Scene) -> Scene:
    """A scan with black and white exchanged."""
    return replace(scene, negative=True, tilt=0, noise=rng.uniform(0.5, 2))


def _whiteboard(rng: Rng, scene: Scene) -> Scene:
    """Felt pens on a whiteboard that is not clean."""
    paper = Paper(rng.uniform(0.82, 0.97), grain=0.003, surface=stains)
    return replace(scene, paper=paper, pen=replace(FELT, width=scene.pen.width, strength=rng.uniform(0.6, 0.95)))


def _crossed_out(rng: Rng, scene: Scene) -> Scene:
    """Some digits are crossed out."""
    lines = random_lines(rng, int(rng.integers(8, 20)), int(rng.integers(2, 5)))
    return replace(scene, lines=lines, layout=replace(scene.layout, struck=rng.uniform(0.15, 0.4)))


CHANGES: Mapping[str, Change] = {
    "plain": lambda _, scene: scene,
    "shadow": _shadow,
    "blur": _blur,
    "motion": _motion,
    "noise": _noise,
    "jpeg": _jpeg,
    "faint": _faint,
    "thin": _thin,
    "thick": _thick,
    "ruled": _ruled,
    "grid": _grid,
    "cells": _cells,
    "cardboard": _cardboard,
    "board": _board,
    "sheet": _sheet,
    "small": _small,
    "dense": _dense,
    "large": _large,
    "touching": _touching,
    "tilted": _tilted,
    "ragged": _ragged,
    "sums": _sums,
    "words": _words,
    "clutter": _clutter,
    "print": _print,
    "dust": _dust,
    "cut": _cut,
    "turned": _turned,
    "text": _text,
    "empty": _empty,
    "upside-down": _on_its_head,
    "turned-few": _turned_few,
    "turned-many": _turned_many,
    "steep": _steep,
    "desk": _desk,
    "sheets": _sheets,
    "hand": _hand,
    "marker": _marker,
    "gaps": _gaps,
    "tiny": _tiny,
    "form": _form,
    "underlined": _underlined,
    "sudoku": _sudoku,
    "brackets": _brackets,
    "white-ink": _white_ink,
    "inverted": _inverted,
    "whiteboard": _whiteboard,
    "crossed-out": _crossed_out,
    **BLANKS,
}
CONDITIONS = tuple(CHANGES)
TURNED = ("turned", "upside-down", "turned-few", "turned-many")  # whose pages do not lie upright
TOUCHING = ("touching",)  # whose digits touch each other
WITHOUT_DIGITS = ("text", "empty", *BLANKS)
# What may come together in one frame; of each group at most one.
GROUPS = (
    ("plain", "small", "dense", "dense", "dense", "large", "ragged", "sums", "words", "cells"),
    ("plain", "plain", "plain", "touching"),
    ("plain", "plain", "thin", "thick"),
    ("plain", "ruled", "grid", "cardboard", "sheet"),
    ("plain", "plain", "plain", "board", "faint"),
    ("plain", "plain", "clutter", "dust", "print"),
    ("plain", "plain", "shadow", "tilted"),
    ("plain", "plain", "plain", "blur", "motion", "noise", "jpeg"),
)


def render_scene(rng: Rng, condition: str, ink: Ink | None = None) -> Rendered:
    """Render a 640x480 frame of one condition.

    Args:
        rng: decides everything; the same state gives the same bytes.
        condition: one of `CONDITIONS`.
        ink: draws the digits, or None for those that digitlab draws itself.

    Raises:
        KeyError: there is no such condition.
    """
    return shoot(rng, CHANGES[condition](rng, _plain(rng)), ink or by_hand(Writer.random(rng)))


def render_mixed(rng: Rng, ink: Ink | None = None) -> Rendered:
    """Render a 640x480 frame under several conditions at once, as training wants them."""
    scene = _plain(rng)
    for group in GROUPS:
        scene = CHANGES[group[rng.integers(len(group))]](rng, scene)
    if rng.random() < 0.15:  # noqa: PLR2004 (seldom, as in life)
        scene = _cut(rng, scene)
    return shoot(rng, scene, ink or by_hand(Writer.random(rng)))
