"""Whatever a script calls a picture -> what is read of it; what may be meant in two ways is refused."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitcam.errors import ImageError
from digitcam.frame import Grey, Origin
from digitcam.pictures.grey import hues_of, lay_on_ground, separate, to_grey
from digitcam.pictures.image_file import load_page, turn_upright

WHITE = 255
FLAT, COLOUR = 2, 3  # dimensions of an array of grey levels, and of one of colours
WITH_ALPHA = 4  # channels
FLOATS_BETWEEN = 2.0  # a picture of 0..255 has something brighter, and one of 0..1 nothing so bright
GREEN = 0.587  # of what the eye sees as bright; red and blue share the rest, since either may come first


class ArrayLike(Protocol):
    """An array of any library that NumPy understands."""

    def __array__(self) -> NDArray[Any]:
        """Give its pixels, as NumPy asks for them."""


Picture = str | Path | Image.Image | ArrayLike


def open_picture(picture: Picture) -> tuple[Grey, Iterable[Grey], Origin | None]:
    """Open whatever is called a picture.

    Args:
        picture: a path, of whose pages the first is taken; a Pillow image; or an array of grey levels (height, width),
            of colours (height, width, 3), red or blue first, or with opacity (height, width, 4): uint8 or another
            integer of 0..255, bool, float of 0..1 or of 0..255.

    Returns:
        Its grey levels, uint8 (height, width), upright by EXIF; likewise, what is to be read in its colours where
        nothing is in these; and the file it comes from.

    Raises:
        ImageError: it cannot be read, is no such picture, or may be meant in two ways; the message says what to do.
        TypeError: it is nothing of the kind.
    """
    if isinstance(picture, str | Path):
        page = load_page(Path(picture))
        return page.image, page.hues, Origin(str(picture))
    if isinstance(picture, Image.Image):
        name = getattr(picture, "filename", "")
        image = turn_upright(picture)
        return to_grey(image), hues_of(image), Origin(str(name)) if name else None
    if hasattr(picture, "__array__"):
        image = turn_upright(_image(np.asarray(picture)))
        return to_grey(image) if image.mode == "L" else _seen(image), hues_of(image), None
    raise TypeError(f"a picture is a path, a Pillow image or an array, not {type(picture).__name__}")


def _image(array: NDArray[Any]) -> Image.Image:
    """Make an image of grey levels (L), or of colours (RGB, of which red or blue is first)."""
    shape = array.shape
    if array.size == 0:
        raise ImageError(f"an array of shape {shape} holds no picture")
    if array.ndim == COLOUR and shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in {FLAT, COLOUR} or (array.ndim == COLOUR and shape[2] not in {COLOUR, WITH_ALPHA}):
        turned = array.ndim == COLOUR and shape[0] in {1, COLOUR, WITH_ALPHA}
        hint = "channels come last: array.transpose(1, 2, 0)" if turned else "give one picture at a time"
        raise ImageError(f"an array of shape {shape} is no (height, width), with 3 or 4 channels or none; {hint}")
    image = Image.fromarray(np.ascontiguousarray(_levels(array)))
    return lay_on_ground(image) if image.mode == "RGBA" else image


def _seen(colour: Image.Image) -> Grey:
    # whether red or blue comes first cannot be seen, so both count the same
    weights = np.array([[(1 - GREEN) / 2, GREEN, (1 - GREEN) / 2]], np.float32)
    levels = np.asarray(cv2.transform(np.asarray(colour), weights), np.uint8).reshape(colour.height, colour.width)
    return separate(colour, Image.fromarray(levels))


def _levels(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Bring pixels of any type to 0..255."""
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(WHITE)
    if array.dtype.kind not in "uif":
        raise ImageError(f"an array of {array.dtype} is no picture; give uint8, or float of 0..1")
    low, high = float(array.min()), float(array.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageError("the array holds NaN or infinity; replace them, as by np.nan_to_num")
    span = f"the array goes from {low:g} to {high:g}"
    if low < 0:
        raise ImageError(f"{span}; a picture has no negative levels: bring it to 0..1 or 0..255")
    if high > WHITE:
        raise ImageError(f"{span}; bring it to 0..255, as by (array / {high:g} * 255).astype('uint8')")
    if array.dtype.kind == "f":
        if high <= 1:
            return np.asarray(np.rint(array * WHITE), np.uint8)
        if high <= FLOATS_BETWEEN:
            raise ImageError(f"{span}, which is neither 0..1 nor 0..255; clip it to one of them, as by np.clip")
        return np.asarray(np.rint(array), np.uint8)
    if 0 < high <= 1:
        raise ImageError(f"{span} in {array.dtype}: a mask, or nearly black? multiply it by 255, or make it bool")
    return array.astype(np.uint8)
