"""The convolutional network that tutorials train on MNIST and convert with TFLite: 110,986 parameters."""

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitlab.training.loop import progress_bar

if TYPE_CHECKING:
    import keras

BATCH = 32


class Labelled(NamedTuple):
    """uint8 (n, 28, 28) pictures, bright ink on black, and uint8 (n,) labels, 0 to 9."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


class Epoch(NamedTuple):
    """How far one epoch came: on the pictures that it learns from, and on others; accuracies from 0 to 1."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


def build(batch_size: int | None = None) -> "keras.Model":
    """Build it, untrained.

    Args:
        batch_size: None for any, as training has them; 1 to be converted.

    Returns:
        float32 (batch, 28, 28, 1) in 0..1, bright ink on black -> float32 (batch, 10) logits.
    """
    from keras import Input, Sequential, layers  # takes seconds; `digitlab --help` should not

    return Sequential(
        [
            Input((28, 28, 1), batch_size=batch_size),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def learn(network: "keras.Model", seen: Labelled, held: Labelled, epochs: int) -> list[Epoch]:
    """Train a network that gives logits, with Adam and cross-entropy.

    Args:
        network: as `build` makes it; its weights change.
        seen: what it learns from.
        held: what each epoch is measured on.
        epochs: how often it sees every picture.

    Returns:
        An entry an epoch.
    """
    import keras  # takes seconds; `digitlab --help` should not

    history: list[Epoch] = []
    steps = -(-len(seen.labels) // BATCH)
    began = time.monotonic()

    def advance(batch: int, logs: dict[str, float]) -> None:
        del batch, logs
        progress.advance(task)

    def note(epoch: int, logs: dict[str, float]) -> None:
        spent = sum(entry.seconds for entry in history)
        done = Epoch(epoch=epoch + 1, **logs, seconds=time.monotonic() - began - spent)
        history.append(done)
        progress.print(
            f"epoch {done.epoch}/{epochs}  loss {done.loss:.4f}  accuracy {100 * done.accuracy:.2f} %  "
            f"of pictures set aside {100 * done.val_accuracy:.2f} %  {done.seconds:.0f} s"
        )

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss, metrics=["accuracy"])
    with progress_bar() as progress:
        task = progress.add_task("training", total=epochs * steps)
        told = keras.callbacks.LambdaCallback(on_train_batch_end=advance, on_epoch_end=note)
        network.fit(
            pixels_of(seen.images),
            seen.labels,
            batch_size=BATCH,
            epochs=epochs,
            validation_data=(pixels_of(held.images), held.labels),
            verbose=0,
            callbacks=[told],
        )
    return history


def pixels_of(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 (n, 28, 28) -> float32 (n, 28, 28, 1) in 0..1, as the network takes them."""
    return images[..., None] / np.float32(255)
