"""Train the network on digits that went through the device's own normalization.

An epoch's crops follow from the seed and the epoch's number alone, and everything that changes is in one checkpoint,
so a run that was interrupted goes on as if nothing had happened.
"""

import io
import json
import multiprocessing
import signal
import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.errors import DigitcamError, OutputError
from digitcam.files import write_atomically
from digitcam.normalize import BOX
from digitlab import model as network
from digitlab.augment import ENLARGE, as_seen, augment, photograph
from digitlab.datasets import Split
from digitlab.strokes import draw_set

if TYPE_CHECKING:
    import keras

AVERAGE_OVER = 0.998  # weights are averaged over about the last 500 steps
RANGES = {
    "seed": (0, 2**32 - 1),  # what NumPy's generator takes
    "epochs": (1, 10_000),
    "batch": (1, 65_536),
    "rate": (1e-6, 1),
    "decay": (0, 1),
    "smoothing": (0, 0.5),
    "strokes": (0, 10),
}


class TrainingError(DigitcamError, RuntimeError):
    """A training run cannot start or go on."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the outcome, besides the data and the code."""

    seed: int = 1
    epochs: int = 32
    batch: int = 128
    rate: float = 2e-3
    decay: float = 0.02
    smoothing: float = 0.05
    strokes: float = 0.1
    """Drawn digits added to each epoch, as a share of MNIST's: hands that MNIST lacks (flagged 1, crossed 7)."""

    def __post_init__(self) -> None:
        """Refuse values that no training can come of.

        Raises:
            TrainingError: one is out of its range.
        """
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise TrainingError(f"{name} is {value}; it must lie between {low:g} and {high:g}")


class Epoch(NamedTuple):
    """How far one epoch came."""

    epoch: int
    loss: float
    val_loss: float
    val_accuracy: float
    seconds: float


def train(split: Split, folder: Path, settings: Settings) -> "keras.Model":
    """Train, or go on with an interrupted training.

    Args:
        split: uint8 (n, 28, 28) pictures and uint8 (n,) labels, as published.
        folder: where checkpoint.npz, history.json and, at the end, model.keras are written.
        settings: a checkpoint of other settings is refused.

    Returns:
        The network with averaged weights.

    Raises:
        TrainingError: `folder` holds a checkpoint that does not fit, or a batch is larger than the training set.
        OutputError: `folder` cannot be written.
    """
    steps = len(_order(split, settings, 0)) // settings.batch
    if steps == 0:
        raise TrainingError(f"batch is {settings.batch}, more than the {len(split.train_images)} pictures to train on")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot make this folder: {error.strerror}") from error
    run = _Run(folder, settings, steps)
    run.resume()
    validation = as_seen(split.validation_images, len(split.validation_images)), split.validation_labels
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with (
        Progress(*columns, console=console) as progress,
        closing(_epochs(split, settings, len(run.history))) as epochs,
    ):
        task = progress.add_task("training", total=settings.epochs * run.steps, completed=len(run.history) * run.steps)
        for crops, labels in epochs:
            done = run.epoch(crops, labels, validation, lambda: progress.advance(task))
            progress.update(task, description=f"epoch {done.epoch}/{settings.epochs} loss {done.loss:.4f}")
            progress.print(
                f"epoch {done.epoch:3}/{settings.epochs}  loss {done.loss:.4f}  validation loss {done.val_loss:.4f}  "
                f"accuracy {100 * done.val_accuracy:.2f} %  {done.seconds:.0f} s"
            )
    return run.finish()


def _order(split: Split, settings: Settings, epoch: int) -> NDArray[np.int64]:
    """In which order an epoch shows MNIST's pictures and, numbered after them, the drawn ones."""
    drawn = round(settings.strokes * len(split.train_images))
    return np.random.default_rng([settings.seed, epoch, 0]).permutation(len(split.train_images) + drawn)


def _crops(split: Split, settings: Settings, epoch: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The crops and labels of one epoch, in order; the same for the same seed and epoch."""
    order = _order(split, settings, epoch)
    rng = np.random.default_rng([settings.seed, epoch, 1])
    crops = augment(split.train_images, rng)
    drawn, labels = draw_set(len(order) - len(crops), rng, height=BOX * ENLARGE)
    seen = as_seen((photograph(np.pad(image, ENLARGE), rng) for image in drawn), len(labels))
    crops = np.concatenate([crops, seen])
    return crops[order], np.concatenate([split.train_labels, labels])[order]


def _epochs(
    split: Split, settings: Settings, start: int
) -> Generator[tuple[NDArray[np.uint8], NDArray[np.uint8]], None, None]:
    """Each epoch's crops, the next one being made in a process beside the training."""
    if start >= settings.epochs:
        return
    # Ctrl-C reaches every process at the terminal; this one ends the other
    quiet = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), signal.signal, quiet) as pool:
        try:
            pending = pool.submit(_crops, split, settings, start)
            for epoch in range(start, settings.epochs):
                ready = pending.result()
                if epoch + 1 < settings.epochs:
                    pending = pool.submit(_crops, split, settings, epoch + 1)
                yield ready
        finally:
            # an interrupted run does not wait for crops that nobody will see
            for worker in multiprocessing.active_children():
                worker.terminate()


