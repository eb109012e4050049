"""Whatever is in a configuration or a picture: it is taken, or refused with one line, and never a crash.

`make fuzz` tries ten thousand times as many as fit into a test run.
"""

import io
import os
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.device.drawn import EXAMPLES, fuzzed

from digitcam.config import PREFIX, Config, load, sections
from digitcam.config.describe import effective, example
from digitcam.errors import DigitcamError
from digitcam.pictures.image_file import load as load_picture
from digitcam.recognition.reader import Reader, open_reader

# configuration

KEYS = {section: kind.__struct_fields__ for section in sections.names() if (kind := sections.kind_of(section))}
characters = st.characters(codec="utf-8")
words = st.text(characters, max_size=12)
scalars = st.one_of(
    words.map(quoted := lambda text: '"' + "".join(f"\\U{ord(c):08X}" for c in text) + '"'),
    st.integers().map(str),
    st.integers(min_value=10**18, max_value=10**400).map(str),
    st.floats().map(lambda number: str(number) if "e" not in str(number) else f"{number:.1f}"),
    st.sampled_from(["true", "false", "nan", "-inf", "2026-05-17", "07:32:00", "2026-05-17T07:32:00Z", "{}", "[]"]),
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(lambda some: f"[{', '.join(some)}]"))
known_settings = st.sampled_from([(section, key) for section, keys in KEYS.items() for key in keys])
any_settings = st.tuples(words.map(quoted) | st.sampled_from(sorted(KEYS)), words.map(quoted) | st.just("source"))


def taken_or_refused(path: Path | None, environ: Mapping[str, str]) -> None:
    try:
        config = load(path, environ)
    except DigitcamError as error:
        assert str(error)  # noqa: PT017  # any is right
    else:
        # and what is taken can be shown, as TOML
        tomllib.loads(effective(config))
        effective(config).encode()


@fuzzed
@given(st.dictionaries(known_settings | any_settings, values, max_size=4))
def test_any_tree_of_settings(tmp_path: Path, tree: dict[tuple[str, str], str]) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text("\n".join(f"{section}.{key} = {value}" for (section, key), value in tree.items()), "utf-8")
    taken_or_refused(path, {})


@fuzzed
@given(known_settings, values)
def test_any_value_of_a_known_setting(tmp_path: Path, setting: tuple[str, str], value: str) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text(f"[{setting[0]}]\n{setting[1]} = {value}\n", "utf-8")
    taken_or_refused(path, {})


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes cut short, overwritten, repeated or with others put in."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["cut", "overwrite", "insert", "repeat"])):
            case "cut":
                del data[at:]
            case "overwrite":
                some = draw(st.binary(min_size=1, max_size=4))
                data[at : at + len(some)] = some
            case "insert":
                data[at:at] = draw(st.binary(max_size=8))
            case "repeat":
                data[at:at] = data[at : at + draw(st.integers(1, 64))]
    return bytes(data)


@fuzzed
@given(st.binary(max_size=200) | damaged(example().encode()))
def test_any_bytes_as_a_configuration(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_bytes(data)
    taken_or_refused(path, {})


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{b = " * 10_000, "a." * 2000 + "a = 1"], ids=len)
def test_a_configuration_as_deep_as_no_stack(tmp_path: Path, text: str) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text(text)
    taken_or_refused(path, {})


names = known_settings.map(lambda setting: PREFIX + "_".join(setting).upper()) | words.map(lambda word: PREFIX + word)
# what no text of the system's encoding says comes as a lone surrogate
raw_texts = st.text(max_size=12) | st.binary(max_size=12).map(os.fsdecode) | st.integers().map(str)


@fuzzed
@given(st.dictionaries(names, raw_texts, max_size=4))
def test_any_environment(environ: dict[str, str]) -> None:
    taken_or_refused(None, environ)


# pictures


def encoded(form: str, mode: str) -> bytes:
    """A small page with a digit of the shipped frame on it."""
    frame = Image.open(Path(str(files("digitcam") / "samples" / "frame-0.png"))).convert(mode)
    file = io.BytesIO()
    frame.resize((160, 120)).save(file, form)
    return file.getvalue()


KINDS = [("PNG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("GIF", "L"), ("TIFF", "L"), ("BMP", "RGB")]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(Config())


@pytest.mark.parametrize(("form", "mode"), KINDS, ids=str)
@settings(fuzzed, max_examples=max(5, EXAMPLES // 8))
@given(data=st.data())
def test_any_bytes_as_a_picture(tmp_path: Path, reader: Reader, form: str, mode: str, data: st.DataObject) -> None:
    path = tmp_path / "page"
    path.write_bytes(data.draw(damaged(encoded(form, mode))))
    try:
        image = load_picture(path)
    except DigitcamError as error:
        assert "page" in str(error)  # noqa: PT017  # any is right
    else:
        # a header may now claim a picture of any size, most of it empty
        reader.read(image[:600, :600])


@settings(fuzzed, max_examples=max(5, EXAMPLES // 8))
@given(st.integers(8, 300), st.integers(8, 300), st.integers(0, 2**32 - 1), st.floats(0, 1), st.integers(1, 40))
def test_any_grey_levels(reader: Reader, height: int, width: int, seed: int, share: float, grain: int) -> None:
    rng = np.random.default_rng(seed)
    spots = rng.random((-(-height // grain), -(-width // grain))) < share
    levels = np.repeat(np.repeat(spots, grain, 0), grain, 1)[:height, :width] * rng.integers(0, 255, (height, width))
    reading = reader.read((255 - levels).astype(np.uint8))
    for digit in reading.digits:
        x, y, w, h = digit.box
        assert 0 <= x < x + w <= width + 1
        assert 0 <= y < y + h <= height + 1
