"""What networks train on: TensorFlow, or JAX, for whose GPU version a wheel is enough."""

import os
from importlib.util import find_spec
from pathlib import Path

from digitcam.errors import DigitcamError
from digitcam.model.runtime import muted

TENSORFLOW, JAX = "tensorflow", "jax"
FRAMEWORKS = TENSORFLOW, JAX
GPU = Path("/dev/nvidia0")
CUDA = ("jax_cuda12_plugin", "jax_cuda13_plugin")  # without one of these JAX leaves the GPU alone


def best_framework() -> str:
    """Tell what trains fastest here: `JAX` where a GPU and what it takes to use that are there, else `TENSORFLOW`."""
    return JAX if GPU.exists() and any(map(find_spec, CUDA)) else TENSORFLOW


def load(framework: str) -> None:
    """Have Keras use one of `FRAMEWORKS`, in a process that trains.

    Raises:
        DigitcamError: it is not installed.
    """
    if framework == TENSORFLOW:
        load_tensorflow()
        return
    if not find_spec("jax"):
        raise DigitcamError('framework is jax, which is not installed: pip install "./host[gpu]", or jax without a GPU')
    os.environ["KERAS_BACKEND"] = framework


def load_tensorflow() -> None:
    """Import TensorFlow without its reports of what is no error, such as the absence of a GPU.

    No process that classifies or finds may import it: tflite-runtime does not work after it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = TENSORFLOW
    # its own kernels, which it chooses by itself on processors without AVX-512, take half as long again (finder, AVX2)
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    with muted():
        import tensorflow as tf

        tf.config.list_physical_devices()
        tf.get_logger().setLevel("ERROR")
