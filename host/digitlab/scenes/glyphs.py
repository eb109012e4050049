"""Ink of single characters for scenes: written by MNIST's hands, by digitlab's strokes, or set in an installed font."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from digitcam.frame import Grey
from digitlab.render import marks
from digitlab.render.hand import LEAN, Pictures, from_pictures
from digitlab.render.strokes import Writer, draw
from digitlab.scenes.fonts import HANDS, PRINTS, Font, fonts, set_in

SIGNS = "+-=x*/()[]{}<>%#&?!@$:;,.~|\\^"
OFTEN = "++--xx*=///:÷"  # what stands between a sum's numbers most
UNLIKE = "+-=x*()[]{}<>%#&?@$:;.~^"  # of signs, what nobody takes for a slender 1 or a 7, even standing alone
SYMBOLS = "∫∑∏√∂∞≤≥≠±×÷∈∀∃→←⇒⇔∪∩°αβγδεθλμπρστφψωΔΣΩ"  # noqa: RUF001  # not x and U
LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
ALONE = "ACEFHKLMNPRTVWXcdefhkmnrtvwx"  # letters that nobody takes for a digit, even standing alone
DESCENDING = "gpqyj"
WITH_FLAG = 0.5  # share of MNIST's hands whose 1s have a flag: one in fifty has, and in much of the world most


@dataclass(slots=True, eq=False)
class Hand:
    """One writer's digits and letters.

    Attributes:
        pictures: MNIST's, of which this hand's digits lean alike, without which nothing tells a slash from a 1.
        source: which of the three ways of writing this hand has.
        flags: whether an MNIST hand's 1s are drawn by `writer`, with a flag.
        pen: width of its strokes, in heights of a digit.
        writer: how what is drawn by strokes is drawn; an MNIST hand's digits lean as far.
    """

    pictures: Pictures
    source: Literal["mnist", "strokes", "font"]
    flags: bool
    pen: float
    writer: Writer
    digits: Font | None
    letters: Font | None
    heavier: float

    @classmethod
    def random(cls, rng: np.random.Generator, pictures: Pictures) -> "Hand":
        """Choose anyone."""
        lean = rng.normal(*LEAN)
        hands = fonts(HANDS)
        chosen = rng.choice(["mnist", "strokes", "font"], p=[0.6, 0.3, 0.1])
        font = hands[rng.integers(len(hands))] if hands else None
        writer = Writer.random(rng)
        if chosen == "mnist":
            writer = replace(writer, slant=lean)
        flags = chosen == "mnist" and rng.random() < WITH_FLAG
        if flags:
            writer = writer.with_flag(rng)
        return cls(
            pictures,
            "strokes" if chosen == "font" and font is None else chosen,
            flags,
            # a tenth write with a broom: a chisel marker, chalk on its side, a finger
            float(
                rng.uniform(0.16, 0.3)
                if rng.random() < 0.1
                else np.exp(rng.normal(np.log(0.095), 0.42)).clip(0.03, 0.3)
            ),
            writer,
            font,
            hands[rng.integers(len(hands))] if hands and rng.random() < 0.7 else None,
            float(rng.uniform(-0.02, 0.08)),
        )

    def digit(self, digit: int, rng: np.random.Generator, height: float) -> Grey:
        """Write a digit, uint8 (about `height`, its width), cropped."""
        height = max(height, 5.0)
        if self.source == "mnist" and not (self.flags and digit == 1):
            return from_pictures(self.pictures, self.writer.slant)(digit, rng, height, self.pen * height)
        if self.source == "font" and self.digits:
            return set_in(self.digits, str(digit), height, self.heavier)
        if height < 24:  # drawn large and shrunk: strokes below a pixel cannot be drawn
            large = draw(digit, rng, 48, 48 * self.pen, self.writer)
            size = max(1, round(large.shape[1] * height / 48)), max(1, round(large.shape[0] * height / 48))
            return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.uint8)
        return draw(digit, rng, height, height * self.pen, self.writer)

    def choose_letters(self, rng: np.random.Generator) -> None:
        """Write letters in a font of handwriting, where there are any."""
        hands = fonts(HANDS)
        self.letters = self.letters or (hands[rng.integers(len(hands))] if hands else None)

    def letter(self, char: str, rng: np.random.Generator, height: float) -> Grey:
        """Write a letter or sign, `height` being that of a digit."""
        if self.letters:
            set_ = set_in(self.letters, char, height, self.heavier)
            if set_.size:
                return marks.bent_glyph(set_, rng, height)
        if char in marks.LETTERS + marks.OPERATORS:
            return _shrunk(lambda high: marks.character(char, rng, high, high * self.pen), height)
        prints = fonts(PRINTS)
        return set_in(prints[rng.integers(len(prints))], char, height) if prints else np.zeros((0, 0), np.uint8)

    def doodle(self, rng: np.random.Generator, height: float) -> Grey:
        """Draw what is neither digit nor letter."""
        return _shrunk(lambda high: marks.doodle(rng, high, high * self.pen), height)


def _shrunk(drawer: Callable[[float], Grey], height: float) -> Grey:
    """Draw large, and shrink, what cannot be drawn small."""
    least = 20.0
    if height >= least:
        return drawer(height)
    large = drawer(least)
    size = max(1, round(large.shape[1] * height / least)), max(1, round(large.shape[0] * height / least))
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.uint8)


def on_line(char: str, glyph: Grey, y: float, high: float) -> float:
    """Give where the middle of a letter comes that stands on the line of digits so high, whose middle is `y`."""
    return y + high / 2 - glyph.shape[0] / 2 + (0.25 * high if char in DESCENDING else 0)
