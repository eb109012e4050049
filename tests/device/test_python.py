"""What docs/python.md and docs/examples show works, as does every name that a script may use."""

import doctest
import json
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import digitcam
from digitcam.recognition.adoption.shipped import SAMPLES

ROOT = Path(__file__).parents[2]
FRAME = SAMPLES / "frame-0.png"
SAYS = "46273\n59081"


@pytest.fixture(scope="module")
def reader() -> digitcam.Reader:
    return digitcam.Reader()


@pytest.fixture(scope="module")
def page() -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(FRAME), cv2.IMREAD_GRAYSCALE), np.uint8)


@pytest.fixture
def folder(tmp_path: Path, page: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `page.jpg` and `photographs/`, which it works in."""
    (tmp_path / "photographs").mkdir()
    for path in ("page.jpg", "photographs/1.jpg", "photographs/2.png"):
        cv2.imwrite(str(tmp_path / path), page)
    (tmp_path / "photographs/notes.txt").write_text("no picture")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(folder: Path, *arguments: object) -> str:
    command = [sys.executable, "-W", "error::ResourceWarning", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_document_does_what_it_shows(folder: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 4
    (folder / "document.py").write_text("\n".join(blocks), encoding="utf-8")
    said = run(folder, "document.py")
    assert said.startswith(SAYS)
    assert "channels come last: array.transpose(1, 2, 0)" in said
    assert "which is neither 0..1 nor 0..255" in said
    assert "a picture has no negative levels" in said
    assert "a mask, or nearly black?" in said
    assert "31415 / 92653\n1969 / 0720\n" in said
    with Image.open(folder / "annotated.png") as drawn:
        assert drawn.width >= 960


def test_inventory(folder: Path) -> None:
    assert "2 photographs read into numbers.csv" in run(folder, ROOT / "docs/examples/inventory.py")
    assert re.fullmatch(r"1\.jpg,46273 59081,(0\.\d\d|1\.00)", (folder / "numbers.csv").read_text().splitlines()[1])


def test_inside(folder: Path) -> None:
    said = run(folder, ROOT / "docs/examples/inside.py")
    assert said.startswith(SAYS)
    assert re.search(r"^4: (9\d|100)\.\d%, ", said, re.MULTILINE)
    assert "0.5: 10 read, 0 rejected" in said


def test_counter(folder: Path) -> None:
    said = run(folder, ROOT / "docs/examples/counter.py", "demo").splitlines()
    assert [line for line in said if line != "nothing there"][:2] == ["3141592653", "19690720 (-3121901933)"]


def test_own_labels(folder: Path) -> None:
    shutil.copy(Path(__file__).parent / "models/zero-to-255.tflite", folder / "mine.tflite")
    said = run(folder, ROOT / "docs/examples/own_labels.py")
    assert "it takes digits for the letters that look like them" in said
    assert set(said.rpartition("IMAGE`\n")[2].partition("\n")[0]) <= set("OIZabScdBe")


@pytest.mark.parametrize("name", ["api.reader", "api.reading", "api.watch", "reading", "errors"])
def test_the_examples_of_docstrings_say_what_comes(name: str, folder: Path, reader: digitcam.Reader) -> None:
    del folder
    known: dict[str, Any] = {"reader": reader, "reading": reader.read("page.jpg"), "json": json, "np": np}
    known |= {"Reader": digitcam.Reader, "watch": digitcam.watch}
    module = import_module(f"digitcam.{name}")
    failed, tried = doctest.testmod(module, extraglobs=known, optionflags=doctest.ELLIPSIS)
    assert failed == 0
    assert tried > 1


def test_importing_digitcam_waits_for_nothing_heavy() -> None:
    heavy = "{'numpy', 'cv2', 'PIL', 'msgspec', 'argparse'}"
    run(ROOT, "-c", f"import digitcam, sys; found = {heavy} & set(sys.modules); assert not found, found")


def test_every_name_is_there_with_an_example() -> None:
    for name in set(digitcam.__all__) - {"__version__"}:
        assert ">>> " in getattr(digitcam, name).__doc__, name
        assert name in dir(digitcam)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = digitcam.nothing


def pictures(page: NDArray[np.uint8]) -> dict[str, Any]:
    colour = np.repeat(page[..., None], 3, axis=2)
    opaque = np.dstack([colour, np.full(page.shape, 255, np.uint8)])
    return {
        "grey": page,
        "one channel": page[..., None],
        "red first or blue first": colour,
        "with opacity": opaque,
        "0 to 1": page.astype(np.float32) / 255,
        "0 to 255 in float": page.astype(np.float64),
        "colour of 0 to 1": colour / 255,
        "int64": page.astype(np.int64),
        "bool": page > 128,
        "Pillow": Image.fromarray(page),
        "Pillow in colour": Image.fromarray(colour),
        "path": FRAME,
        "text": str(FRAME),
    }


@pytest.mark.parametrize("kind", pictures(np.zeros((9, 9), np.uint8)))
def test_pictures_of_every_kind_are_read(kind: str, page: NDArray[np.uint8], reader: digitcam.Reader) -> None:
    assert reader.read(pictures(page)[kind]).text == SAYS


def test_a_picture_of_the_callers_is_not_turned_itself(page: NDArray[np.uint8], reader: digitcam.Reader) -> None:
    lying = Image.fromarray(np.rot90(page))
    lying.getexif()[0x0112] = 6
    assert reader.read(lying).text == SAYS
    assert np.array_equal(np.asarray(lying), np.rot90(page))


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((3, 40, 40)), "channels come last"),
        (np.zeros((2, 40, 40, 3)), "give one picture at a time"),
        (np.zeros((40, 40, 2)), "give one picture at a time"),
        (np.zeros(40), "give one picture at a time"),
        (np.zeros((0, 40)), "holds no picture"),
        (np.full((40, 40), -1.0), "no negative levels"),
        (np.full((40, 40), 1.5), "neither 0..1 nor 0..255"),
        (np.full((40, 40), 4000, np.uint16), "bring it to 0..255"),
        (np.full((40, 40), np.nan), "NaN or infinity"),
        (np.eye(40, dtype=np.uint8), "a mask, or nearly black?"),
        (np.full((40, 40), 1j), "an array of complex128 is no picture"),
        (np.full((4, 40), 9, np.uint8), "is too small"),
    ],
)
def test_arrays_that_are_no_pictures_are_refused(array: NDArray[Any], words: str, reader: digitcam.Reader) -> None:
    with pytest.raises(digitcam.ImageError, match=re.escape(words)):
        reader.read(array)


def test_what_is_no_picture_at_all_is_refused(reader: digitcam.Reader) -> None:
    with pytest.raises(TypeError, match="a path, a Pillow image or an array, not list"):
        reader.read([[0, 1]])  # type: ignore[arg-type]
    with pytest.raises(digitcam.ImageError, match="cannot read: No such file"):
        reader.read("nowhere.png")


def test_red_and_blue_count_the_same(reader: digitcam.Reader, page: NDArray[np.uint8]) -> None:
    ink = np.dstack([page, page, np.maximum(page, 180)])
    one, other = reader.read(ink), reader.read(ink[..., ::-1])
    assert np.array_equal(one.image, other.image)
    assert one.text == other.text == SAYS


def test_a_reading_shows_itself(reader: digitcam.Reader, page: NDArray[np.uint8]) -> None:
    reading = reader.read(FRAME)
    assert str(reading) == SAYS
    assert repr(reading) == f"<PictureReading {SAYS!r}: 10 read, {len(reading.rejected)} rejected>"
    assert reading.annotated().mode == "RGB"
    assert reading._repr_png_().startswith(b"\x89PNG")
    assert reading._repr_html_().startswith(f"<pre>{SAYS}</pre><img ")
    assert json.loads(reading.to_json())["image"] == str(FRAME)
    assert json.loads(reading.to_json())["digits"][0]["digit"] == reading.digits[0].digit == 4
    assert "image" not in json.loads(reader.read(page).to_json())


def test_settings_go_before_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DIGITCAM_MODEL_MIN_CONFIDENCE", "0.6")
    assert digitcam.Reader().min_confidence == 0.6
    assert digitcam.Reader(min_confidence=0.8).min_confidence == 0.8
    with pytest.raises(digitcam.ConfigError, match="min_confidence"):
        digitcam.Reader(min_confidence=8)
    with pytest.raises(digitcam.ConfigError, match="cannot read the configuration"):
        digitcam.Reader(config=tmp_path / "none.toml")


def test_pictures_are_watched_one_by_one(folder: Path) -> None:
    (folder / "photographs/notes.txt").unlink()
    texts = [(reading.text, str(reading.origin)) for reading in digitcam.watch(str(folder / "photographs"))]
    assert texts == [(SAYS, str(folder / "photographs" / name)) for name in ("1.jpg", "2.png")]


def test_a_camera_that_is_not_there_is_told() -> None:
    with pytest.raises(digitcam.CameraError, match="/dev/video99"):
        next(iter(digitcam.watch("v4l2:/dev/video99")))


def test_what_is_worth_knowing_of_a_model_is_a_warning(bare: Callable[..., Path]) -> None:
    model = bare("zero-to-255")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        digitcam.Reader(model)
    told = [str(warning.message) for warning in warned]
    assert "has no card" in told[0]
    assert "has no class for what is no digit" in told[1]
    assert {warning.filename for warning in warned} == {__file__}
