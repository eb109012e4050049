"""One training loop for both networks: AdamW, a cosine's learning rate, averaged weights, a checkpoint each epoch.

An epoch's crops follow from the seed and the epoch's number alone, and everything that changes is in one checkpoint,
so a run that was interrupted goes on as if nothing had happened.
"""

import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.errors import DigitcamError, OutputError
from digitcam.files import write_atomically
from digitlab.crops import Crops

if TYPE_CHECKING:
    import keras

AVERAGE_OVER = 0.998  # weights are averaged over about the last 500 steps
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


class TrainingError(DigitcamError, RuntimeError):
    """A training run cannot start or go on."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the outcome, besides the crops and the code."""

    seed: int = 1
    epochs: int = 40
    batch: int = 128
    rate: float = 2e-3
    decay: float = 0.02
    smoothing: float = 0.02
    """Of the targets of crops that no teacher has seen."""

    def __post_init__(self) -> None:
        """Refuse values that no training can come of.

        Raises:
            TrainingError: one is out of its range.
        """
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise TrainingError(f"{name} is {value}; it must lie between {low:g} and {high:g}")


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
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot make this folder: {error.strerror}") from error
    run = _Run(build, folder, settings, steps)
    run.resume()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("training", total=settings.epochs * steps, completed=len(run.history) * steps)
        for number in range(len(run.history), settings.epochs):
            done = run.epoch(first if number == 0 else lesson(number), checks, lambda: progress.advance(task))
            progress.update(task, description=f"epoch {done.epoch}/{settings.epochs} loss {done.loss:.4f}")
            progress.print(
                f"epoch {done.epoch:3}/{settings.epochs}  loss {done.loss:.4f}  validation loss {done.val_loss:.4f}  "
                f"accuracy {100 * done.val_accuracy:.2f} %  scenes {100 * done.scene_accuracy:.2f} %  "
                f"{done.seconds:.0f} s"
            )
    return run.finish()


def predict(model: "keras.Model", crops: NDArray[np.uint8], advance: Callable[[], None] | None = None) -> Any:  # noqa: ANN401
    """Read crops with a network: float32 (n, classes).

    Args:
        model: the network.
        crops: uint8 (n, 28, 28).
        advance: called after every `PREDICTED` crops.
    """
    import tensorflow as tf

    read = tf.function(lambda part: model(_pixels(part), training=False), reduce_retracing=True)
    rows = []
    for start in range(0, len(crops), PREDICTED):
        rows.append(read(crops[start : start + PREDICTED]).numpy())
        if advance:
            advance()
    return np.concatenate(rows)


class _Run:
    """The network, its optimizer and its averaged weights."""

    def __init__(self, build: "Callable[[], keras.Model]", folder: Path, settings: Settings, steps: int) -> None:
        import keras  # takes seconds; `digitlab --help` should not
        import tensorflow as tf

        keras.utils.set_random_seed(settings.seed)
        tf.config.experimental.enable_op_determinism()
        self.build, self.folder, self.settings, self.steps = build, folder, settings, steps
        self.history: list[Epoch] = []
        self.model = build()
        total = steps * settings.epochs
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0, total - total // 20, warmup_target=settings.rate, warmup_steps=total // 20
        )
        self.optimizer = keras.optimizers.AdamW(schedule, weight_decay=settings.decay)
        self.optimizer.build(self.model.trainable_variables)
        self.average = [tf.Variable(weight) for weight in self.model.weights]
        self._step = tf.function(self._train_step)

    def _train_step(self, crops: Any, targets: Any) -> Any:  # noqa: ANN401  # TensorFlow ships no types
        import keras
        import tensorflow as tf

        with tf.GradientTape() as tape:
            guess = self.model(_pixels(crops), training=True)
            loss = tf.reduce_mean(keras.losses.categorical_crossentropy(targets, guess))
        gradients = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.model.trainable_variables, strict=True))
        # a short memory at first, so that the random start is forgotten
        step = tf.cast(self.optimizer.iterations, tf.float32)
        keep = tf.minimum(AVERAGE_OVER, step / (step + 10.0))
        for average, weight in zip(self.average, self.model.weights, strict=True):
            average.assign(keep * average + (1 - keep) * weight)
        return loss

    def epoch(self, lesson: Lesson, checks: Mapping[str, Crops], advance: Callable[[], None]) -> Epoch:
        """Learn from one epoch's crops in a random order, measure the averaged weights, and save."""
        start, losses = time.monotonic(), []
        rng = np.random.default_rng([self.settings.seed, len(self.history)])
        order = rng.permutation(len(lesson.crops))
        for step in range(self.steps):
            part = order[step * self.settings.batch : (step + 1) * self.settings.batch]
            losses.append(self._step(_moved(lesson.crops[part], rng), lesson.targets[part]))
            advance()
        averaged = self._averaged()
        guess = {name: predict(averaged, images) for name, (images, _) in checks.items()}
        accuracy = {name: float((guess[name].argmax(axis=1) == checks[name].labels).mean()) for name in checks}
        labels = checks["mnist"].labels
        likelihood = guess["mnist"][np.arange(len(labels)), labels]
        done = Epoch(
            len(self.history) + 1,
            float(np.mean(losses)),
            float(-np.log(np.maximum(likelihood, 1e-9)).mean()),
            accuracy["mnist"],
            accuracy["scenes"],
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
        averaged = self.build()
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


def _moved(crops: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Crops moved by whole pixels, so that they stay as sharp; their margin of four is paper, so nothing is lost."""
    moved = np.empty_like(crops)
    for i, shift in enumerate(np.rint(rng.normal(0, SHIFT, (SHIFTED, 2))).astype(int)):
        moved[i::SHIFTED] = np.roll(crops[i::SHIFTED], shift, axis=(1, 2))
    return moved


def _pixels(crops: Any) -> Any:  # noqa: ANN401
    """uint8 (n, 28, 28) -> float32 (n, 28, 28, 1) in 0..1, as the quantized network's input scale has it."""
    import tensorflow as tf

    return tf.cast(crops, tf.float32)[..., None] / 255.0
