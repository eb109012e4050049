"""The convolutional network that tutorials train on MNIST and convert with TFLite: 110,986 parameters."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


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
