"""A larger network that reads MNIST's variants, and what it says of each: softer targets than bare labels.

Distillation: Hinton, Vinyals and Dean 2015, https://arxiv.org/abs/1503.02531. What a label gets wrong or leaves out (a
4 that is nearly a 9), the teacher knows.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.labels import DIGIT_CLASSES
from digitlab.crops import store
from digitlab.crops.batch import Crops
from digitlab.data.augment import as_seen
from digitlab.data.mnist import Split
from digitlab.training import network
from digitlab.training.fit import PREDICTED, Lesson, Settings, fit, predict

TAUGHT = "taught.npz"
TEACHER = "teacher"  # folder of the teacher's own files
BY = "by.json"  # there: which model taught instead of one trained for it
SETTINGS = Settings(epochs=16, smoothing=0)


def teach(split: Split, folder: Path, settings: Settings = SETTINGS) -> None:
    """Train the teacher and keep what it says, in `folder` / taught.npz.

    Args:
        split: MNIST's validation split is what progress is measured on.
        folder: of the crops; the teacher's own files go to `folder` / teacher.
        settings: of the training.

    Raises:
        CropsError: the crops are missing or damaged.
        TrainingError: an earlier run's checkpoint does not fit.
        OutputError: `folder` cannot be written.
    """
    mnist = store.load(folder, "mnist")
    size = len(split.train_images)
    names = np.eye(DIGIT_CLASSES, dtype=np.float32)

    def lesson(epoch: int) -> Lesson:
        start = epoch * size % len(mnist.images)
        return Lesson(mnist.images[start : start + size], names[mnist.labels[start : start + size]])

    (folder / TEACHER / BY).unlink(missing_ok=True)
    teacher = fit(network.build_teacher, lesson, checks(split, folder, DIGIT_CLASSES), folder / TEACHER, settings)
    columns = TextColumn("what the teacher says"), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=-(-len(mnist.images) // PREDICTED))
        said = predict(teacher, mnist.images, lambda: progress.advance(task))
    store.save(folder / TAUGHT, probabilities=said)


def load(folder: Path) -> NDArray[np.float32]:
    """Tell what the teacher says of each of MNIST's variants: float32 (n, 10).

    Raises:
        CropsError: it has not said so yet, or the file is damaged.
    """
    path = folder / TAUGHT
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            return np.asarray(arrays["probabilities"], np.float32)
    except FileNotFoundError as error:
        raise store.CropsError(f"{path}: missing; run `digitlab teach --crops {folder}` first") from error
    except Exception as error:
        # a damaged zip raises whatever its parser meets
        again = f"delete it and run `digitlab teach --crops {folder}`"
        raise store.CropsError(f"{path}: damaged ({error}); {again}") from error


def checks(split: Split, folder: Path, classes: int) -> dict[str, Crops]:
    """Tell what networks of so many classes are measured on while they learn: see `fit`."""
    held = store.load(folder, "held")
    known = held.labels < classes
    seen = as_seen(split.validation_images, len(split.validation_images))
    return {"mnist": Crops(seen, split.validation_labels), "scenes": Crops(held.images[known], held.labels[known])}
