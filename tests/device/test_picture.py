"""Pictures of every kind become grey and upright, or are refused with a reason."""

import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from digitcam.errors import ImageError
from digitcam.frame import Grey
from digitcam.pictures.image_file import SUFFIXES, decode, is_picture, load, read_pages

WIDTH, HEIGHT = 64, 48
RAMP = np.tile(np.arange(WIDTH, dtype=np.uint8) * 4, (HEIGHT, 1))  # darkest on the left


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def truncated_jpeg(path: Path) -> None:
    Image.effect_noise((640, 480), 50).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:20_000])


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a text file": (lambda path: path.write_text("12345\n"), "not a picture"),
    "an empty file": (lambda path: path.write_bytes(b""), "an empty file"),
    "a truncated JPEG": (truncated_jpeg, "image file is truncated"),
    "a folder": (lambda path: path.mkdir(), "no pictures in this folder"),
    "no file": (lambda _: None, "No such file"),
    "0x0 pixels": (lambda path: path.write_bytes(png_header(0, 0)), "not a picture"),
    "1x1 pixel": (lambda path: Image.new("L", (1, 1)).save(path, "PNG"), "1x1 is too small"),
    "a slim strip": (lambda path: Image.new("L", (8, 60_000)).save(path, "PNG"), "8x60000 is too slim"),
    "51 megapixels": (lambda path: path.write_bytes(png_header(10_000, 5_100)), "more than 50 megapixels"),
    "a decompression bomb": (lambda path: path.write_bytes(png_header(60_000, 60_000)), "more than 50 megapixels"),
}


