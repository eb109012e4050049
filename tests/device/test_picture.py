"""Pictures of every kind become grey and upright, or are refused with a reason."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitcam.frame import Grey
from digitcam.picture import load

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
    "an empty file": (lambda path: path.write_bytes(b""), "not a picture"),
    "a truncated JPEG": (truncated_jpeg, "image file is truncated"),
    "a folder": (lambda path: path.mkdir(), "Is a directory"),
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


def test_transparent_parts_are_white_paper(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    ink = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    ink[:, :10, 3] = 255
    Image.fromarray(ink).save(path)
    grey = load(path)
    assert (grey[:, :10] == 0).all()
    assert (grey[:, 10:] == 255).all()


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
