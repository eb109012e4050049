"""What reads, what finds, and on what."""

import platform

import cv2
import numpy as np

from digitcam.model.runtime import RuntimeInfo
from digitcam.recognition.reader import Reader


def list_versions(reader: Reader) -> dict[str, str]:
    """Tell what reads and what finds, and on what."""
    runtime = reader.classifier.runtime
    return {
        runtime.name: runtime.version,
        "device": _device(runtime),
        "finder_device": _device(reader.finder.runtime),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "OpenCV": cv2.__version__,
    }


def _device(runtime: RuntimeInfo) -> str:
    return f"{runtime.device} ({runtime.note})" if runtime.note else runtime.device
