"""Picture files -> grey frames."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from digitcam.errors import ImageError
from digitcam.frame import Grey

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"})
MOST_PIXELS = 50_000_000
LEAST_SIDE = 8  # pixels; nothing smaller shows a digit


def load(path: Path) -> Grey:
    """Read a picture, upright and grey.

    Args:
        path: any file that Pillow opens; transparent parts count as white paper.

    Returns:
        uint8 (height, width).

    Raises:
        ImageError: the file is missing, no picture, damaged, or too small or too large.
    """
    try:
        with warnings.catch_warnings():
            # our own limit stands below
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                return _grey(image, path)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(f"{path}: more than {MOST_PIXELS // 1_000_000} megapixels; make it smaller") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{path}: not a picture that Pillow can open") from error
    except OSError as error:
        raise ImageError(f"{path}: cannot read: {error.strerror or error}") from error
    except Exception as error:
        # Pillow's decoders raise all kinds of errors on damaged files
        raise ImageError(f"{path}: damaged: {error}") from error


def _grey(image: Image.Image, path: Path) -> Grey:
    width, height = image.size
    if width * height > MOST_PIXELS:
        limit = MOST_PIXELS // 1_000_000
        raise ImageError(f"{path}: {width}x{height} is more than {limit} megapixels; make it smaller")
    if min(width, height) < LEAST_SIDE:
        raise ImageError(f"{path}: {width}x{height} is too small; {LEAST_SIDE} pixels a side is the least")
    upright = ImageOps.exif_transpose(image)
    if upright.mode in {"I", "I;16", "I;16B", "I;16L", "F"}:
        return _eight_bits(np.asarray(upright, dtype=np.float32))
    if "A" in upright.getbands() or "transparency" in upright.info:
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright.convert("RGBA"))
    return np.array(upright.convert("L"))


def _eight_bits(levels: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Grey:
    """16-bit and wider grey levels -> 0..255, by the range they use."""
    low, high = float(levels.min()), float(levels.max())
    if low >= 0 and high <= np.iinfo(np.uint8).max:
        return levels.astype(np.uint8)
    return ((levels - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)
