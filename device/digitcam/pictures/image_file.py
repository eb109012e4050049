"""Picture files -> grey pictures, page by page."""

import io
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from digitcam.errors import ImageError
from digitcam.frame import Grey, Origin
from digitcam.pictures import foreign
from digitcam.pictures.grey import hues_of, to_grey
from digitcam.pictures.seekable import open_seekable
from digitcam.redact import make_legible

# Of what Pillow decodes by itself.
DECODED = """
    .apng .avif .avifs .blp .bmp .bw .cur .dcx .dds .dib .fit .fits .flc .fli .ftc .ftu .gbr .gif .icb .icns .ico
    .iim .im .j2c .j2k .jfif .jp2 .jpc .jpe .jpeg .jpf .jpg .jpx .mpo .msp .pbm .pcd .pcx .pfm .pgm .png .pnm .ppm
    .psd .pxr .qoi .ras .rgb .rgba .sgi .tga .tif .tiff .vda .vst .webp .xbm .xpm
"""
# And of photographs that it does not: they are told, not passed over.
SUFFIXES = frozenset(DECODED.split()) | foreign.HEIF_SUFFIXES | foreign.RAW_SUFFIXES
# Whose further frames are pages: not a photograph's preview, an icon's sizes or a drawing's layers.
PAGED = frozenset({"TIFF", "GIF", "WEBP", "PNG", "AVIF", "DCX", "FLI"})
NEW_SUBFILE_TYPE, REDUCED_OR_MASK = 254, 0b101  # TIFF: a page that is another's preview or mask
MOTION_JPEG = frozenset({".mjpeg", ".mjpg"})  # to Pillow one picture, the first
MOST_PIXELS = 50_000_000
# What comes from the network is held to what a Pi has memory for beside the loop, and to decoders that run no program
# (Pillow hands EPS to Ghostscript).
MOST_SENT_PIXELS = 25_000_000
SENT_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
LEAST_SIDE = 8  # pixels; nothing smaller shows a digit
SLIMMEST = 100  # longer side by shorter; a slimmer picture would be shrunk to nothing, and shows no digit either


class Page(NamedTuple):
    """A picture of a file, upright.

    Attributes:
        origin: where it comes from.
        image: uint8 (height, width), its grey levels.
        hues: likewise, what is to be read in its colours where nothing is in these; made as they are asked for, once,
            before the file's next page is.
    """

    origin: Origin
    image: Grey
    hues: Iterable[Grey] = ()


def load(path: Path) -> Grey:
    """Read a picture file, upright and grey; of several pages the first.

    Args:
        path: any file that Pillow opens; `-` for standard input.

    Returns:
        uint8 (height, width).

    Raises:
        ImageError: the file is missing, no picture, damaged, or too small or too large.
    """
    return load_page(path).image


def load_page(path: Path) -> Page:
    """Read a picture file, likewise, with its colours."""
    with closing(read_pages(path)) as found:
        first = next(found)
    if isinstance(first, ImageError):
        raise first
    return first


def read_pages(path: Path) -> Generator[Page | ImageError]:
    """Read the pages of a file in turn, at least one; in place of one that cannot be read, give what is wrong with it.

    Args:
        path: any file that Pillow opens; `-` for standard input.
    """
    name = make_legible(str(path))
    with ExitStack() as opened:
        try:
            with _named(name):
                image = opened.enter_context(_opened(open_seekable(path), path.suffix.lower()))
                several = _has_several(image)
        except ImageError as error:
            yield error
            return
        yield _page(image, Origin(name, 1 if several else 0))
        number = 1
        while several:
            number += 1
            origin = Origin(name, number)
            try:
                with _named(str(origin)):
                    several = _turn_to(image, number)
                    shown = several and not _belongs_to_another(image)
            except ImageError as error:
                yield error  # and where the next would begin is lost with it
                return
            if shown:
                yield _page(image, origin)