@pytest.mark.parametrize(("make", "reason"), BAD.values(), ids=BAD.keys())
def test_what_is_no_readable_picture_is_refused(
    make: Callable[[Path], object], reason: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    path = tmp_path / "picture.jpg"
    make(path)
    line = refused("read", path)
    assert str(path) in line
    assert reason in line


def in_mode(mode: str) -> Image.Image:
    match mode:
        case "I;16":
            return Image.fromarray(RAMP.astype(np.uint16) * 257)
        case "I" | "F":
            return Image.fromarray(RAMP.astype(np.int32 if mode == "I" else np.float32) * 257)
        case _:
            return Image.fromarray(RAMP).convert("RGB" if mode == "CMYK" else mode).convert(mode)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        ("L", "png"),
        ("RGB", "png"),
        ("RGBA", "png"),
        ("LA", "png"),
        ("P", "png"),
        ("CMYK", "tif"),
        ("I;16", "png"),
        ("I", "tif"),
        ("F", "tif"),
        ("RGB", "webp"),
    ],
)
def test_every_kind_of_pixel_becomes_grey(mode: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    in_mode(mode).save(path, lossless=True)
    grey = load(path)
    assert grey.dtype == np.uint8
    assert np.abs(grey.astype(int) - RAMP).max() <= 3  # 16-bit pictures are stretched over the range they use


def test_black_and_white_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.fromarray(RAMP).point(lambda level: 255 * (level > 128), "1").save(path)
    assert set(np.unique(load(path))) == {0, 255}


# a stroke of half black and half grey, of white and grey, of yellow and red: what is faintest on white decides
INKS = {
    "dark": (0, 90, 255),
    "light": (255, 200, 0),
    "white": (255, 255, 0),
    "faint": (100, 100, 255),
    "dark and light": (0, 255, 128),
}


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize(("ink", "other", "ground"), INKS.values(), ids=INKS.keys())
def test_ink_on_a_transparent_ground_is_laid_on_what_it_stands_out_from(
    ink: int, other: int, ground: int, mode: str, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    drawn = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    drawn[:, :10] = (ink, ink, ink, 255)
    drawn[:, 10:20] = (other, other, other, 255)
    image = Image.fromarray(drawn)
    (image.quantize(3) if mode == "P" else image.convert(mode)).save(path)
    grey = load(path)
    assert np.abs(grey[:, :10].astype(int) - ink).max() <= 1
    assert np.abs(grey[:, 10:20].astype(int) - other).max() <= 1
    assert (grey[:, 20:] == ground).all()


@pytest.mark.parametrize(("ink", "ground"), [(255, 0), (0, 255)], ids=["light", "dark"])
def test_ink_that_is_half_transparent_is_ink(ink: int, ground: int, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    drawn = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    drawn[:, :10] = (ink, ink, ink, 100)
    Image.fromarray(drawn).save(path)
    grey = load(path)
    assert (grey[:, 10:] == ground).all()
    assert np.abs(grey[:, :10].astype(int) - ground).min() >= 99


def test_transparent_corners_of_a_picture_are_white_paper(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    drawn = np.full((HEIGHT, WIDTH, 4), 230, np.uint8)
    drawn[..., 3] = 255
    drawn[:10, :10, 3] = 0
    Image.fromarray(drawn).save(path)
    assert (load(path)[:10, :10] == 255).all()


# black to white, and in the second column what is no number
LEVELS = {
    "shares": (0.0, 1.0, None),
    "shares that overshoot": (0.0, 1.02, None),
    "as they are": (0.0, 255.0, None),
    "any range": (-7.0, 3000.0, None),
    "a small one": (0.0, 0.001, None),
    "with NaN": (0.0, 1.0, np.nan),
    "with infinity": (0.0, 255.0, np.inf),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("low", "high", "odd"), LEVELS.values(), ids=LEVELS.keys())
def test_floats_of_every_range_become_grey(low: float, high: float, odd: float | None, tmp_path: Path) -> None:
    path = tmp_path / "picture.tif"
    levels = (RAMP / RAMP.max() * (high - low) + low).astype(np.float32)
    if odd is not None:
        levels[:, 32] = odd
    Image.fromarray(levels).save(path)
    grey = np.delete(load(path), 32, axis=1)
    assert np.abs(grey.astype(int) - np.delete(RAMP / RAMP.max() * 255, 32, axis=1)).max() <= 1


def test_a_picture_of_no_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.tif"
    Image.fromarray(np.full((HEIGHT, WIDTH), np.nan, np.float32)).save(path)
    with pytest.raises(ImageError, match=r"picture\.tif: holds no number, only NaN; save it again$"):
        load(path)


def test_of_a_lab_picture_the_lightness_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "picture.tif"
    flat = Image.new("L", (WIDTH, HEIGHT), 128)
    Image.merge("LAB", [Image.fromarray(RAMP), flat, flat]).save(path)
    assert np.array_equal(load(path), RAMP)


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [(3, lambda stored: stored[::-1, ::-1]), (6, lambda stored: np.rot90(stored, -1)), (8, np.rot90)],
)
def test_exif_turns_the_picture_upright(orientation: int, upright: Callable[[Grey], Grey], tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(RAMP).save(path, exif=exif)
    assert np.array_equal(load(path), upright(RAMP))


TURNS: dict[int, Callable[[Grey], Grey]] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.T,
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: stored[::-1, ::-1].T,
    8: np.rot90,
}


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
@pytest.mark.parametrize("orientation", TURNS)
def test_a_tiffs_tag_turns_it_upright_compressed_or_not(
    orientation: int, compression: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "picture.tif"
    slant = np.maximum(RAMP, np.arange(HEIGHT, dtype=np.uint8)[:, None] * 5)
    Image.fromarray(slant).save(path, tiffinfo={274: orientation}, compression=compression)
    assert np.array_equal(load(path), TURNS[orientation](slant))


# pages


def page(level: int) -> Image.Image:
    return Image.new("L", (WIDTH, HEIGHT), level)


def told(path: Path) -> list[str | int]:
    """Of each page its name and its level, or what is wrong with it."""
    found: list[str | int] = []
    for one in read_pages(path):
        if isinstance(one, ImageError):
            found.append(str(one))
        else:
            found += [str(one.origin).removeprefix(f"{path}"), int(one.image[0, 0])]
    return found


@pytest.mark.parametrize("suffix", ["tif", "gif", "webp", "png"])
def test_every_page_is_read_and_named(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"pages.{suffix}"
    page(40).save(path, save_all=True, append_images=[page(90), page(140)], lossless=True)
    assert told(path) == [", page 1", 40, ", page 2", 90, ", page 3", 140]
    assert (load(path) == 40).all()
    sent = decode(path.read_bytes(), "picture")
    assert (sent.origin.page, int(sent.image[0, 0])) == (1, 40)


@pytest.mark.parametrize("suffix", ["tif", "gif", "png"])
def test_a_picture_alone_is_no_page(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"page.{suffix}"
    page(40).save(path)
    assert told(path) == ["", 40]
    assert decode(path.read_bytes(), "picture").origin.page == 0


def test_a_damaged_page_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    page(40).save(path, save_all=True, append_images=[Image.new("L", (4, 4)), page(140)])
    assert told(path) == [
        *(", page 1", 40),
        f"{path}, page 2: 4x4 is too small; 8 pixels a side is the least",
        *(", page 3", 140),
    ]


def test_pages_that_cannot_be_found_are_told_and_the_first_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    page(40).save(path, save_all=True, append_images=[page(90)])
    whole = path.read_bytes()
    with Image.open(path) as image:
        image.seek(1)
        second = image.tag_v2._offset  # type: ignore[attr-defined]  # noqa: SLF001 - where the second begins
    path.write_bytes(whole[: second + 1])
    first, level, error = told(path)
    assert (first, level) == (", page 1", 40)
    assert str(error).startswith(f"{path}, page 2: ")


def test_the_preview_in_a_tiff_and_the_second_picture_in_a_photograph_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    stream = io.BytesIO()  # a file would be closed before the writer, which Pillow 13 warns of
    with TiffImagePlugin.AppendingTiffWriter(stream) as written:
        for kind, level in ((0, 40), (1, 90), (2, 140)):  # 1: of reduced size
            page(level).save(written, "TIFF", tiffinfo={254: kind})
            written.newFrame()
    path.write_bytes(stream.getvalue())
    assert told(path) == [", page 1", 40, ", page 3", 140]
    photograph = tmp_path / "photograph.jpg"
    page(40).save(photograph, "MPO", save_all=True, append_images=[page(90)])
    assert told(photograph) == ["", 40]


# what is no picture to Pillow

FOREIGN: dict[str, tuple[str, bytes, str]] = {
    "HEIC": ("x.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "convert it to JPEG"),
    "PDF": ("x.pdf", b"%PDF-1.7\n%\xe2\xe3", "make pictures of its pages"),
    "SVG": (
        "x.svg",
        b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg xmlns='http://www.w3.org/2000/svg'>",
        "rsvg-convert",
    ),
    "plain SVG": ("x.svg", b"<svg width='8'>", "rsvg-convert"),
    "raw": ("x.nef", b"II*\0\x08\0\0\0", "export it as JPEG"),
    "CR3": ("x", b"\0\0\0\x18ftypcrx \0\0\0\1", "export it as JPEG"),
    "JPEG XL": ("x.jxl", b"\xff\x0a\0\0", "djxl"),
    "a film": ("x.mp4", b"\0\0\0\x18ftypisom\0\0\0\1", "`digitcam run --source FILE` reads it"),
    "AVI": ("x.avi", b"RIFF\0\0\0\0AVI LIST", "`digitcam run --source FILE` reads it"),
    "MPEG": ("x.mpg", b"\0\0\1\xba\x44", "`digitcam run --source FILE` reads it"),
    "Git LFS": ("x.png", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "a web page": ("x.jpg", b"<!DOCTYPE html>\n<html>404", "save the picture that it shows"),
    "an odd TIFF": ("x.tif", b"II*\0\x08\0\0\0\1\0", "magick FILE page.png"),
    "AppleDouble": ("._x.png", b"\0\5\x16\7\0\2\0\0Mac OS X        ", "what macOS notes"),
}


@pytest.mark.parametrize(("name", "head", "advice"), FOREIGN.values(), ids=FOREIGN.keys())
def test_what_pillow_does_not_know_is_told_with_what_to_do(name: str, head: bytes, advice: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(head.ljust(64, b"\0"))
    (line,) = told(path)
    assert str(line).startswith(f"{path}: ")
    assert advice in str(line)
    assert is_picture(path) is ("--source" not in advice)


def test_a_raw_photograph_is_known_by_its_tag_too(tmp_path: Path) -> None:
    path = tmp_path / "photo.tif"
    page(40).save(path, tiffinfo={50706: b"\1\4\0\0"})
    with pytest.raises(ImageError, match=r"photo\.tif: a raw photograph; export it as JPEG"):
        load(path)


# a pillow-heif that opens HEIC as the real one does, for want of its codecs here: what follows the brand is a PNG
OPENER = """
import io
from PIL import Image, ImageFile, PngImagePlugin
class Heif(PngImagePlugin.PngImageFile):
    format = "HEIF"
    def _open(self):
        self.fp = io.BytesIO(self.fp.read()[24:])
        super()._open()
def register_heif_opener():
    Image.register_open("HEIF", Heif, lambda head: head[4:12] == b"ftypheic")
"""


def test_heic_is_read_where_pillow_heif_is_installed(tmp_path: Path) -> None:
    (tmp_path / "pillow_heif.py").write_text(OPENER)
    png = io.BytesIO()
    page(40).save(png, "PNG")
    path = tmp_path / "page.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + png.getvalue())
    program = """
import sys
from pathlib import Path
from digitcam.pictures.image_file import decode, load
path = Path(sys.argv[1])
print(load(path)[0, 0], decode(path.read_bytes(), "sent").image[0, 0])
"""
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "40 40\n"


def test_every_suffix_that_pillow_decodes_by_itself_is_a_pictures() -> None:
    # the first five know only the head, EPS is for Ghostscript, WMF for Windows
    others = {"BUFR", "GRIB", "HDF5", "MPEG", "PDF", "EPS", "WMF", "EMF"}
    Image.init()
    known = {suffix for suffix, form in Image.registered_extensions().items() if form in Image.OPEN.keys() - others}
    assert known <= SUFFIXES


@pytest.mark.filterwarnings("error")
def test_what_pillow_warns_of_is_no_business_of_the_person(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    exif = Image.Exif()
    exif[0x010E] = "described at some length"
    page(40).save(path, exif=exif.tobytes()[:-10])
    with pytest.warns(UserWarning, match="Truncated File Read"), Image.open(path) as image:
        image.getexif()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(path).shape == (HEIGHT, WIDTH)
