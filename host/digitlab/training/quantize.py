"""The trained network, calibrated -> TFLite: float, dynamic-range and full int8."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.labels import CLASSES
from digitlab.crops.batch import Crops
from digitlab.training import network
from digitlab.training.fit import predict
from digitlab.training.temperature import Calibration, calibrate
from digitlab.training.tflite import FORMS, from_keras

PER_CLASS = 100


class Representative(NamedTuple):
    """The crops that activations are measured on, and how they were drawn.

    Attributes:
        crops: uint8 (n, 28, 28).
        seed: that drew them.
        per_class: how many of each class, "no digit" among them.
    """

    crops: NDArray[np.uint8]
    seed: int
    per_class: int


def representative(crops: Crops, seed: int) -> Representative:
    """Draw `PER_CLASS` crops of each class, or all where there are fewer, by `seed`."""
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(np.flatnonzero(crops.labels == n))[:PER_CLASS] for n in range(CLASSES)]
    return Representative(crops.images[np.concatenate(chosen)], seed, PER_CLASS)


def quantize(trained: Path, sample: Representative, held: Crops, folder: Path) -> tuple[dict[str, Path], Calibration]:
    """Calibrate a trained network and convert it three ways.

    Args:
        trained: model.keras.
        sample: what int8's ranges are measured on.
        held: what it is calibrated on, and was not trained on.
        folder: where float.tflite, dynamic.tflite and int8.tflite are written.

    Returns:
        Each variant's path, and the calibration. int8 takes int8 (grey level - 128) and gives int8 (256 * probability -
        128).

    Raises:
        ModelError: `trained` is missing, damaged, or another network's.
        OutputError: `folder` cannot be written.
    """
    import keras  # takes seconds; `digitlab --help` should not

    exported = network.build(exported=True)
    try:
        loaded = keras.models.load_model(trained)
        exported.set_weights(loaded.get_weights())
    except Exception as error:
        # a damaged file raises whatever its parsers meet
        reason = str(error).strip().partition("\n")[0]
        again = f"run `digitlab train --out {trained.parent}` first"
        raise ModelError(f"{trained}: not a trained network ({reason}); {again}") from error

    calibration = calibrate(predict(loaded, held.images), held.labels)
    last = exported.layers[-1]
    last.set_weights([weight / calibration.temperature for weight in last.get_weights()])

    def inputs() -> Iterator[NDArray[np.float32]]:
        return (crop[None, ..., None] / np.float32(255) for crop in sample.crops)

    variants: dict[str, Path] = {}
    for form in FORMS:
        variants[form] = folder / f"{form}.tflite"
        write_atomically(variants[form], from_keras(exported, form, inputs))
    return variants, calibration