def is_picture(path: Path) -> bool:
    """Tell whether a file is to be read as a picture, well or in vain, and not as a film."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES or suffix in MOTION_JPEG:
        return suffix in SUFFIXES
    try:
        with _named(str(path)), path.open("rb") as file:
            if said := foreign.tell_kind(file.read(foreign.HEAD_BYTES)):
                return said != foreign.FILM
            file.seek(0)
            Image.open(file).close()
    except ImageError:
        return False
    return True


def decode(data: bytes, name: str) -> Page:
    """Read a picture that somebody sent, upright and grey; of several pages the first, and that it is that.

    Args:
        data: the whole of a file in one of `SENT_FORMATS`.
        name: what it is called.

    Raises:
        ImageError: it is no such picture, damaged, or too small or too large.
    """
    with _named(name, MOST_SENT_PIXELS), _opened(io.BytesIO(data), formats=SENT_FORMATS) as image:
        return _upright(Origin(name, 1 if _has_several(image) else 0), image, MOST_SENT_PIXELS)


@contextmanager
def _opened(file: IO[bytes], suffix: str = "", formats: tuple[str, ...] | None = None) -> Iterator[Image.Image]:
    """Find out what a file is, and close it at the end; nothing is decoded yet."""
    with file:
        said = foreign.tell_kind(file.read(foreign.HEAD_BYTES), suffix)
        file.seek(0)
        if said == foreign.HEIC and foreign.can_read_heif():
            said, formats = "a damaged HEIC photograph; copy it again", formats and (*formats, "HEIF")
        elif said in foreign.TAKEN_FOR_PICTURES:
            raise ImageError(said)
        try:
            image = Image.open(file, formats=formats)
        except UnidentifiedImageError as error:
            known = f"{', '.join(formats[:-1])} or {formats[-1]}" if formats else "picture that Pillow can open"
            raise ImageError(said or f"not a {known}") from error
        with image:
            if foreign.DNG_VERSION in getattr(image, "tag_v2", ()):
                raise ImageError(foreign.RAW)
            yield image


@contextmanager
def _named(name: str, most_pixels: int = MOST_PIXELS) -> Iterator[None]:
    """Make one line that names the picture of whatever Pillow raises, and nothing of what it warns of."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: {_too_large(most_pixels)}") from error
    except OSError as error:
        raise ImageError(f"{name}: cannot read: {error.strerror or error}") from error
    except Exception as error:
        # Pillow's decoders raise all kinds of errors on damaged files
        raise ImageError(f"{name}: damaged: {' '.join(str(error).split())}") from error


def _has_several(image: Image.Image) -> bool:
    """Tell whether it has pages; one whose second cannot be found has, so that this is told."""
    if image.format not in PAGED:
        return False
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # noqa: BLE001 - all kinds, as above
        return True


def _turn_to(image: Image.Image, number: int) -> bool:
    """Turn to a page, from 1; False after the last."""
    try:
        image.seek(number - 1)
    except EOFError:
        return False
    return True


def _belongs_to_another(image: Image.Image) -> bool:
    """Tell whether a TIFF's page is but the preview or the mask of another."""
    return bool(getattr(image, "tag_v2", {}).get(NEW_SUBFILE_TYPE, 0) & REDUCED_OR_MASK)


def _page(image: Image.Image, origin: Origin) -> Page | ImageError:
    try:
        with _named(str(origin)):
            return _upright(origin, image, MOST_PIXELS)
    except ImageError as error:
        return error


def _upright(origin: Origin, image: Image.Image, most_pixels: int) -> Page:
    # in its place, where no page after it is decoded onto it: two of 12 megapixels would take 72 MB
    upright = turn_upright(image, most_pixels, in_place=not origin.page)
    return Page(origin, to_grey(upright), hues_of(upright))


def turn_upright(image: Image.Image, most_pixels: int = MOST_PIXELS, *, in_place: bool = False) -> Image.Image:
    """Decode a picture, as a person holds it.

    Args:
        image: of any size and kind.
        most_pixels: that it may have.
        in_place: whether it may itself be turned.

    Raises:
        ImageError: it is damaged, or too small, too slim or too large; the message does not name it.
    """
    width, height = image.size
    if width * height > most_pixels:
        raise ImageError(_too_large(most_pixels))
    if min(width, height) < LEAST_SIDE:
        raise ImageError(f"{width}x{height} is too small; {LEAST_SIDE} pixels a side is the least")
    if max(width, height) > SLIMMEST * min(width, height):
        raise ImageError(f"{width}x{height} is too slim; no digit fits in")
    image.load()
    # Pillow itself turns a TIFF as it decodes it; releases before 10 would then turn it twice
    if image.format == "TIFF" or image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
        return image
    if in_place:
        ImageOps.exif_transpose(image, in_place=True)
        return image
    return ImageOps.exif_transpose(image)


def _too_large(most_pixels: int) -> str:
    return f"more than {most_pixels // 1_000_000} megapixels; make it smaller"
