"""TensorFlow, without what it says of itself."""

import os

from digitcam.model.runtime import muted


def load_tensorflow() -> None:
    """Import TensorFlow without its reports of what is no error, such as the absence of a GPU.

    No process that classifies or finds may import it: tflite-runtime does not work after it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with muted():
        import tensorflow as tf

        tf.config.list_physical_devices()
        tf.get_logger().setLevel("ERROR")
