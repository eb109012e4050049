"""Debian's fonts that are installed here, and characters set in them: handwriting, print, other scripts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitcam.frame import Grey
from digitcam.recognition.normalize import crop_ink

FONTS = Path("/usr/share/fonts")
# part of a font's path: Debian's package of it
HANDS = {
    "fifthhorseman": "fonts-dkg-handwriting",
    "breip": "fonts-breip",
    "femkeklaver": "fonts-femkeklaver",
    "rufscript": "fonts-rufscript",
    "sjfonts": "fonts-sjfonts",
    "bwht": "fonts-bwht",
    "humor-sans": "fonts-humor-sans",
    "klee": "fonts-klee",
    "kristi": "fonts-kristi",
    "kaushanscript": "fonts-kaushanscript",
    "dancingscript": "fonts-dancingscript",
    "ecolier": "fonts-ecolier-court",
    "yusei-magic": "fonts-yusei-magic",
    "setofont": "fonts-seto",
    "kiloji": "fonts-kiloji",
    "NanumPen": "fonts-nanum-extra",
    "NanumBrush": "fonts-nanum-extra",
    "comic-neue": "fonts-comic-neue",
    "Purisa": "fonts-tlwg-purisa-ttf",
    "Domestic_Manners": "fonts-dustin",
    "PenguinAttack": "fonts-dustin",
    "Abogado": "fonts-dustin",
    "havana": "fonts-havana",
    "leckerli": "fonts-leckerli-one",
    "aoyagi": "fonts-aoyagi-kouzan-t",
}
PRINTS = {
    "dejavu": "fonts-dejavu",
    "liberation": "fonts-liberation",
    "freefont": "fonts-freefont-ttf",
    "urw-base35": "fonts-urw-base35",
    "lato": "fonts-lato",
}
NOTO = "NotoSans"  # part of the path of Debian's fonts of these:
ALPHABETS = "Greek", "Arabic", "Hebrew", "Devanagari", "Thai", "Georgian", "Armenian", "Bengali", "Tamil", "Ethiopic"
HIRAGANA, KATAKANA, HAN, HANGUL = (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3)
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
    (HANGUL,),  # Korean
)
# kana that nobody takes for a digit, as て and ろ are taken for a 7 and a 3
KANA = "あえおかがきぎけげさざすずせぜただでなにぬねはばぱほぼぽまみむめもやゆゐゑをん"
NO_CHARACTER = "\uffff"
EM = 96  # pixels at which fonts are drawn, once
INKED = 127  # of 255: more is ink
LEFT = 0.25  # share of a character's ink that must be left of it where its strokes are made thinner

Script = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Font:
    """An installed font, and how high its digits are at `EM` pixels."""

    path: str
    digit: float


def fonts(parts: Iterable[str]) -> tuple[Font, ...]:
    """Give the installed fonts with digits whose path holds one of `parts`; none where Debian's are missing."""
    return _fonts(tuple(parts))


def missing_packages() -> list[str]:
    """Name Debian's packages of fonts that scenes are written in and that are not here."""
    packages = {**HANDS, **PRINTS, NOTO: "fonts-noto-core"}
    paths = _paths()
    return sorted({package for part, package in packages.items() if not any(part in path for path in paths)})


def _paths() -> list[str]:
    return sorted(str(path) for path in FONTS.rglob("*") if path.suffix.lower() in {".ttf", ".otf"})


@lru_cache
def _fonts(parts: tuple[str, ...]) -> tuple[Font, ...]:
    found = []
    for path in _paths():
        if any(part in path for part in parts):
            drawn = [_drawn(path, digit) for digit in "0123456789"]
            if all(picture.size for picture in drawn) and len({picture.tobytes() for picture in drawn}) == len(drawn):
                found.append(Font(path, float(np.median([picture.shape[0] for picture in drawn]))))
    return tuple(found)


@lru_cache
def noto() -> tuple[Font, ...]:
    """Give the installed fonts of other scripts, most of which have no digits."""
    named = [FONTS / "truetype" / "noto" / f"{NOTO}{name}-Regular.ttf" for name in ALPHABETS]
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


def foreign(rng: np.random.Generator, height: float, script: Script | None = None) -> tuple[Grey, bool]:
    """Give a letter of a script of `SCRIPTS`, or of any of them; empty where its fonts are missing.

    And whether nobody takes it for a digit, even where it stands alone.
    """
    ranges = script or SCRIPTS[rng.integers(len(SCRIPTS))]
    low, high = ranges[rng.integers(len(ranges))]
    choice = _fonts_of(low)
    if not choice:
        return np.zeros((0, 0), np.uint8), False
    font, char = choice[rng.integers(len(choice))], chr(int(rng.integers(low, high + 1)))
    return set_in(font, char, height), (low, high) in (HAN, HANGUL) or char in KANA


@lru_cache
def _fonts_of(first: int) -> tuple[Font, ...]:
    """Give the installed fonts that have a script, by its first character."""
    known = (*noto(), *fonts(("dejavu", "freefont", *HANDS)))
    return tuple(font for font in known if _drawn(font.path, chr(first)).size)
