"""The trained finder -> int8 TFLite, and its card."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.model.card import ModelCard, card_json, card_path
from digitcam.model.runtime import open_interpreter
from digitcam.recognition.finder import describe
from digitlab.scenes import views
from digitlab.scenes.pool import Pool
from digitlab.training import finder_network
from digitlab.training.tflite import from_keras
from digitlab.training.trained import read, replace_together

SAMPLE = 1600  # views that activations are measured on: of 400, which ones changed ten mistakes in a hundred


def quantize(trained: Path, scenes: Pool, path: Path, seed: int) -> None:
    """Convert the trained finder.

    Args:
        trained: finder.keras.
        scenes: whose views int8's ranges are measured on.
        path: of the .tflite to write.
        seed: that draws these views.

    Raises:
        ModelError: `trained` is missing, damaged, or another network's.
        OutputError: `path` cannot be written.
    """
    import keras  # takes seconds; `digitlab --help` should not
    from tensorflow.lite.tools import flatbuffer_utils

    try:
        exported = finder_network.export(keras.models.load_model(trained))
    except Exception as error:
        # a damaged file raises whatever its parsers meet
        reason = str(error).strip().partition("\n")[0]
        again = f"run `digitlab finder --out {trained.parent}` first"
        raise ModelError(f"{trained}: not a trained finder ({reason}); {again}") from error
    sample = representative(scenes, seed)
    converted = from_keras(exported, "int8", lambda: (view[None, ..., None] / np.float32(255) for view in sample))
    model = flatbuffer_utils.convert_bytearray_to_object(converted)
    flatbuffer_utils.strip_strings(model)  # layers' names, of which nothing makes use
    data = bytes(flatbuffer_utils.convert_object_to_bytearray(model))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)


def publish(converted: Path, model: Path, about: dict[str, Any]) -> ModelCard:
    """Put a converted finder and its card where the device reads them; not in a process that has loaded TensorFlow.

    Both files are complete on the disk before the first one takes its place.

    Returns:
        The card: `about`, and the size.

    Raises:
        ModelError: it is no finder, or the runtime cannot load it.
        OutputError: it cannot be written.
    """
    data = read(converted)
    ends = describe(open_interpreter(data))
    card = ModelCard(hashlib.sha256(data).hexdigest(), *ends, about={**about, "bytes": len(data)})
    replace_together({card_path(model): card_json(card), model: data})
    return card


def representative(scenes: Pool, seed: int) -> list[NDArray[np.uint8]]:
    """Give views of `SAMPLE` scenes, uint8 (HEIGHT, WIDTH) each."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(scenes))[:SAMPLE]
    return [views.take(scenes[int(number)], rng).image for number in chosen]
