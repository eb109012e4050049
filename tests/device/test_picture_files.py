"""Which pictures a name means."""

import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitcam.errors import ImageError
from digitcam.pictures import seekable
from digitcam.pictures.image_file import load
from digitcam.pictures.names import list_pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("page10.png", "page9.JPG", "Page1.png", "._page1.png", "notes.txt", "photo.heic"):
        (tmp_path / name).touch()
    (tmp_path / "thumbs.png").mkdir()
    (tmp_path / "gone.png").symlink_to("nowhere.png")
    return tmp_path


def names(place: object) -> list[str]:
    return [file.name for file in list_pictures(str(place))]


def test_a_folder_means_all_that_is_called_a_picture_in_natural_order(folder: Path) -> None:
    # what cannot be read is there, too, so that it is told
    assert names(folder) == ["._page1.png", "gone.png", "Page1.png", "page9.JPG", "page10.png", "photo.heic"]


def test_a_pattern_means_every_file_called_so_in_natural_order(folder: Path) -> None:
    for day in ("day10", "day9"):
        (folder / day).mkdir()
        (folder / day / "page2.png").touch()
    assert names(folder / "[pP]age*") == ["Page1.png", "page9.JPG", "page10.png"]
    found = list_pictures(str(folder / "**" / "page2.*"))
    assert [file.parent.name for file in found] == ["day9", "day10"]


def test_a_file_of_a_patterns_name_is_that_file(folder: Path) -> None:
    (folder / "page[1].png").touch()
    assert names(folder / "page[1].png") == ["page[1].png"]


@pytest.mark.parametrize("place", ["page.png", "-", "scan.xyz"])
def test_a_name_means_itself(place: str) -> None:
    assert names(place) == [place]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("{}/*.tif", "no file is called like this"),
        ("{}/thumbs.png", "no pictures in this folder"),
        (
            "http://user:secret@camera/page.jpg",
            "http://***@camera/page.jpg: an address, not a file; `curl -s ADDRESS |",
        ),
        ("rtsp://camera/stream", "`digitcam run --source ADDRESS` a stream"),
        ("v4l2:/dev/video0", "`digitcam run --source v4l2:/dev/video0` reads it"),
        ("demo", "`digitcam run --source demo` reads it"),
        ("/dev/null", "a device, not a picture; a camera is read by `digitcam run --source v4l2:/dev/null`"),
    ],
)
def test_what_is_no_picture_is_told_with_what_to_do(place: str, said: str, folder: Path) -> None:
    with pytest.raises(ImageError) as caught:
        list_pictures(place.format(folder))
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def png(level: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (64, 48), level).save(file, "PNG")
    return file.getvalue()


def test_a_pipe_is_read_as_a_file_is() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, png(40))
    os.close(theirs)
    assert np.all(load(Path(f"/dev/fd/{ours}")) == 40)
    os.close(ours)


@pytest.mark.parametrize("given", ["closed", "empty", "text", "too much"])
def test_standard_input_without_a_picture_is_told(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = {"text": b"a.png\nb.png\n", "too much": png(40)}.get(given, b"")
    monkeypatch.setattr(sys, "stdin", None if given == "closed" else io.TextIOWrapper(io.BytesIO(data)))
    monkeypatch.setattr(seekable, "MOST_BYTES", 50)
    seekable.read_standard_input.cache_clear()  # another test's
    said = {
        "closed": "-: no picture stands on standard input; pipe one into it",
        "empty": "-: nothing came, so not a picture",
        "text": "-: not a picture that Pillow can open",
        "too much": "-: more than 0 MB; give one picture",
    }
    with pytest.raises(ImageError) as caught:
        load(Path("-"))
    assert str(caught.value).startswith(said[given])
    seekable.read_standard_input.cache_clear()  # this one's
