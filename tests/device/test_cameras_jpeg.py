"""JPEGs that follow one another, whatever is between them and whatever is wrong with one."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from tests.device.jpegs import jpeg, part

from digitcam.cameras.base import EmptyFrameError
from digitcam.cameras.decoding import jpeg as jpegs

# changes of size and of sampling, and one that codes its scan in several
SHOWN = [jpeg(60), jpeg(90, (96, 80)), jpeg(120, sampling="4:4:4"), jpeg(150, sampling="4:2:2"), jpeg(180, (16, 8))]


def split(stream: bytes, piece: int) -> list[bytes]:
    splitter = jpegs.Splitter()
    return [data for start in range(0, len(stream), piece) for data in splitter.feed(stream[start : start + piece])]


def with_thumbnail() -> bytes:
    """One that has another JPEG in its head, as photographs have."""
    head = b"\xff\xe1" + (2 + len(SHOWN[0])).to_bytes(2, "big") + SHOWN[0]
    return SHOWN[1][:2] + head + SHOWN[1][2:]


def progressive() -> bytes:
    """One of several scans, with tables between them."""
    data = io.BytesIO()
    Image.effect_noise((64, 48), 60).save(data, "JPEG", progressive=True, restart_marker_blocks=1)
    return data.getvalue()


@pytest.mark.parametrize("piece", [1, 7, 1000, 1_000_000])
def test_every_jpeg_is_found_whatever_is_between_and_however_it_comes(piece: int) -> None:
    shown = [*SHOWN, with_thumbnail(), progressive()]
    assert split(b"".join(map(part, shown)), piece) == shown
    assert split(b"".join(shown), piece) == shown
    assert split(b"".join(data + b"\0" * 9 for data in shown), piece) == shown


def test_a_jpeg_is_whole_with_its_last_byte() -> None:
    splitter = jpegs.Splitter()
    assert list(splitter.feed(SHOWN[0][:-1])) == []
    assert list(splitter.feed(SHOWN[0][-1:])) == [SHOWN[0]]


def cut_off(data: bytes) -> bytes:
    return data[: len(data) * 3 // 4]


def without_its_head(data: bytes) -> bytes:
    return data[30:]


def with_a_wrong_length(data: bytes) -> bytes:
    return data[:4] + b"\xff\xf0" + data[6:]


def nothing(data: bytes) -> bytes:
    return data[:0]


@pytest.mark.parametrize("broken", [cut_off, without_its_head, with_a_wrong_length, nothing])
@pytest.mark.parametrize("piece", [10, 1_000_000])
def test_what_is_broken_costs_one_frame(broken: Callable[[bytes], bytes], piece: int) -> None:
    shown = [SHOWN[0], broken(SHOWN[1]), *SHOWN[2:] * 40]
    whole = [SHOWN[0], *SHOWN[2:] * 40]
    assert split(b"".join(part(data) for data in shown), piece) == whole


def test_what_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpegs, "MOST_BYTES", 5000)
    endless = cut_off(SHOWN[0]) + b"\0" * 6000
    assert split(endless + SHOWN[1], 500) == [SHOWN[1]]


@pytest.mark.parametrize("data", SHOWN)
def test_a_jpeg_is_decoded_to_its_luma(data: bytes) -> None:
    image = jpegs.decode(data, "camera")
    assert image.dtype == np.uint8
    assert np.array_equal(image, np.array(Image.open(io.BytesIO(data)).convert("L")))


@pytest.mark.parametrize("data", [cut_off(SHOWN[0]), SHOWN[0][:40], b"", b"\xff\xd8\xff\xd9"])
def test_a_broken_jpeg_is_an_empty_frame(data: bytes) -> None:
    with pytest.raises(EmptyFrameError, match=r"^camera: gives broken JPEGs"):
        jpegs.decode(data, "camera")


def test_a_jpeg_that_would_fill_the_memory_is_refused() -> None:
    size = SHOWN[0].index(b"\xff\xc0") + 5
    huge = SHOWN[0][:size] + b"\xff\xff\xff\xff" + SHOWN[0][size + 4 :]
    with pytest.raises(EmptyFrameError, match="gives pictures of 65535x65535"):
        jpegs.decode(huge, "camera")
