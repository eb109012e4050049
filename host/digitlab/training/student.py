"""Train the network that ships, on MNIST as its teacher sees it, drawn digits, and what the device cuts from scenes."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from digitcam.labels import CLASSES, DIGIT_CLASSES
from digitlab.crops import store
from digitlab.crops.batch import Crops
from digitlab.data.mnist import Split
from digitlab.training import network, teacher
from digitlab.training.fit import Lesson, Settings, fit

if TYPE_CHECKING:
    import keras

# Doubts are made larger before they are learned: a teacher is all too sure of what it was trained on.
TEMPERATURE = 2.0
DRAWN_PARTS, SCENE_PARTS = 12, 8  # epochs, at most, that the drawn crops and those of the scenes are spread over


def train(split: Split, crops: Path, folder: Path, settings: Settings) -> "keras.Model":
    """Train, or go on with an interrupted training.

    Args:
        split: MNIST; its validation split is what progress is measured on.
        crops: folder that `digitlab crops` and `digitlab teach` wrote to.
        folder: where checkpoint.npz, history.json and, at the end, model.keras are written.
        settings: of the training.

    Returns:
        The network with averaged weights.

    Raises:
        CropsError: crops are missing or damaged, or their teacher has not read them.
        TrainingError: an earlier run's checkpoint does not fit.
        OutputError: `folder` cannot be written.
    """
    mnist = store.load(crops, "mnist")
    drawn, scenes = (store.load(crops, kind) for kind in ("drawn", "scenes"))
    taught = teacher.load(crops)
    size = len(split.train_images)

    def lesson(epoch: int) -> Lesson:
        variant = slice(*(np.array([0, size]) + epoch * size % len(mnist.images)))
        others = [
            _part(kind, epoch, min(parts, settings.epochs))
            for kind, parts in ((drawn, DRAWN_PARTS), (scenes, SCENE_PARTS))
        ]
        return Lesson(
            np.concatenate([mnist.images[variant], *(other.images for other in others)]),
            np.concatenate(
                [_softened(taught[variant]), *(_smoothed(other.labels, settings.smoothing) for other in others)]
            ),
        )

    return fit(network.build, lesson, teacher.checks(split, crops, CLASSES), folder, settings)


def _part(crops: Crops, epoch: int, parts: int) -> Crops:
    """Give the crops' turn for an epoch, one of as many equal parts."""
    size = len(crops.labels) // parts
    start = epoch % parts * size
    return Crops(crops.images[start : start + size], crops.labels[start : start + size])


def _softened(said: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give a teacher's word as targets: float32 (n, 10) -> (n, 11), at `TEMPERATURE`, never "no digit"."""
    raised = np.maximum(said, np.float32(1e-8)) ** np.float32(1 / TEMPERATURE)
    return np.pad(raised / raised.sum(axis=1, keepdims=True), ((0, 0), (0, CLASSES - DIGIT_CLASSES)))


def _smoothed(labels: NDArray[np.uint8], smoothing: float) -> NDArray[np.float32]:
    return (1 - smoothing) * np.eye(CLASSES, dtype=np.float32)[labels] + np.float32(smoothing / CLASSES)
