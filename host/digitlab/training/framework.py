"""What networks train on: TensorFlow, or JAX, for whose GPU version a wheel is enough."""

import os
from importlib.util import find_spec
from pathlib import Path

from digitcam.model.runtime import muted

TENSORFLOW, JAX = "tensorflow", "jax"
FRAMEWORKS = TENSORFLOW, JAX
GPU = Path("/dev/nvidia0")


def best_framework() -> str:
    """Tell what trains fastest here: `JAX` where it and a GPU are there, else `TENSORFLOW`."""
    return JAX if GPU.exists() and find_spec("jax") else TENSORFLOW


def load(framework: str) -> None:
    """Import one of `FRAMEWORKS`, for a process that trains."""
    if framework == TENSORFLOW:
        load_tensorflow()
    else:
        os.environ["KERAS_BACKEND"] = framework


def load_tensorflow() -> None:
    """Import TensorFlow without its reports of what is no error, such as the absence of a GPU.

    No process that classifies or finds may import it: tflite-runtime does not work after it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = TENSORFLOW
    with muted():
        import tensorflow as tf

        tf.config.list_physical_devices()
        tf.get_logger().setLevel("ERROR")
