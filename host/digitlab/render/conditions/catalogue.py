"""Every condition by its name, and a frame under one of them."""

from collections.abc import Mapping
from dataclasses import replace

from digitlab.render.camera import Rendered
from digitlab.render.conditions import forms, litter, material, photo, writing
from digitlab.render.conditions.blanks import BLANKS
from digitlab.render.frame import random_lines
from digitlab.render.paper import PENS, Ink, by_hand
from digitlab.render.sheet import Paper
from digitlab.render.spec import Change, FrameSpec, Rng, shoot
from digitlab.render.strokes import Writer


def _plain(rng: Rng) -> FrameSpec:
    """Choose a page that nothing is wrong with."""
    pen = PENS[rng.integers(len(PENS))]
    return FrameSpec(
        lines=random_lines(rng, int(rng.integers(3, 16)), int(rng.integers(1, 4))),
        paper=Paper(rng.uniform(0.75, 0.95)),
        pen=replace(pen, width=pen.width * rng.uniform(0.8, 1.25)),
        height=rng.uniform(0.1, 0.22),
        turn=rng.normal(0, 0.03),
        defocus=rng.uniform(0.005, 0.02),
        noise=rng.uniform(0.7, 2.5),
    )


def _empty(rng: Rng, spec: FrameSpec) -> FrameSpec:
    """Write nothing; the paper may be ruled, dusty and in shadow."""
    changes = (material.ruled, material.grid, litter.dust, photo.shadow, photo.noise, lambda _, spec: spec)
    return replace(changes[rng.integers(len(changes))](rng, spec), lines=(" ",))


CHANGES: Mapping[str, Change] = {
    "plain": lambda _, spec: spec,
    "shadow": photo.shadow,
    "blur": photo.blur,
    "motion": photo.motion,
    "noise": photo.noise,
    "jpeg": photo.jpeg,
    "faint": material.faint,
    "thin": material.thin,
    "thick": material.thick,
    "ruled": material.ruled,
    "grid": material.grid,
    "cells": forms.cells,
    "cardboard": material.cardboard,
    "board": material.board,
    "sheet": material.sheet,
    "small": writing.small,
    "dense": writing.dense,
    "large": writing.large,
    "touching": writing.touching,
    "tilted": photo.tilted,
    "ragged": writing.ragged,
    "sums": writing.sums,
    "words": writing.words,
    "clutter": litter.clutter,
    "print": litter.small_print,
    "dust": litter.dust,
    "cut": photo.cut_off,
    "turned": photo.turned,
    "text": writing.text,
    "empty": _empty,
    "upside-down": photo.upside_down,
    "turned-few": photo.turned_few,
    "turned-many": photo.turned_many,
    "steep": photo.steep,
    "desk": material.desk,
    "sheets": material.sheets,
    "hand": material.hand,
    "marker": material.marker,
    "gaps": material.gaps,
    "tiny": writing.tiny,
    "form": forms.form,
    "underlined": forms.underlined,
    "sudoku": forms.sudoku,
    "brackets": writing.brackets,
    "white-ink": material.white_ink,
    "inverted": photo.inverted,
    "whiteboard": material.whiteboard,
    "crossed-out": writing.crossed_out,
    "fractions": writing.fractions,
    "lists": writing.lists,
    "circled": forms.circled,
    "tiles": forms.tiles,
    **BLANKS,
}
CONDITIONS = tuple(CHANGES)
TURNED = ("turned", "upside-down", "turned-few", "turned-many")  # whose pages do not lie upright
TOUCHING = ("touching",)  # whose digits touch each other
WITHOUT_DIGITS = ("text", "empty", *BLANKS)


def render_condition(rng: Rng, condition: str, ink: Ink | None = None) -> Rendered:
    """Render a 640x480 frame of one condition.

    Args:
        rng: decides everything; the same state gives the same bytes.
        condition: one of `CONDITIONS`.
        ink: draws the digits, or None for those that digitlab draws itself.

    Raises:
        KeyError: there is no such condition.
    """
    return shoot(rng, CHANGES[condition](rng, _plain(rng)), ink or by_hand(Writer.random(rng)))
