"""How both networks that read learn: crops in epochs, measured after each of them.

An epoch's crops follow from the seed and the epoch's number alone.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitlab.crops.batch import Crops
from digitlab.training import fused
from digitlab.training.blocks import in_blocks
from digitlab.training.framework import TENSORFLOW
from digitlab.training.gradient_step import Losses
from digitlab.training.loop import Run, Schedule, Subject, TrainingError, check_settings, progress_bar
from digitlab.training.network import BLOCK

if TYPE_CHECKING:
    import keras

SHIFT = 0.5  # pixels, standard deviation: crops are moved, as dirt in a digit's box moves the digit
SHIFTED = 16  # crops in a row of as many are moved alike
PREDICTED = 500  # crops read at once
RANGES = {
    "seed": (0, 2**32 - 1),  # what NumPy's generator takes
    "epochs": (1, 10_000),
    "batch": (1, 65_536),
    "rate": (1e-6, 1),
    "decay": (0, 1),
    "smoothing": (0, 0.5),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the outcome, besides the crops and the code."""

    seed: int = 1
    framework: str = TENSORFLOW
    precision: str = fused.FULL
    epochs: int = 36
    batch: int = 128
    rate: float = 2e-3
    decay: float = 0.02
    smoothing: float = 0.02
    """Of the targets of crops that no teacher has seen."""
    first: str = ""
    """A model.keras whose weights it starts with; empty: an untrained network."""

    def __post_init__(self) -> None:
        """Refuse values that no training can come of.

        Raises:
            TrainingError: one is out of its range.
        """
        check_settings(self, RANGES)


class Lesson(NamedTuple):
    """What one epoch learns: uint8 (n, 28, 28) crops, and float32 (n, classes) targets whose rows add up to 1."""

    crops: NDArray[np.uint8]
    targets: NDArray[np.float32]


class Epoch(NamedTuple):
    """How far one epoch came: loss and accuracy on MNIST's validation split, accuracy on held-out scenes."""

    epoch: int
    loss: float
    val_loss: float
    val_accuracy: float
    scene_accuracy: float
    seconds: float


def fit(
    build: "Callable[[], keras.Model]",
    lesson: Callable[[int], Lesson],
    checks: Mapping[str, Crops],
    folder: Path,
    settings: Settings,
) -> "keras.Model":
    """Train, or go on with an interrupted training.

    Args:
        build: makes the network, untrained.
        lesson: gives the crops of an epoch, counted from 0, as many each time.
        checks: "mnist" and "scenes", what the averaged weights are measured on after each epoch.
        folder: where checkpoint.npz, history.json and, at the end, model.keras are written.
        settings: decide everything else.

    Returns:
        The network with averaged weights.

    Raises:
        TrainingError: `folder` holds a checkpoint that does not fit, or a batch is larger than a lesson.
        OutputError: `folder` cannot be written.
    """
    first = lesson(0)
    steps = len(first.crops) // settings.batch
    if steps == 0:
        raise TrainingError(f"batch is {settings.batch}, more than the {len(first.crops)} crops to train on")
    schedule = Schedule(steps * settings.epochs, settings.rate, settings.decay)
    run = Run(Subject(build, _loss, "model.keras", deterministic=True), folder, settings, schedule, Epoch)
    with progress_bar() as progress:
        task = progress.add_task("training", total=settings.epochs * steps, completed=len(run.history) * steps)
        for number in range(len(run.history), settings.epochs):
            start = time.monotonic()
            batches = _batches(first if number == 0 else lesson(number), steps, settings, number)
            loss = run.learn(batches, lambda: progress.advance(task))
            done = Epoch(number + 1, float(loss), *_measured(run.averaged(), checks), time.monotonic() - start)
            run.note(done)
            progress.update(task, description=f"epoch {done.epoch}/{settings.epochs} loss {done.loss:.4f}")
            progress.print(
                f"epoch {done.epoch:3}/{settings.epochs}  loss {done.loss:.4f}  validation loss {done.val_loss:.4f}  "
                f"accuracy {100 * done.val_accuracy:.2f} %  scenes {100 * done.scene_accuracy:.2f} %  "
                f"{done.seconds:.0f} s"
            )
    return run.write()


def predict(model: "keras.Model", crops: NDArray[np.uint8], advance: Callable[[], None] | None = None) -> Any:  # noqa: ANN401
    """Read crops with a network: float32 (n, classes).

    Args:
        model: the network.
        crops: uint8 (n, 28, 28).
        advance: called after every `PREDICTED` crops.
    """
    rows = []
    for start in range(0, len(crops), PREDICTED):
        rows.append(model.predict_on_batch(_pixels(crops[start : start + PREDICTED])))
        if advance:
            advance()
    return np.concatenate(rows)


def _loss(model: Any, crops: Any, targets: Any) -> Losses:  # noqa: ANN401  # Keras ships no types
    from keras import ops

    loss = ops.mean(ops.categorical_crossentropy(targets, model(_pixels(crops), training=True)))
    return Losses(loss, loss)


def _batches(
    lesson: Lesson, steps: int, settings: Settings, number: int
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
    """Give one epoch's crops in a random order."""
    rng = np.random.default_rng([settings.seed, number])
    order = rng.permutation(len(lesson.crops))
    for step in range(steps):
        part = order[step * settings.batch : (step + 1) * settings.batch]
        yield _moved(lesson.crops[part], rng), lesson.targets[part]


def _measured(averaged: "keras.Model", checks: Mapping[str, Crops]) -> tuple[float, float, float]:
    """Give loss and accuracy on MNIST's validation split, accuracy on held-out scenes."""
    guess = {name: predict(averaged, images) for name, (images, _) in checks.items()}
    accuracy = {name: float((guess[name].argmax(axis=1) == checks[name].labels).mean()) for name in checks}
    labels = checks["mnist"].labels
    likelihood = guess["mnist"][np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(likelihood, 1e-9)).mean()), accuracy["mnist"], accuracy["scenes"]


def _moved(crops: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Move crops by whole pixels, so that they stay as sharp; their margin of four is paper, so nothing is lost."""
    moved = np.empty_like(crops)
    for i, shift in enumerate(np.rint(rng.normal(0, SHIFT, (SHIFTED, 2))).astype(int)):
        moved[i::SHIFTED] = np.roll(crops[i::SHIFTED], shift, axis=(1, 2))
    return moved


def _pixels(crops: Any) -> Any:  # noqa: ANN401
    """Give uint8 (n, 28, 28) -> float32 (n, 14, 14, 4) in 0..1, as the quantized network's input scale has it."""
    from keras import ops

    return in_blocks(ops.cast(crops, "float32")[..., None] / 255.0, BLOCK)
