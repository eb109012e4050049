"""Picture files -> grey frames."""

import io
import warnings
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from digitcam.errors import ImageError
from digitcam.frame import Grey

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"})
MOST_PIXELS = 50_000_000
# What comes from the network is held to what a Pi has memory for beside the loop, and to decoders that run no program
# (Pillow hands EPS to Ghostscript).
MOST_SENT_PIXELS = 25_000_000
SENT_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
LEAST_SIDE = 8  # pixels; nothing smaller shows a digit
SLIMMEST = 100  # longer side by shorter; a slimmer picture would be shrunk to nothing, and shows no digit either


def load(path: Path) -> Grey:
    """Read a picture file, upright and grey.

    Args:
        path: any file that Pillow opens; transparent parts count as white paper.

    Returns:
        uint8 (height, width).

    Raises:
        ImageError: the file is missing, no picture, damaged, or too small or too large.
    """
    return _read(path, str(path), MOST_PIXELS, None)


def decode(data: bytes, name: str) -> Grey:
    """Read a picture that somebody sent, upright and grey.

    Args:
        data: the whole of a file in one of `SENT_FORMATS`.
        name: what an error calls it.

    Returns:
        uint8 (height, width).

    Raises:
        ImageError: it is no such picture, damaged, or too small or too large.
    """
    return _read(io.BytesIO(data), name, MOST_SENT_PIXELS, SENT_FORMATS)


def _read(file: Path | IO[bytes], name: str, most_pixels: int, formats: tuple[str, ...] | None) -> Grey:
    try:
        with warnings.catch_warnings():
            # our own limit stands below
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=formats) as image:
                return _grey(image, name, most_pixels)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large(name, most_pixels)) from error
    except UnidentifiedImageError as error:
        known = f"{', '.join(formats[:-1])} or {formats[-1]}" if formats else "picture that Pillow can open"
        raise ImageError(f"{name}: not a {known}") from error
    except OSError as error:
        raise ImageError(f"{name}: cannot read: {error.strerror or error}") from error
    except Exception as error:
        # Pillow's decoders raise all kinds of errors on damaged files
        raise ImageError(f"{name}: damaged: {error}") from error


def _too_large(name: str, most_pixels: int) -> str:
    return f"{name}: more than {most_pixels // 1_000_000} megapixels; make it smaller"


def _grey(image: Image.Image, name: str, most_pixels: int) -> Grey:
    width, height = image.size
    if width * height > most_pixels:
        raise ImageError(_too_large(name, most_pixels))
    if min(width, height) < LEAST_SIDE:
        raise ImageError(f"{name}: {width}x{height} is too small; {LEAST_SIDE} pixels a side is the least")
    if max(width, height) > SLIMMEST * min(width, height):
        raise ImageError(f"{name}: {width}x{height} is too slim; no digit fits in")
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
