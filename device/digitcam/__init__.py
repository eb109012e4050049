"""Reads handwritten digits from a camera, on a Raspberry Pi or any Linux machine."""

from importlib import import_module
from typing import TYPE_CHECKING

from digitcam.errors import CameraError, ConfigError, DigitcamError, ImageError, ModelError, RuntimeMissingError

if TYPE_CHECKING:
    from digitcam.api.reader import Reader
    from digitcam.api.reading import PictureReading
    from digitcam.api.watch import watch
    from digitcam.reading import Box, Digit, Reject

__version__ = "0.1.0"

__all__ = [
    "Box",
    "CameraError",
    "ConfigError",
    "Digit",
    "DigitcamError",
    "ImageError",
    "ModelError",
    "PictureReading",
    "Reader",
    "Reject",
    "RuntimeMissingError",
    "__version__",
    "watch",
]

# Imported when they are asked for: `import digitcam` waits for neither NumPy nor OpenCV.
_WHERE = {
    "Box": "digitcam.reading",
    "Digit": "digitcam.reading",
    "PictureReading": "digitcam.api.reading",
    "Reader": "digitcam.api.reader",
    "Reject": "digitcam.reading",
    "watch": "digitcam.api.watch",
}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
