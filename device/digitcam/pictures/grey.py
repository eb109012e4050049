"""Pixels of any kind -> grey levels, and what colour adds to them."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitcam.errors import ImageError
from digitcam.frame import Grey
from digitcam.recognition import params
from digitcam.recognition.look import WIDTH

WIDE = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
GREY = frozenset({"1", "L"})
LAB = "LAB"
# How red, and how blue, as JPEG keeps it: of red, green and blue so much, and of white (ITU-T T.871).
HUES = (0.5, -0.4187, -0.0813, 128), (-0.1687, -0.3313, 0.5, 128)
TRANSPARENT = frozenset({"RGBA", "RGBa", "LA", "La", "PA"})
WHITE = np.iinfo(np.uint8).max
# Floats up to here are shares of white: resampling may overshoot 1, and no picture of 0..255 is as black as this.
SHARES = 2.0


def to_grey(image: Image.Image) -> Grey:
    """Make grey levels of a decoded picture; of a transparent one, on the ground on which its ink is seen best.

    Returns:
        uint8 (height, width).

    Raises:
        ImageError: it holds no number at all; the message does not name it.
    """
    if image.mode in WIDE:
        return _eight_bits(np.asarray(image, dtype=np.float32), is_float=image.mode == "F")
    image = _opaque(image)
    if image.mode in GREY:
        return np.array(image.convert("L"))
    colour = _coloured(image)
    return separate(colour, colour.getchannel(0) if colour.mode == LAB else image.convert("L"))


def hues_of(image: Image.Image) -> Iterator[Grey]:
    """Give how red, and then how blue, each pixel of a decoded picture is, each once it is asked for.

    A mark in another ink across writing, a teacher's across a pupil's, is as dark as that, and stands by itself here.

    Returns:
        uint8 (height, width) each; nothing of a grey picture.
    """
    if image.mode in WIDE | GREY:
        return
    colour = _coloured(_opaque(image))
    if colour.mode == LAB:
        yield from map(np.array, colour.split()[1:])
    else:
        yield from (np.array(colour.convert("L", hue)) for hue in HUES)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode in TRANSPARENT or "transparency" in image.info:
        return lay_on_ground(image.convert("RGBA"))
    return image


def _coloured(image: Image.Image) -> Image.Image:
    # Pillow knows no way from LAB to others
    return image if image.mode in {LAB, "RGB"} else image.convert("RGB")


def separate(colour: Image.Image, levels: Image.Image) -> Grey:
    """Take grey levels, or the channel that shows ink where they do not: red may be as bright as blue.

    A channel is taken for what it shows in any part of the picture, if it hides nothing that they show in another.
    """
    few = -(-colour.width // WIDTH), -(-colour.height // WIDTH)
    seen = _ink(levels.reduce(few))
    faint = params.CLEARER * np.maximum(_around(seen), params.COLOUR_NOISE)
    plain = seen >= params.CLEARER * params.COLOUR_NOISE
    best, most = levels, params.COLOUR_SHOWN * seen.size
    for number, channel in enumerate(colour.reduce(few).split()):
        ink = _ink(channel)
        shown = np.count_nonzero(ink > faint)
        hidden = np.count_nonzero(plain & (params.CLEARER * _around(ink) < seen))
        if shown > most and hidden <= params.COLOUR_SHOWN * seen.size:
            best, most = colour.getchannel(number), shown
    return np.array(best)


def _ink(view: Image.Image) -> NDArray[np.uint8]:
    """Measure how far each pixel of a small view stands out from what is around it, as a stroke does and no edge."""
    smooth = cv2.blur(np.asarray(view), (3, 3))
    around = np.ones((params.COLOUR_STROKE, params.COLOUR_STROKE), np.uint8)
    dark, light = (cv2.morphologyEx(smooth, way, around) for way in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT))
    return np.asarray(cv2.max(dark, light), np.uint8)


def _around(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give the most that stands out within a stroke's width of each pixel."""
    return np.asarray(cv2.dilate(ink, np.ones((params.COLOUR_STROKE, params.COLOUR_STROKE), np.uint8)), np.uint8)


def lay_on_ground(image: Image.Image) -> Image.Image:
    """Lay an RGBA picture on white paper, or on black or grey where that shows the faintest of its ink better."""
    opacity = np.asarray(image.getchannel("A"))
    ink = np.asarray(image.convert("L"))[opacity >= max(1, opacity.max() / 2)]
    ground = "white"
    # of a photograph with a few transparent corners they are not the ground
    if 0 < 2 * ink.size < opacity.size:
        dark, light = np.percentile(ink, (100 * params.CLIPPED, 100 - 100 * params.CLIPPED))
        ground = "white" if WHITE - light >= dark else "black"
        if max(WHITE - light, dark) < params.GROUND_APART:
            ground = "grey"
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image).convert("RGB")


def _eight_bits(levels: NDArray[np.float32], *, is_float: bool) -> Grey:
    """Bring 16-bit, wider and float levels to 0..255, by the range they use; what is no number becomes their middle."""
    finite = levels[np.isfinite(levels)]
    if not finite.size:
        raise ImageError("holds no number, only NaN; save it again")
    low, high = float(finite.min()), float(finite.max())
    levels = np.nan_to_num(levels, nan=float(np.median(finite)), posinf=high, neginf=low)
    are_shares = is_float and low >= 0 and high <= SHARES
    if are_shares and high * WHITE >= 1:
        return (levels * (WHITE / max(high, 1))).astype(np.uint8)
    if low >= 0 and high <= WHITE and not are_shares:
        return levels.astype(np.uint8)
    return ((levels - low) * (WHITE / max(high - low, 1e-9))).astype(np.uint8)
