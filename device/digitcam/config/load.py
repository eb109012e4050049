"""One TOML file and the environment -> one frozen, validated `Config`.

`DIGITCAM_SECTION_KEY` in the environment (for example `DIGITCAM_CAMERA_SOURCE`) goes before the file.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from digitcam.config import sections
from digitcam.config.schema import Config
from digitcam.errors import ConfigError
from digitcam.files import read_text
from digitcam.redact import make_legible

PREFIX = "DIGITCAM_"
FILES = ("source", "path", "folder")  # whose names may be any bytes


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration.

    Args:
        path: a TOML file, or None for the defaults.
        environ: where `DIGITCAM_SECTION_KEY` is looked up.

    Raises:
        ConfigError: the file cannot be read or is no TOML, or a value is unknown, of the wrong type or out of range.
    """
    tree = _parse(path) if path else {}
    where = str(path) if path else "the environment"
    for name, value in sorted(environ.items()):
        if name.startswith(PREFIX):
            _override(tree, name, value)
    return _validate(tree, where)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not a TOML file: it is not in UTF-8; save it as that") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not a TOML file: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: lists or tables are nested too deep") from error


def _override(tree: dict[str, Any], name: str, value: str) -> None:
    """Put one environment variable where the file would have it."""
    section, _, key = name.removeprefix(PREFIX).lower().partition("_")
    known = _fields(section)
    if key not in FILES and value != make_legible(value):
        raise ConfigError(f"environment: {name} holds bytes that are no text; give it in UTF-8")
    if not key or key not in known:
        choices = [f"{PREFIX}{s}_{k}".upper() for s in sections.names() for k in _fields(s)]
        raise ConfigError(f"environment: unknown variable {name}{_nearest(name, choices)}")
    branch = tree.setdefault(section, {})
    if not isinstance(branch, dict):
        raise ConfigError(f"[{section}]: expected a table of settings, got {branch!r}")
    branch[key] = value


def _fields(section: str) -> tuple[str, ...]:
    kind = sections.kind_of(section)
    return kind.__struct_fields__ if kind else ()


def _validate(tree: dict[str, Any], where: str) -> Config:
    for section, branch in tree.items():
        if not sections.kind_of(section):
            raise ConfigError(f"{where}: unknown section [{section}]{_nearest(section, sections.names())}")
        if isinstance(branch, dict):
            for key, value in branch.items():
                if key not in _fields(section):
                    raise ConfigError(f"{where}: unknown key {section}.{key}{_nearest(key, _fields(section))}")
                if isinstance(value, str) and "\0" in value:
                    raise ConfigError(f"{where}: {section}.{key} holds the character NUL, which no name or path has")
    try:
        # strict=False: the environment has only text, so "3" is taken for 3
        return msgspec.convert(tree, sections.config_type(frozenset(tree)), strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {_in_words(str(error))}") from error


def _in_words(message: str) -> str:
    """Turn msgspec's "Expected `int` >= 1 - at `$.camera.width`" into "camera.width: expected `int` >= 1"."""
    found = re.fullmatch(r"(?P<what>.*) - at `\$\.(?P<where>.*)`", message)
    if not found:
        return message
    what = found["what"]
    return f"{found['where']}: {what[0].lower()}{what[1:]}"


def _nearest(name: str, choices: tuple[str, ...] | list[str]) -> str:
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(choices)}"
