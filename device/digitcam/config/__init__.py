"""One TOML file and the environment -> one frozen, validated `Config`; and the settings in words."""

from digitcam.config.camera import CameraConfig, Flip, Region
from digitcam.config.load import PREFIX, load
from digitcam.config.outputs import MqttConfig, RecordConfig, WebConfig
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

__all__ = [
    "PREFIX",
    "CameraConfig",
    "Config",
    "FindConfig",
    "Flip",
    "LogConfig",
    "ModelConfig",
    "MqttConfig",
    "RecordConfig",
    "Region",
    "Runtime",
    "TrackConfig",
    "WebConfig",
    "load",
    "shipped_finder",
    "shipped_model",
]
