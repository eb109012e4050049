"""The tutorial's network, built again, so that the cost of ours can be compared with it.

It is the convolutional network that tutorials train on MNIST and convert with TFLite: what to beat, in
`digitcam bench --compare`.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitlab.training.tflite import from_keras
from digitlab.tutorial.network import build

BATCH = 32
SAMPLE = 500  # training pictures that int8's ranges are measured on


def build_baseline(
    train_images: NDArray[np.uint8], train_labels: NDArray[np.uint8], out: Path, epochs: int = 5, seed: int = 0
) -> Path:
    """Train the tutorial's network and convert it, with Keras' own progress bar.

    Args:
        train_images: uint8 (n, 28, 28), as published: the tutorial knows no normalization.
        train_labels: uint8 (n,), 0 to 9.
        out: folder where float.tflite and int8.tflite are written; made if need be.
        epochs: 0 leaves the network untrained, which costs the same to run.
        seed: decides the weights, the order of the pictures and the representative sample.

    Returns:
        Path of int8.tflite: int8 (1, 28, 28, 1) -> int8 (1, 10) logits.

    Raises:
        OutputError: `out` cannot be written.
    """
    import keras  # takes seconds, and no process that classifies may import it

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot make this folder: {error.strerror}") from error
    keras.utils.set_random_seed(seed)
    pixels = train_images[..., None] / np.float32(255)
    trained = build()
    if epochs:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        trained.compile("adam", loss, metrics=["accuracy"])
        trained.fit(pixels, train_labels, batch_size=BATCH, epochs=epochs)
    # A dynamic batch would leave operations in the graph that work out its shape.
    exported = build(1)
    exported.set_weights(trained.get_weights())
    sample = np.random.default_rng(seed).permutation(len(pixels))[:SAMPLE]

    for form in ("float", "int8"):
        model = from_keras(exported, form, lambda: (pixels[i : i + 1] for i in sample))
        write_atomically(out / f"{form}.tflite", model)
    return out / "int8.tflite"
