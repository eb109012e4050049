"""Every setting of the service itself, section by section.

Every setting has a default, so no file is needed. What it means stands in its type; the example file, docs/config.md,
and the schema are made from there.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from digitcam.config.camera import CameraConfig
from digitcam.files import PACKAGE

Runtime = Literal["auto", "tflite-runtime", "litert"]


def shipped_model() -> str:
    """Give the path of the model that was trained and committed with this code."""
    return str(PACKAGE / "models" / "digits.tflite")


def shipped_finder() -> str:
    """Give the path of the finder that was trained and committed with this code."""
    return str(PACKAGE / "models" / "finder.tflite")


class ModelConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What reads the digits."""

    path: Annotated[
        str,
        Meta(
            min_length=1,
            description=(
                "A .tflite file, the shipped one where not set. What its card does not say, or where it has none, is "
                "found out with every start: docs/models.md."
            ),
        ),
    ] = msgspec.field(default_factory=shipped_model)
    runtime: Annotated[
        Runtime,
        Meta(
            description=(
                "What runs both networks; `auto` takes tflite-runtime where that is installed. `litert` up to Python "
                "3.11 takes the extra `litert`."
            )
        ),
    ] = "auto"
    threads: Annotated[
        int,
        Meta(ge=1, le=16, description="More than one is slower for so small a model (measured: p90 of 8 to 16 ms)."),
    ] = 1
    coral: Annotated[
        Literal["auto", "on", "off"],
        Meta(description="`on` fails without a working Coral; `auto` says when it reads on the CPU."),
    ] = "auto"
    finder: Annotated[str, Meta(min_length=1, description="The network that finds, likewise.")] = msgspec.field(
        default_factory=shipped_finder
    )
    finder_coral: Annotated[Literal["auto", "on", "off"], Meta(description="Where that runs, likewise.")] = "auto"
    min_confidence: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description=(
                "A place whose likeliest digit is less sure is rejected; `digitlab score --rendered` draws its effect."
            ),
        ),
    ] = 0.7  # by which 0.6 % of the digits of rendered frames are misread


class FindConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Which digits of a frame are read."""

    printed: Annotated[bool, Meta(description="Whether printed digits are read, too, or only written ones.")] = True
    min_height: Annotated[
        float, Meta(ge=0, lt=1, description="Lowest digit that is read, as a share of the frame's shorter side.")
    ] = 0.0


class TrackConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """When a reading counts as stable."""

    window: Annotated[
        float,
        Meta(
            ge=0,
            le=10,
            description=(
                "Seconds that a text must hold still that only lacks digits, as when a hand hides them, or an empty "
                "page, or one whose digits are often misread."
            ),
        ),
    ] = 0.5
    settle: Annotated[
        float,
        Meta(
            ge=0,
            le=10,
            description=(
                "Seconds that any other text must hold still; what stands there for less is never let through."
            ),
        ),
    ] = 0.25
    frames: Annotated[
        int,
        Meta(
            ge=1,
            le=120,
            description=(
                "And in how many frames it must be read, at least, however slowly they come; of half as many in a row "
                "it does not matter what they say."
            ),
        ),
    ] = 3


class LogConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Lines on stderr, or in the journal with their levels."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least important line to write; no level has a line for each frame."),
    ] = "info"


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set of the service itself; the sections of plug-ins stand beside these."""

    camera: CameraConfig = CameraConfig()
    model: ModelConfig = msgspec.field(default_factory=ModelConfig)
    find: FindConfig = FindConfig()
    track: TrackConfig = TrackConfig()
    log: LogConfig = LogConfig()
