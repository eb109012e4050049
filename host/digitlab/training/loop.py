"""One training run, of any network: AdamW, a cosine's learning rate, averaged weights, and a checkpoint a part.

Everything that changes is in one checkpoint, so a run that was interrupted goes on after its last finished part as if
nothing had happened, where its batches follow from the seed and the part's number alone.
"""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.errors import DigitcamError, ModelError, OutputError
from digitcam.files import write_atomically
from digitlab.training import framework, fused
from digitlab.training.gradient_step import GradientStep, JaxStep, Loss, TensorFlowStep

if TYPE_CHECKING:
    from dataclasses import Field
    from typing import ClassVar

    import keras

CHECKPOINT, HISTORY = "checkpoint.npz", "history.json"


class TrainingError(DigitcamError, RuntimeError):
    """A training run cannot start or go on."""


class Settings(Protocol):
    """A dataclass of everything that decides the outcome, besides what is learned from and the code."""

    __dataclass_fields__: "ClassVar[dict[str, Field[Any]]]"

    @property
    def seed(self) -> int:
        """Of the start."""

    @property
    def first(self) -> str:
        """A .keras file whose weights a new run starts with; empty: an untrained network."""

    @property
    def framework(self) -> str:
        """One of `digitlab.training.framework.FRAMEWORKS`."""

    @property
    def precision(self) -> str:
        """One of `digitlab.training.fused.PRECISIONS`."""


class Entry(Protocol):
    """A named tuple of how far a part came."""

    def _asdict(self) -> dict[str, Any]: ...


Part = TypeVar("Part", bound=Entry)


class Schedule(NamedTuple):
    """How fast a network learns.

    Attributes:
        steps: of the whole training.
        rate: the highest learning rate.
        decay: of weights, each step.
        warming: the rate rises during one step of so many, and falls during the others ...
        last: ... to this share of it.
        clipped: norm that gradients are shortened to; None leaves them.
    """

    steps: int
    rate: float
    decay: float
    warming: int = 20
    last: float = 0.0
    clipped: float | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is trained.

    Attributes:
        build: makes the network, untrained.
        loss: of the network on a batch: called with the network, inputs and targets.
        name: of the file with the averaged weights.
        deterministic: whether the same batches give the same weights to the last bit, at some cost; not with JAX.
    """

    build: "Callable[[], keras.Model]"
    loss: Loss
    name: str
    deterministic: bool


def check_settings(settings: Settings, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Refuse values that no training can come of.

    Raises:
        TrainingError: one is out of its range, or framework or precision is none.
    """
    for name, known in (("framework", framework.FRAMEWORKS), ("precision", fused.PRECISIONS)):
        if (value := getattr(settings, name)) not in known:
            raise TrainingError(f"{name} is {value}; it must be one of {', '.join(known)}")
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            raise TrainingError(f"{name} is {value}; it must lie between {low:g} and {high:g}")


