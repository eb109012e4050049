"""The settings in words: what is set, an example of all that can be, and a JSON schema for editors.

Meaning, choices and ranges come from the types of `Config`.
"""

import inspect
import json
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect as types
from msgspec import structs

from digitcam.config import Config, merge, sections
from digitcam.redact import redact

WIDTH = 100  # characters of a comment's line

HEAD = """\
# Everything that digitcam can be told, with its defaults. A setting may be left out, or be given in the environment:
# DIGITCAM_CAMERA_SOURCE goes before camera.source. `digitcam check --config FILE` says what is wrong with a file,
# `digitcam config --config FILE` what is in force."""


def effective(settings: Config) -> str:
    """Show what is set, as TOML; passwords in URLs are masked."""
    blocks = []
    values_of = msgspec.to_builtins(merge(everything(), **structs.asdict(settings)))
    for section in sections.names():
        values = values_of[section]
        lines = [f"{'# ' if value is None else ''}{key} = {_toml(value)}" for key, value in values.items()]
        blocks.append("\n".join([f"[{section}]", *lines]))
    return "\n\n".join(blocks)


def example() -> str:
    """Give a TOML file with every setting, what it means, what it may be, and its default."""
    return "\n\n".join([HEAD, *map(_example_section, sections.names())])


def schema() -> str:
    """Give the JSON schema of the file."""
    tree = msgspec.json.schema(type(everything()))
    return json.dumps(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "digitcam", **tree}, indent=2
    )


def everything() -> Config:
    """Give every section that there is, with its defaults."""
    return sections.config_type(frozenset(sections.names()))()


def _example_section(section: str) -> str:
    kind = sections.kind_of(section) or Config
    about = inspect.cleandoc(kind.__doc__ or "")
    return "\n".join([*_comment(about), f"[{section}]", *_example_settings(kind)])


def _example_settings(kind: type[msgspec.Struct]) -> Iterator[str]:
    for field in structs.fields(kind):
        yield from _comment(" ".join(_described(types.type_info(field.type))))
        if field.default is msgspec.NODEFAULT or field.default is None:
            yield f"# {field.name} ="
        else:
            yield f"{field.name} = {_toml(msgspec.to_builtins(field.default))}"


def _described(kind: types.Type) -> Iterator[str]:
    """Tell what a setting means, where its type says so, and what it may be."""
    if isinstance(kind, types.Metadata):
        yield (kind.extra_json_schema or {})["description"]
        kind = kind.type
    if allowed := _allowed(kind):
        yield allowed


def _allowed(kind: types.Type) -> str:
    """List choices or range of a setting; empty where its default shows what it takes."""
    if isinstance(kind, types.LiteralType):
        return f"One of {', '.join(map(_toml, kind.values))}."
    if isinstance(kind, types.IntType | types.FloatType):
        low, above, high, below = kind.ge, kind.gt, kind.le, kind.lt
        start = f"from {low:g}" if low is not None else f"above {above:g}" if above is not None else ""
        end = f"to {high:g}" if high is not None else f"below {below:g}" if below is not None else ""
        text = " ".join(filter(None, [start, end]))
        return f"{text[0].upper()}{text[1:]}." if text else ""
    return ""


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, WIDTH - 2)]


def _toml(value: Any) -> str:  # noqa: ANN401  # whatever a setting may hold
    """Give a value as TOML writes it: as JSON does, but for one character."""
    if isinstance(value, str):
        value = redact(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
