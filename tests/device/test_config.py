"""Settings come from the file and the environment; what is wrong with one is said by name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from digitcam.config import Config, load
from digitcam.errors import ConfigError

BAD = {
    "an unknown key": ("[camera]\nsorce = 'x'", ["camera.sorce", "did you mean source?"]),
    "an unknown section": ("[camra]\nsource = 'x'", ["[camra]", "did you mean camera?"]),
    "a key like no other": ("[find]\nxyzzy = 1", ["find.xyzzy", "known: printed, min_height"]),
    "a wrong type": ("[camera]\nwidth = 'wide'", ["camera.width", "`int`"]),
    "a setting for a section": ("camera = 3", ["camera", "`object`"]),
    "too small a number": ("[camera]\nwidth = 1", ["camera.width", ">= 64"]),
    "too large a number": ("[model]\nmin_confidence = 1.5", ["model.min_confidence", "<= 1"]),
    "an unknown choice": ("[model]\nfinder_coral = 'blue'", ["model.finder_coral", "'blue'"]),
    "empty text": ("[model]\npath = ''", ["model.path", "length >= 1"]),
    "a negative time": ("[track]\nsettle = -1", ["track.settle", ">= 0"]),
    "no TOML": ("camera: x", ["not a TOML file"]),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD.keys())
def test_a_faulty_file_is_refused(text: str, words: list[str], tmp_path: Path, refused: Callable[..., str]) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text(text)
    line = refused("read", "--config", path, "any.png")
    assert [word for word in [str(path), *words] if word not in line] == []


def test_a_missing_file_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = tmp_path / "digitcam.toml"
    assert f"{path}: cannot read the configuration: No such file" in refused("read", "--config", path, "any.png")


@pytest.mark.parametrize("name", ["DIGITCAM_CAMERA_SORCE", "DIGITCAM_CAMERASOURCE", "DIGITCAM_"])
def test_an_unknown_variable_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown variable {name}; "):
        load(environ={name: "x"})


def test_nothing_set_means_the_defaults() -> None:
    assert load(environ={"HOME": "/"}) == Config()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text("[camera]\nwidth = 320\nheight = 240\n")
    camera = load(path, {"DIGITCAM_CAMERA_WIDTH": "1280"}).camera
    assert (camera.width, camera.height) == (1280, 240)


def test_a_byte_order_mark_before_a_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_bytes(b"\xef\xbb\xbf[camera]\r\nwidth = 1280\r\n")
    assert load(path, {}).camera.width == 1280


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_is_told_as_that(encoding: str, tmp_path: Path, refused: Callable[..., str]) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text('[camera]\nsource = "caméra"\n', encoding=encoding)
    line = refused("config", "--config", path)
    assert line == f"digitcam: {path}: not a TOML file: it is not in UTF-8; save it as that"


@pytest.mark.parametrize(
    "setting", ["camera.source", "model.path", "model.finder", "mqtt.host", "mqtt.ca_file", "web.host", "record.folder"]
)
def test_a_character_that_no_name_has_is_refused(setting: str, tmp_path: Path, refused: Callable[..., str]) -> None:
    section, _, key = setting.partition(".")
    path = tmp_path / "digitcam.toml"
    path.write_text(f'[{section}]\n{key} = "a\\u0000b"\n')
    assert f"{setting} holds the character NUL" in refused("run", "--config", path)


@pytest.mark.parametrize("folder", [".", "/", ".."])
def test_a_folder_is_no_configuration(folder: str, refused: Callable[..., str]) -> None:
    assert "cannot read the configuration: Is a directory" in refused("config", "--config", folder)
