"""Files that show something, but are no pictures to Pillow: what they are, and what to convert them to."""

import re
import sys

HEAD_BYTES = 4096  # that tell what a file is
RAW_SUFFIXES = frozenset({".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw"})
HEIF_SUFFIXES = frozenset({".heic", ".heif", ".hif"})
DNG_VERSION = 0xC612  # the tag that makes a TIFF file a DNG

RAW = "a raw photograph; export it as JPEG, for example with `darktable-cli FILE page.jpg`"
FILM = "a film; `digitcam run --source FILE` reads it"
HEIC = (
    f"a HEIC photograph; `{sys.executable} -m pip install pillow-heif` to read it, or convert it to JPEG, "
    "for example with `heif-convert FILE page.jpg`"
)
# In the order in which they are tried, since every ISO file is a film unless its brand says otherwise.
KINDS = {
    rb"....ftyp(heic|heix|heim|heis|hevc|hevx|heif|mif1|msf1)": HEIC,
    rb"....ftyp(avif|avis)": "an AVIF picture, which this Pillow does not read; convert it to PNG or JPEG",
    rb"....ftypcrx |FUJIFILMCCD-RAW|II(RO|RS|U\0)|MMOR|II\*\0\x10\0\0\0CR": RAW,
    rb"....(ftyp|moov|mdat|wide)|RIFF....AVI |\x1a\x45\xdf\xa3|FLV\x01|\0\0\x01[\xba\xb3]": FILM,
    rb"\s*%PDF-": "a PDF; make pictures of its pages, for example with `pdftoppm -r 150 -png FILE page`",
    rb"(\xef\xbb\xbf)?\s*(<(\?xml|!--|!DOCTYPE svg)[^\0]*)?<svg": (
        "an SVG drawing; make a picture of it, for example with `rsvg-convert -o page.png FILE`"
    ),
    rb"\xff\x0a|\0\0\0\x0cJXL ": "a JPEG XL picture; convert it to PNG, for example with `djxl FILE page.png`",
    rb"\Z": "neither a video nor a picture, but an empty file; copy it again",
    rb"version https://git-lfs": "not a picture, but what Git LFS keeps in its place; `git lfs pull` fetches it",
    rb"(\xef\xbb\xbf)?\s*<(!DOCTYPE html|html)": "a web page, not a picture; save the picture that it shows",
    rb"II\*\0|MM\0\*": "a TIFF of a kind that Pillow does not open; convert it, as with `magick FILE page.png`",
    rb"\0\x05\x16\x07": "not a picture, but what macOS notes about one beside it; delete it",
}


# What Pillow would open all the same: the preview in a raw photograph, a film that it then cannot decode.
TAKEN_FOR_PICTURES = frozenset({RAW, FILM})


def tell_kind(head: bytes, suffix: str = "") -> str:
    """Tell what a file is that begins with these bytes, and what to do; empty for what Pillow may know.

    Args:
        head: its first `HEAD_BYTES`, or all of it.
        suffix: of its name, in small letters.
    """
    if suffix in RAW_SUFFIXES:
        return RAW
    return next((said for start, said in KINDS.items() if re.match(start, head, re.DOTALL)), "")


def can_read_heif() -> bool:
    """Tell whether pillow-heif is here; from then on Pillow opens HEIC."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True
