"""Pixels of any kind -> grey levels."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitcam.errors import ImageError
from digitcam.frame import Grey

WIDE = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
WHITE = np.iinfo(np.uint8).max
# Floats up to here are shares of white: resampling may overshoot 1, and no picture of 0..255 is as black as this.
SHARES = 2.0
SEEN = 128  # opacity from which a pixel is taken for ink


def grey(image: Image.Image) -> Grey:
    """Grey levels of a decoded picture; where most of it is transparent, on the ground on which its ink is seen best.

    Returns:
        uint8 (height, width).

    Raises:
        ImageError: it holds no number at all; the message does not name it.
    """
    if image.mode in WIDE:
        return _eight_bits(np.asarray(image, dtype=np.float32), is_float=image.mode == "F")
    if image.mode == "LAB":
        return np.array(image.getchannel(0))
    if image.mode in {"RGBa", "La"} or "A" in image.getbands() or "transparency" in image.info:
        return _on_ground(image.convert("RGBA"))
    return np.array(image.convert("L"))


def _on_ground(image: Image.Image) -> Grey:
    """Lay an RGBA picture on white paper, or on black where that shows the faintest of its ink better."""
    opacity = np.asarray(image.getchannel("A"))
    ink = np.asarray(image.convert("L"))[opacity >= SEEN]
    ground = "white"
    # of a photograph with a few transparent corners they are not the ground
    if 0 < 2 * ink.size < opacity.size:
        dark, light = np.percentile(ink, (10, 90))
        ground = "white" if WHITE - light >= dark else "black"
    return np.array(Image.alpha_composite(Image.new("RGBA", image.size, ground), image).convert("L"))


def _eight_bits(levels: NDArray[np.float32], *, is_float: bool) -> Grey:
    """16-bit, wider and float levels -> 0..255, by the range they use; what is no number becomes their middle."""
    finite = levels[np.isfinite(levels)]
    if not finite.size:
        raise ImageError("holds no number, only NaN; save it again")
    low, high = float(finite.min()), float(finite.max())
    levels = np.nan_to_num(levels, nan=float(np.median(finite)), posinf=high, neginf=low)
    if is_float and low >= 0 and high <= SHARES:
        return (levels * (WHITE / max(high, 1))).astype(np.uint8)
    if low >= 0 and high <= WHITE:
        return levels.astype(np.uint8)
    return ((levels - low) * (WHITE / max(high - low, 1e-9))).astype(np.uint8)
