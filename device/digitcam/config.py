"""One TOML file and the environment -> one frozen, validated `Config`.

Every setting has a default, so no file is needed. `DIGITCAM_SECTION_KEY` in the environment (for example
`DIGITCAM_CAMERA_SOURCE`) goes before the file.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from digitcam.errors import ConfigError

PREFIX = "DIGITCAM_"


def shipped_model() -> str:
    """Path of the model that was trained and committed with this code."""
    return str(files("digitcam") / "models" / "digits.tflite")


class CameraConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Where frames come from."""

    source: Annotated[str, Meta(min_length=1)] = "picamera2"
    """`picamera2`, `v4l2:/dev/video0`, a video file, a folder of images, or one image."""
    width: Annotated[int, Meta(ge=64, le=8192)] = 640
    height: Annotated[int, Meta(ge=64, le=8192)] = 480
    fps: Annotated[float, Meta(ge=0.1, le=240)] = 30.0


class ModelConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What reads the digits."""

    path: Annotated[str, Meta(min_length=1)] = msgspec.field(default_factory=shipped_model)
    threads: Annotated[int, Meta(ge=1, le=16)] = 1
    """More than one is slower for so small a model (measured: p90 of 8 to 16 ms)."""
    coral: Literal["auto", "on", "off"] = "auto"
    """`on` fails without a working Coral; `auto` says when it reads on the CPU."""
    min_confidence: Annotated[float, Meta(ge=0, le=1)] = 0.6
    """A blob whose likeliest digit is less sure than this is rejected; `digitlab score --rendered` draws its effect."""


class FindConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What counts as a digit's place in a frame."""

    polarity: Literal["auto", "dark", "light"] = "auto"
    """Whether the ink is darker or lighter than what it stands on."""
    min_height: Annotated[float, Meta(gt=0, lt=1)] = 0.025
    """Lowest digit, as a share of the frame's shorter side."""
    max_side: Annotated[int, Meta(ge=64, le=8192)] = 1280
    """Larger frames are searched and read at this size, pixels on the longer side."""


class TrackConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """When a reading counts as stable."""

    window: Annotated[float, Meta(ge=0, le=10)] = 0.5
    """Of how many seconds the frames vote on each digit; a page that is empty for longer is news too."""
    settle: Annotated[float, Meta(ge=0, le=10)] = 0.25
    """Seconds that a text must hold still."""
    frames: Annotated[int, Meta(ge=1, le=120)] = 3
    """And in how many frames, at least, however slowly they come."""


class MqttConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Publish to an MQTT broker; needs `pip install 'digitcam[mqtt]'`."""

    host: str = ""
    """The broker's name or address; empty: no MQTT."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """0: 1883, or 8883 with TLS."""
    name: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]*$")] = ""
    """What this camera is called in topics and in Home Assistant, unlike any other; empty: as the machine is."""
    topic: Annotated[str, Meta(pattern="^[^/+#\\0]+(/[^/+#\\0]+)*$")] = "digitcam"
    """What every topic begins with; the name follows."""
    discovery: Annotated[str, Meta(pattern="^[^/+#\\0]*$")] = "homeassistant"
    """What Home Assistant's discovery topics begin with; empty: not announced to it."""
    user: str = ""
    password_file: str = ""
    """A file that holds the password; a name without a folder is a systemd credential."""
    tls: Literal["off", "on", "insecure"] = "off"
    """`insecure` encrypts, but to whoever answers."""
    ca_file: str = ""
    """Who vouches for the broker, PEM; empty: whom this machine trusts."""
    cert_file: str = ""
    """What the broker knows this camera by, PEM, where it asks for it; and the key to it:"""
    key_file: str = ""
    heartbeat: Annotated[float, Meta(ge=1, le=86400)] = 60.0
    """Seconds after which a state that is still the same is sent again."""
    stats: Annotated[float, Meta(ge=1, le=86400)] = 30.0
    """Seconds between two messages with rate and latency."""
    keepalive: Annotated[int, Meta(ge=1, le=3600)] = 15
    """Seconds of silence after which the broker is asked whether it is there; after as many again it counts as gone."""
    retry: Annotated[float, Meta(ge=0.1, le=3600)] = 30.0
    """Longest wait between two attempts to connect, seconds; the first is 1 s at most, then it doubles."""


class WebConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The page and its API; needs `pip install 'digitcam[web]'`."""

    enabled: bool = False


class RecordConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep frames and crops on disk, the doubtful ones first."""

    folder: str = ""
    """Where; empty: keep none."""


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    camera: CameraConfig = CameraConfig()
    model: ModelConfig = msgspec.field(default_factory=ModelConfig)
    find: FindConfig = FindConfig()
    track: TrackConfig = TrackConfig()
    mqtt: MqttConfig = MqttConfig()
    web: WebConfig = WebConfig()
    record: RecordConfig = RecordConfig()


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
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a TOML file: {error}") from error


def _override(tree: dict[str, Any], name: str, value: str) -> None:
    """Put one environment variable where the file would have it."""
    section, _, key = name.removeprefix(PREFIX).lower().partition("_")
    known = _fields(section)
    if not key or key not in known:
        choices = [f"{PREFIX}{s}_{k}".upper() for s in Config.__struct_fields__ for k in _fields(s)]
        raise ConfigError(f"environment: unknown variable {name}{_nearest(name, choices)}")
    branch = tree.setdefault(section, {})
    if not isinstance(branch, dict):
        raise ConfigError(f"[{section}]: expected a table of settings, got {branch!r}")
    branch[key] = value


def _fields(section: str) -> tuple[str, ...]:
    if section not in Config.__struct_fields__:
        return ()
    kind: type[Struct] = Config.__annotations__[section]
    return kind.__struct_fields__


def _validate(tree: dict[str, Any], where: str) -> Config:
    for section, branch in tree.items():
        if section not in Config.__struct_fields__:
            raise ConfigError(f"{where}: unknown section [{section}]{_nearest(section, Config.__struct_fields__)}")
        if isinstance(branch, dict):
            for key in branch:
                if key not in _fields(section):
                    raise ConfigError(f"{where}: unknown key {section}.{key}{_nearest(key, _fields(section))}")
    try:
        # strict=False: the environment has only text, so "3" is taken for 3
        return msgspec.convert(tree, Config, strict=False)
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
