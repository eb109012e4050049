"""Ink of single characters for scenes: written by MNIST's hands, by digitlab's strokes, or set in an installed font."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitcam.frame import Grey
from digitcam.recognition.normalize import crop_ink
from digitlab.render import marks
from digitlab.render.hand import LEAN, Pictures, from_pictures
from digitlab.render.strokes import Writer, draw

FONTS = Path("/usr/share/fonts")
# Debian's fonts of handwriting, by a part of their path: fonts-dkg-handwriting, -breip, -femkeklaver, -rufscript,
# -sjfonts, -bwht, -humor-sans, -klee, -kristi, -kaushanscript, -dancingscript, -ecolier-court, -yusei-magic, -seto,
# -kiloji, -nanum-extra, -comic-neue, -tlwg-purisa-ttf, -dustin, -havana, -leckerli-one, -aoyagi-kouzan-t
HANDS = (
    "fifthhorseman",
    "breip",
    "femkeklaver",
    "rufscript",
    "sjfonts",
    "bwht",
    "humor-sans",
    "klee",
    "kristi",
    "kaushanscript",
    "dancingscript",
    "ecolier",
    "yusei-magic",
    "setofont",
    "kiloji",
    "NanumPen",
    "NanumBrush",
    "comic-neue",
    "Purisa",
    "Domestic_Manners",
    "PenguinAttack",
    "Abogado",
    "havana",
    "leckerli",
    "aoyagi",
)
PRINTS = ("dejavu", "liberation", "freefont", "urw-base35", "lato")
NOTO = ("Greek", "Arabic", "Hebrew", "Devanagari", "Thai", "Georgian", "Armenian", "Bengali", "Tamil", "Ethiopic")
HIRAGANA, KATAKANA, HAN = (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FA5)
SCRIPTS = (  # the first and the last character of what each is written with
    ((0x3B1, 0x3C9),),  # Greek
    ((0x430, 0x44F),),  # Cyrillic
    ((0x5D0, 0x5EA),),  # Hebrew
    ((0x627, 0x64A),),  # Arabic
    ((0x905, 0x939),),  # Devanagari
    ((0x10D0, 0x10F0),),  # Georgian
    ((0xE01, 0xE2E),),  # Thai
    (HIRAGANA, KATAKANA, HAN),  # Japanese
    (HIRAGANA, HAN),
    (HAN,),  # Chinese
    ((0xAC00, 0xD7A3),),  # Korean
)
SIGNS = "+-=x*/()[]{}<>%#&?!@$:;,.~|\\^"
OFTEN = "++--xx*=///:÷"  # what stands between a sum's numbers most
UNLIKE = "+-=x*()[]{}<>%#&?@$:;.~^"  # of signs, what nobody takes for a slender 1 or a 7, even standing alone
SYMBOLS = "∫∑∏√∂∞≤≥≠±×÷∈∀∃→←⇒⇔∪∩°αβγδεθλμπρστφψωΔΣΩ"  # noqa: RUF001  # not x and U
LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
ALONE = "ACEFHKLMNPRTVWXcdefhkmnrtvwx"  # letters that nobody takes for a digit, even standing alone
NO_CHARACTER = "\uffff"
WITH_FLAG = 0.5  # share of MNIST's hands whose 1s have a flag: one in fifty has, and in much of the world most
EM = 96  # pixels at which fonts are drawn, once
INKED = 127  # of 255: more is ink
LEFT = 0.25  # share of a character's ink that must be left of it where its strokes are made thinner

Script = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Font:
    """An installed font, and how high its digits are at `EM` pixels."""

    path: str
    digit: float


def fonts(parts: Sequence[str]) -> tuple[Font, ...]:
    """Give the installed fonts with digits whose path holds one of `parts`; none where Debian's are missing."""
    return _fonts(tuple(parts))


@lru_cache
def _fonts(parts: tuple[str, ...]) -> tuple[Font, ...]:
    found = []
    for path in sorted(FONTS.rglob("*")):
        if path.suffix.lower() in {".ttf", ".otf"} and any(part in str(path) for part in parts):
            drawn = [_drawn(str(path), digit) for digit in "0123456789"]
            if all(picture.size for picture in drawn) and len({picture.tobytes() for picture in drawn}) == len(drawn):
                found.append(Font(str(path), float(np.median([picture.shape[0] for picture in drawn]))))
    return tuple(found)


@lru_cache
def _noto() -> tuple[Font, ...]:
    named = [FONTS / "truetype" / "noto" / f"NotoSans{name}-Regular.ttf" for name in NOTO]
    return tuple(Font(str(path), 0.7 * EM) for path in named if path.is_file())


@lru_cache(maxsize=64)
def _loaded(path: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, EM)


@lru_cache(maxsize=20_000)
def _drawn(path: str, char: str) -> Grey:
    """Give a character of a font, uint8, cropped to its ink; empty where the font cannot draw it."""
    canvas = Image.new("L", (3 * EM, 3 * EM))
    try:
        ImageDraw.Draw(canvas).text((EM, EM), char, fill=255, font=_loaded(path))
    except OSError:
        return np.zeros((0, 0), np.uint8)
    ink = np.ascontiguousarray(crop_ink(np.asarray(canvas)))
    # a font draws what it lacks as it draws what no font has
    if char != NO_CHARACTER and np.array_equal(ink, _drawn(path, NO_CHARACTER)):
        return np.zeros((0, 0), np.uint8)
    return ink


def set_in(font: Font, char: str, height: float, heavier: float = 0) -> Grey:
    """Give a character in a font.

    Args:
        font: in which.
        char: what.
        height: of the font's digits, in pixels.
        heavier: how much wider its strokes become, in heights of a digit; below 0: thinner.

    Returns:
        uint8 (h, w), the ink from 0 to 255, cropped; empty where the font cannot draw it.
    """
    drawn = _drawn(font.path, char)
    if not drawn.size:
        return drawn
    wide = round(abs(heavier) * EM)
    if wide:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide + 1, wide + 1))
        changed = (cv2.dilate if heavier > 0 else cv2.erode)(
            cv2.copyMakeBorder(drawn, wide, wide, wide, wide, 0), kernel
        )
        # what is as thin as a hair does not become thinner
        is_left = np.count_nonzero(changed > INKED) > LEFT * np.count_nonzero(drawn > INKED)
        drawn = np.asarray(changed, np.uint8) if is_left else drawn
    scale = height / font.digit
    size = max(1, round(drawn.shape[1] * scale)), max(1, round(drawn.shape[0] * scale))
    return np.asarray(
        cv2.resize(drawn, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8
    )


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


def foreign(rng: np.random.Generator, height: float, script: Script | None = None) -> Grey:
    """Give a letter of a script of `SCRIPTS`, or of any of them; empty where its fonts are missing."""
    ranges = script or SCRIPTS[rng.integers(len(SCRIPTS))]
    low, high = ranges[rng.integers(len(ranges))]
    choice = _fonts_of(low)
    if not choice:
        return np.zeros((0, 0), np.uint8)
    return set_in(choice[rng.integers(len(choice))], chr(int(rng.integers(low, high + 1))), height)


@lru_cache
def _fonts_of(first: int) -> tuple[Font, ...]:
    """Give the installed fonts that have a script, by its first character."""
    known = (*_noto(), *fonts(("dejavu", "freefont", *HANDS)))
    return tuple(font for font in known if _drawn(font.path, chr(first)).size)