class _Run:
    """The network, its optimizer and its averaged weights."""

    def __init__(self, folder: Path, settings: Settings, steps: int) -> None:
        import keras  # takes seconds; `digitlab --help` should not
        import tensorflow as tf

        keras.utils.set_random_seed(settings.seed)
        tf.config.experimental.enable_op_determinism()
        self.folder, self.settings, self.steps = folder, settings, steps
        self.history: list[Epoch] = []
        self.model = network.build()
        total = steps * settings.epochs
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0, total - total // 20, warmup_target=settings.rate, warmup_steps=total // 20
        )
        self.optimizer = keras.optimizers.AdamW(schedule, weight_decay=settings.decay)
        self.optimizer.build(self.model.trainable_variables)
        self.average = [tf.Variable(weight) for weight in self.model.weights]
        self._step = tf.function(self._train_step)

    def _train_step(self, crops: Any, labels: Any) -> Any:  # noqa: ANN401  # TensorFlow ships no types
        import keras
        import tensorflow as tf

        targets = tf.one_hot(labels, network.CLASSES)
        with tf.GradientTape() as tape:
            guess = self.model(_pixels(crops), training=True)
            loss = tf.reduce_mean(
                keras.losses.categorical_crossentropy(targets, guess, label_smoothing=self.settings.smoothing)
            )
        gradients = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.model.trainable_variables, strict=True))
        # a short memory at first, so that the random start is forgotten
        step = tf.cast(self.optimizer.iterations, tf.float32)
        keep = tf.minimum(AVERAGE_OVER, step / (step + 10.0))
        for average, weight in zip(self.average, self.model.weights, strict=True):
            average.assign(keep * average + (1 - keep) * weight)
        return loss

    def epoch(
        self,
        crops: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        validation: tuple[Any, Any],
        advance: Callable[[], None],
    ) -> Epoch:
        """Learn from one epoch's crops, measure the averaged weights on the validation split, and save."""
        start, losses = time.monotonic(), []
        for step in range(self.steps):
            part = slice(step * self.settings.batch, (step + 1) * self.settings.batch)
            losses.append(self._step(crops[part], labels[part]))
            advance()
        averaged = self._averaged()
        parts = np.array_split(validation[0], max(1, len(validation[0]) // 500))
        guess = np.concatenate([averaged(_pixels(part), training=False).numpy() for part in parts])
        likelihood = guess[np.arange(len(guess)), validation[1]]
        done = Epoch(
            len(self.history) + 1,
            float(np.mean(losses)),
            float(-np.log(np.maximum(likelihood, 1e-9)).mean()),
            float((guess.argmax(axis=1) == validation[1]).mean()),
            time.monotonic() - start,
        )
        self.history.append(done)
        self._save()
        return done

    def finish(self) -> "keras.Model":
        """Write model.keras with the averaged weights, and return it."""
        averaged = self._averaged()
        path, unfinished = self.folder / "model.keras", self.folder / "unfinished.keras"
        try:
            averaged.save(unfinished)
            unfinished.replace(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise OutputError(f"{path}: cannot write: {error.strerror or error}") from error
        return averaged

    def _averaged(self) -> "keras.Model":
        averaged = network.build()
        averaged.set_weights([weight.numpy() for weight in self.average])
        return averaged

    def _state(self) -> list[Any]:
        """Everything that training changes; `model.variables` includes the state of dropout's generator."""
        return [*self.model.variables, *self.optimizer.variables, *self.average]

    def _save(self) -> None:
        history = json.dumps([entry._asdict() for entry in self.history], indent=1)
        arrays: dict[str, Any] = {f"{i:03}": np.asarray(variable) for i, variable in enumerate(self._state())}
        data = io.BytesIO()
        np.savez(data, settings=json.dumps(asdict(self.settings)), history=history, **arrays)
        write_atomically(self.folder / "checkpoint.npz", data.getvalue())
        write_atomically(self.folder / "history.json", history.encode())

    def resume(self) -> None:
        """Take up the checkpoint of an earlier run, if there is one.

        Raises:
            TrainingError: it is damaged, or was made with other settings.
        """
        path = self.folder / "checkpoint.npz"
        if not path.is_file():
            return
        try:
            with path.open("rb") as file, np.load(file) as saved:
                settings, history = json.loads(str(saved["settings"])), json.loads(str(saved["history"]))
                arrays = [saved[key] for key in saved.files if key.isdigit()]
        except Exception as error:
            # a damaged zip raises whatever its parser meets
            raise TrainingError(f"{path}: damaged ({error}); delete it to start again") from error
        if settings != asdict(self.settings):
            raise TrainingError(f"{path}: made with other settings ({settings}); use --restart, or another --out")
        state = self._state()
        if [tuple(variable.shape) for variable in state] != [array.shape for array in arrays]:
            raise TrainingError(f"{path}: of another network; use --restart, or another --out")
        for variable, array in zip(state, arrays, strict=True):
            variable.assign(array)
        self.history = [Epoch(**entry) for entry in history]


def _pixels(crops: Any) -> Any:  # noqa: ANN401
    """uint8 (n, 28, 28) -> float32 (n, 28, 28, 1) in 0..1, as the quantized network's input scale has it."""
    import tensorflow as tf

    return tf.cast(crops, tf.float32)[..., None] / 255.0
