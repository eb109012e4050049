"""The tutorial's network, built again, so that the cost of ours can be compared with it.

It is the convolutional network that tutorials train on MNIST and convert with TFLite: what to beat, in
`digitcam bench --compare`.
"""

from pathlib import Path

import numpy as np

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitlab.data.mnist import Split
from digitlab.training.tflite import Form, from_keras
from digitlab.training.tutorial_network import Labelled, build, learn, pixels_of

SAMPLE = 500  # training pictures that int8's ranges are measured on
FORMS: tuple[Form, ...] = ("float", "int8")


def build_baseline(split: Split, out: Path, epochs: int = 5, seed: int = 0) -> Path:
    """Train the tutorial's network and convert it.

    Args:
        split: MNIST, as published: the tutorial knows no normalization.
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
    trained = build()
    if epochs:
        held = Labelled(split.validation_images, split.validation_labels)
        learn(trained, Labelled(split.train_images, split.train_labels), held, epochs)
    exported = build(1)
    exported.set_weights(trained.get_weights())
    sample = np.random.default_rng(seed).permutation(len(split.train_images))[:SAMPLE]
    pixels = pixels_of(split.train_images[sample])
    for form in FORMS:
        write_atomically(out / f"{form}.tflite", from_keras(exported, form, lambda: (one[None] for one in pixels)))
    return out / "int8.tflite"
