"""One TOML file and the environment -> one frozen, validated `Config`; and the settings in words."""

from digitcam.config.camera import CameraConfig, Flip, Region
from digitcam.config.load import PREFIX, load
from digitcam.config.schema import (
    Config,
    FindConfig,
    LogConfig,
    ModelConfig,
    Runtime,
    TrackConfig,
    shipped_finder,
    shipped_model,
)
from digitcam.config.sections import configure, differing, merge, section_of

__all__ = [
    "PREFIX",
    "CameraConfig",
    "Config",
    "FindConfig",
    "Flip",
    "LogConfig",
    "ModelConfig",
    "Region",
    "Runtime",
    "TrackConfig",
    "configure",
    "differing",
    "load",
    "merge",
    "section_of",
    "shipped_finder",
    "shipped_model",
]