def progress_bar() -> Progress:
    """Give a bar with the time that is left, on standard error."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True))


class Run(Generic[Part]):
    """A network, its optimizer and its averaged weights.

    Attributes:
        history: what was noted of each part so far.
    """

    def __init__(
        self, subject: Subject, folder: Path, settings: Settings, schedule: Schedule, entry: Callable[..., Part]
    ) -> None:
        """Start, or take up the checkpoint of an earlier run.

        Args:
            subject: what is trained.
            folder: where checkpoint.npz, history.json and the network are written; made where it is missing.
            settings: kept in the checkpoint, which fits no others.
            schedule: how fast it learns.
            entry: makes an entry of the history of its fields.

        Raises:
            ModelError: `settings.first` is missing, damaged or another network's.
            TrainingError: the checkpoint is damaged, or was made with other settings.
            OutputError: `folder` cannot be made.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder}: cannot make this folder: {error.strerror}") from error
        framework.load(settings.framework)
        import keras  # takes seconds; `digitlab --help` should not

        keras.utils.set_random_seed(settings.seed)
        by_tensorflow = settings.framework == framework.TENSORFLOW
        if subject.deterministic and by_tensorflow:
            import tensorflow as tf

            tf.config.experimental.enable_op_determinism()
        self.history: list[Part] = []
        self._subject, self._folder, self._settings, self._entry = subject, folder, settings, entry
        resumed = (folder / CHECKPOINT).is_file()
        begun = subject.build()
        if settings.first and not resumed:
            take_weights(begun, settings.first)
        self._model = fused.for_training(begun, settings.precision)
        warming = schedule.steps // schedule.warming
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, schedule.steps - warming, warmup_target=schedule.rate, warmup_steps=warming, alpha=schedule.last
        )
        self._optimizer = keras.optimizers.AdamW(rate, weight_decay=schedule.decay, global_clipnorm=schedule.clipped)
        self._optimizer.build(self._model.trainable_variables)
        self._average = [keras.Variable(weight.numpy(), trainable=False) for weight in self._model.weights]
        self._averaged: keras.Model | None = None
        self._resume()
        kind = TensorFlowStep if by_tensorflow else JaxStep
        self._step: GradientStep = kind(self._model, self._optimizer, self._average, subject.loss)

    def learn(self, batches: Iterable[tuple[Any, Any]], advance: Callable[[], None]) -> NDArray[np.float32]:
        """Learn from a part's batches, inputs and targets each.

        Returns:
            The mean of what `Subject.loss` reports, float32, a scalar or a vector.
        """
        losses = []
        for inputs, targets in batches:
            losses.append(self._step(inputs, targets))
            advance()
        self._step.settle()
        return np.asarray(np.mean([np.asarray(loss) for loss in losses], axis=0), np.float32)

    def note(self, part: Part) -> None:
        """Count a part as done, and save everything.

        Raises:
            OutputError: it cannot be written.
        """
        self.history.append(part)
        history = json.dumps([entry._asdict() for entry in self.history], indent=1)
        arrays: dict[str, Any] = {f"{i:03}": np.asarray(variable) for i, variable in enumerate(self._state())}
        data = io.BytesIO()
        np.savez(data, settings=json.dumps(asdict(self._settings)), history=history, **arrays)
        write_atomically(self._folder / CHECKPOINT, data.getvalue())
        write_atomically(self._folder / HISTORY, history.encode())

    def averaged(self) -> "keras.Model":
        """Give the network with averaged weights, one and the same each time: it is compiled once."""
        self._averaged = self._averaged or self._subject.build()
        self._averaged.set_weights([np.asarray(weight) for weight in self._average])
        return self._averaged

    def write(self) -> "keras.Model":
        """Write the network with averaged weights, and return it.

        Raises:
            OutputError: it cannot be written.
        """
        averaged = self.averaged()
        save(averaged, self._folder / self._subject.name)
        return averaged

    def _state(self) -> list[Any]:
        """Give everything that training changes; `model.variables` includes the state of dropout's generator."""
        return [*self._model.variables, *self._optimizer.variables, *self._average]

    def _resume(self) -> None:
        path = self._folder / CHECKPOINT
        if not path.is_file():
            return
        try:
            with path.open("rb") as file, np.load(file) as saved:
                settings, history = json.loads(str(saved["settings"])), json.loads(str(saved["history"]))
                arrays = [saved[key] for key in saved.files if key.isdigit()]
        except Exception as error:
            # a damaged zip raises whatever its parser meets
            raise TrainingError(f"{path}: damaged ({error}); delete it to start again") from error
        # what a checkpoint does not know yet was as it is by default
        known = {field.name: field.default for field in fields(self._settings)}
        if {**known, **settings} != asdict(self._settings):
            raise TrainingError(f"{path}: made with other settings ({settings}); use --restart, or another --out")
        state = self._state()
        if [tuple(variable.shape) for variable in state] != [array.shape for array in arrays]:
            raise TrainingError(f"{path}: of another network; use --restart, or another --out")
        for variable, array in zip(state, arrays, strict=True):
            variable.assign(array)
        self.history = [self._entry(**entry) for entry in history]


def save(network: "keras.Model", path: Path) -> None:
    """Write a network, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    unfinished = path.with_name("unfinished.keras")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        network.save(unfinished)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot write: {error.strerror or error}") from error


def take_weights(network: "keras.Model", first: str) -> None:
    """Give a network the weights of a .keras file.

    Raises:
        ModelError: the file is missing, damaged or another network's.
    """
    import keras

    try:
        network.set_weights(keras.models.load_model(first).get_weights())
    except Exception as error:
        # a damaged file raises whatever its parsers meet
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(f"{first}: not a trained network of this kind ({reason}); train one first") from error
