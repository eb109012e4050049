"""What a published model says of MNIST's variants: it teaches in place of a teacher trained for that."""

import hashlib
import json
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.config import ModelConfig
from digitcam.files import write_atomically
from digitcam.labels import DIGIT_CLASSES
from digitcam.recognition.adoption.opening import open_classifier
from digitlab.crops import store
from digitlab.training.fit import PREDICTED
from digitlab.training.teacher import BY, TAUGHT, TEACHER


def heed(model: Path, folder: Path) -> None:
    """Let a model that reads already teach its successor, in minutes (Furlanello et al. 2018, born-again networks).

    Where it takes a crop for no digit at all, the label teaches. Not in a process that has loaded TensorFlow.

    Args:
        model: a .tflite file with its card beside it.
        folder: of the crops.

    Raises:
        CropsError: the crops are missing or damaged.
        ModelError: the model is missing, damaged or no digit model.
        OutputError: `folder` cannot be written.
    """
    mnist = store.load(folder, "mnist")
    classifier = open_classifier(ModelConfig(path=str(model)))
    columns = TextColumn(f"what {model} says"), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        starts = progress.track(range(0, len(mnist.images), PREDICTED))
        said = np.concatenate([classifier.classify(mnist.images[i : i + PREDICTED])[:, :DIGIT_CLASSES] for i in starts])
    total = said.sum(axis=1, keepdims=True)
    names = np.eye(DIGIT_CLASSES, dtype=np.float32)[mnist.labels]
    store.save(folder / TAUGHT, probabilities=np.where(total > 0, said / np.maximum(total, 1e-6), names))
    (folder / TEACHER).mkdir(exist_ok=True)
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    write_atomically(folder / TEACHER / BY, json.dumps({"by": str(model), "sha256": sha256}).encode())
