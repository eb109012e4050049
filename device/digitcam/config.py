"""One TOML file and the environment -> one frozen, validated `Config`.

Every setting has a default, so no file is needed. `DIGITCAM_SECTION_KEY` in the environment (for example
`DIGITCAM_CAMERA_SOURCE`) goes before the file.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from digitcam.errors import ConfigError
from digitcam.files import read_text

PREFIX = "DIGITCAM_"
LEAST_SHARE = 0.05  # of a region of interest: three pixels of the least picture
LEAST_MASK = 0.001
WHOLE = 1.0001  # 0.7 and 0.3 are rounded, and so is their sum

Flip = Literal["none", "horizontal", "vertical", "both"]
Region = tuple[float, float, float, float]  # x, y, width and height as shares of a picture


def shipped_model() -> str:
    """Path of the model that was trained and committed with this code."""
    return str(files("digitcam") / "models" / "digits.tflite")


def shipped_finder() -> str:
    """Path of the finder that was trained and committed with this code."""
    return str(files("digitcam") / "models" / "finder.tflite")


class CameraConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Where frames come from, and what is asked of the camera; what it gives instead is reported."""

    source: Annotated[str, Meta(min_length=1)] = "picamera2"
    """`picamera2`, `v4l2:/dev/video0`, `rtsp://...`, `http://...`, a video, a picture, a folder of pictures, or a
    pattern such as `scans/*.png`. `loop:` before one of these last four plays it for ever, as a camera would: a video
    at its own rate, pictures one a second; `replay:` as fast as it is read; `demo` for a path is the shipped clip."""
    password_file: str = ""
    """A file that holds the password of a URL that names only the user, as `rtsp://admin@camera/stream`; a name without
    a folder is a systemd credential."""
    wait: bool = False
    """Whether a live camera that is absent at the start is waited for; a service wants that, a person does not."""
    width: Annotated[int, Meta(ge=64, le=8192)] = 640
    """Pixels; a stream has its own size."""
    height: Annotated[int, Meta(ge=64, le=8192)] = 480
    fps: Annotated[float, Meta(ge=0.1, le=240)] = 30.0
    """Frames a second; a stream has its own rate, and a picture at a URL is asked for as often, up to 5 times."""
    format: Annotated[str, Meta(pattern="^(auto|[A-Z0-9]{4})$")] = "auto"
    """V4L2's name of the pixel format, such as YUYV or MJPG; `auto` takes YUYV, or MJPG where that is faster."""
    exposure: Literal["auto"] | Annotated[int, Meta(ge=1, le=10_000_000)] = "auto"
    """Microseconds; shorter is sharper where things move, and needs more light."""
    focus: Literal["auto"] | Annotated[float, Meta(ge=0, le=10_000)] = "auto"
    """picamera2: dioptres, which is 1 / metres, 0 for far away; V4L2: the driver's own number."""
    rotate: Literal[0, 90, 180, 270] = 0
    """Degrees to turn the picture clockwise, for a camera on its side or upside down; `width` and `height` are those
    before."""
    flip: Flip = "none"
    """Mirror the turned picture, as for a camera that looks into a mirror."""
    roi: str = "0,0,1,1"
    """Region of interest, x,y,w,h as shares of the turned and flipped picture, as rpicam-apps take it. It cuts off what
    a camera writes into its picture, such as its clock: `0,0.1,1,0.9` leaves out the upper tenth."""
    mask: str = ""
    """What is ignored of the picture that `roi` leaves, such as a clock in its corner: regions x,y,w,h with semicolons
    between, which are painted over."""

    def __post_init__(self) -> None:
        """Check what no type can say."""
        _ = self.region, self.masks
        if self.exposure != "auto" and self.exposure > 1_000_000 / self.fps:
            raise ValueError(
                f"exposure {self.exposure} us is longer than a frame at fps {self.fps:g}; lower one of them"
            )

    @property
    def region(self) -> Region:
        """Region of interest: x, y, width and height as shares of the picture."""
        return _region("roi", self.roi, LEAST_SHARE)

    @property
    def masks(self) -> list[Region]:
        """What is ignored, likewise."""
        return [_region("mask", text, LEAST_MASK) for text in self.mask.split(";") if text.strip()]


@lru_cache  # asked for with every frame
def _region(setting: str, text: str, least: float) -> Region:
    """The region that a text gives.

    Raises:
        ValueError: it is none, not within the picture, or a side is less than `least`.
    """
    try:
        x, y, w, h = (float(share) for share in text.split(","))
    except ValueError as error:
        raise ValueError(f"{setting} {text!r} is not four numbers x,y,w,h") from error
    if not (x >= 0 and y >= 0 and w >= least and h >= least and x + w <= WHOLE and y + h <= WHOLE):
        raise ValueError(f"{setting} {text!r} is not within 0,0,1,1, or a side is less than {least}")
    return x, y, w, h


class ModelConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What reads the digits."""

    path: Annotated[str, Meta(min_length=1)] = msgspec.field(default_factory=shipped_model)
    """A .tflite file with its card beside it; the shipped one where not set."""
    threads: Annotated[int, Meta(ge=1, le=16)] = 1
    """More than one is slower for so small a model (measured: p90 of 8 to 16 ms)."""
    coral: Literal["auto", "on", "off"] = "auto"
    """`on` fails without a working Coral; `auto` says when it reads on the CPU."""
    finder: Annotated[str, Meta(min_length=1)] = msgspec.field(default_factory=shipped_finder)
    """The network that finds, likewise."""
    finder_coral: Literal["auto", "on", "off"] = "auto"
    """Where that runs, likewise."""
    min_confidence: Annotated[float, Meta(ge=0, le=1)] = 0.6
    """A place whose likeliest digit is less sure is rejected; `digitlab score --rendered` draws its effect."""


class FindConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Which digits of a frame are read."""

    printed: bool = True
    """Whether printed digits are read, too, or only written ones."""
    min_height: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Lowest digit that is read, as a share of the frame's shorter side."""


class TrackConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """When a reading counts as stable."""

    window: Annotated[float, Meta(ge=0, le=10)] = 0.5
    """Seconds that a text must hold still that only lacks digits, as when a hand hides them, or an empty page, or one
    whose digits are often misread."""
    settle: Annotated[float, Meta(ge=0, le=10)] = 0.25
    """Seconds that any other text must hold still; what stands there for less is never let through."""
    frames: Annotated[int, Meta(ge=1, le=120)] = 3
    """And in how many frames it must be read, at least, however slowly they come; of half as many in a row it does not
    matter what they say."""


class MqttConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Publish to an MQTT broker; needs the extra `mqtt`."""

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
    """Whom the broker knows this camera as; empty: nobody in particular."""
    password_file: str = ""
    """A file that holds the password; a name without a folder is a systemd credential."""
    tls: Literal["off", "on", "insecure"] = "off"
    """`insecure` encrypts, but to whoever answers."""
    ca_file: str = ""
    """Who vouches for the broker, PEM; empty: whom this machine trusts."""
    cert_file: str = ""
    """What the broker knows this camera by, PEM, where it asks for it."""
    key_file: str = ""
    """That key, PEM, without a password."""
    heartbeat: Annotated[float, Meta(ge=1, le=86400)] = 60.0
    """Seconds after which a state that is still the same is sent again."""
    stats: Annotated[float, Meta(ge=1, le=86400)] = 30.0
    """Seconds between two messages with rate and latency."""
    keepalive: Annotated[int, Meta(ge=1, le=3600)] = 15
    """Seconds of silence after which the broker is asked whether it is there; after as many again it counts as gone."""
    retry: Annotated[float, Meta(ge=0.1, le=3600)] = 30.0
    """Longest wait between two attempts to connect, seconds; the first is 1 s at most, then it doubles."""


class WebConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The page and its API; needs the extra `web`."""

    enabled: bool = False
    """Whether it is served."""
    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    """The address to listen on: `127.0.0.1` for this machine alone, `0.0.0.0` or `::` for every machine around."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    """0: any that is free; the log says which."""
    password_file: str = ""
    """A file that holds the password, any user name goes with it; a name without a folder is a systemd credential."""
    open: bool = False
    """Let everyone in without a password who can reach an address other than this machine's own."""
    hosts: str = ""
    """Further names that this machine is called in a browser, such as `pi.lan`, with commas between."""
    fps: Annotated[float, Meta(ge=0.1, le=60)] = 15.0
    """Frames a second, at most, that watchers are sent."""
    quality: Annotated[int, Meta(ge=10, le=100)] = 75
    """Of the JPEG pictures."""
    upload_mb: Annotated[float, Meta(gt=0, le=100)] = 15.0
    """Largest picture that may be sent to be read."""


class RecordConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep frames and crops on disk, one at each change of what stands there, the doubtful ones longest."""

    folder: str = ""
    """Where; empty: keep none. A folder of its own: it is made where only its last part is missing."""
    max_mb: Annotated[int, Meta(ge=1, le=1_000_000)] = 200
    """Megabytes of disk to use at most; the surest go first."""
    max_days: Annotated[float, Meta(gt=0, le=36500)] = 30.0
    """What is older goes, by a clock that has not leapt in between."""
    min_free_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 500
    """Megabytes that are left free for others."""
    max_per_minute: Annotated[int, Meta(ge=1, le=600)] = 6
    """Frames kept in a minute at most."""


class LogConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Lines on stderr, or in the journal with their levels."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important line to write; no level has a line for each frame."""


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    camera: CameraConfig = CameraConfig()
    model: ModelConfig = msgspec.field(default_factory=ModelConfig)
    find: FindConfig = FindConfig()
    track: TrackConfig = TrackConfig()
    mqtt: MqttConfig = MqttConfig()
    web: WebConfig = WebConfig()
    record: RecordConfig = RecordConfig()
    log: LogConfig = LogConfig()


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
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"environment: {name} holds bytes that are no text; give it in UTF-8") from error
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
            for key, value in branch.items():
                if key not in _fields(section):
                    raise ConfigError(f"{where}: unknown key {section}.{key}{_nearest(key, _fields(section))}")
                if isinstance(value, str) and "\0" in value:
                    raise ConfigError(f"{where}: {section}.{key} holds the character NUL, which no name or path has")
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
