"""Teaching the finder: views of scenes, focal loss for where digits stand, GIoU for their boxes.

An interrupted training goes on after its last finished part.
"""

import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitlab.finding import views
from digitlab.finding.network import build
from digitlab.finding.pool import Pool
from digitlab.fit import TrainingError

if TYPE_CHECKING:
    import keras

PART = 10_000  # views between two checkpoints
AVERAGE_OVER = 0.998  # weights are averaged over about the last 500 steps
CLIPPED = 5.0  # norm of the gradients
FOCUS = 2.0  # focal loss (Lin et al. 2017, https://arxiv.org/abs/1708.02002): exponent, ...
FOUND = 0.75  # ... and the weight of places that hold a digit, that of the others being what is left of 1
SCORE, BOX, TURN, CUT, PRINTED = 4.0, 1.5, 0.3, 0.3, 0.3  # weights of the losses
AHEAD = 6  # batches made while the network learns


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the outcome, besides the scenes and the code."""

    seed: int = 1
    views: int = 400_000
    batch: int = 24
    rate: float = 3e-3
    decay: float = 1e-4


class Progressed(NamedTuple):
    """Mean losses over one part: of the score, box, turn, cut and printed, and how long it took."""

    views: int
    score: float
    box: float
    turn: float
    cut: float
    printed: float
    seconds: float


def train(scenes: Pool, folder: Path, settings: Settings) -> "keras.Model":
    """Train the finder, or go on with an interrupted training.

    Args:
        scenes: what views are cut from; scenes that are drawn meanwhile are taken up.
        folder: where checkpoint.npz, history.json and, at the end, finder.keras are written.
        settings: decide everything else.

    Returns:
        The network with averaged weights.

    Raises:
        TrainingError: `folder` holds a checkpoint that does not fit.
        OutputError: `folder` cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot make this folder: {error.strerror}") from error
    run = _Run(folder, settings)
    run.resume()
    parts = -(-settings.views // PART)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("training the finder", total=parts * PART, completed=len(run.history) * PART)
        for number in range(len(run.history), parts):
            scenes.refresh()
            done = run.part(scenes, number, lambda: progress.advance(task, settings.batch))
            progress.print(
                f"{done.views:>9,} views  score {done.score:.3f}  box {done.box:.3f}  turn {done.turn:.3f}  "
                f"cut {done.cut:.3f}  printed {done.printed:.3f}  {done.seconds:.0f} s"
            )
    return run.finish()


class _Run:
    """The network, its optimizer and its averaged weights."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        import keras  # takes seconds; `digitlab --help` should not
        import tensorflow as tf

        keras.utils.set_random_seed(settings.seed)
        self.folder, self.settings = folder, settings
        self.history: list[Progressed] = []
        self.model = build()
        total = -(-settings.views // PART) * (PART // settings.batch)
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0, total - total // 50, warmup_target=settings.rate, warmup_steps=total // 50, alpha=0.005
        )
        self.optimizer = keras.optimizers.AdamW(schedule, weight_decay=settings.decay, global_clipnorm=CLIPPED)
        self.optimizer.build(self.model.trainable_variables)
        self.average = [tf.Variable(weight) for weight in self.model.weights]
        self._step = tf.function(self._train_step)

    def _train_step(self, images: Any, targets: Any) -> Any:  # noqa: ANN401  # TensorFlow ships no types
        import tensorflow as tf

        with tf.GradientTape() as tape:
            answers = self.model(tf.cast(images, tf.float32)[..., None] / 255.0, training=True)
            losses = loss(answers, targets)
            total = tf.reduce_sum(losses * [SCORE, BOX, TURN, CUT, PRINTED])
        gradients = tape.gradient(total, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.model.trainable_variables, strict=True))
        step = tf.cast(self.optimizer.iterations, tf.float32)
        keep = tf.minimum(AVERAGE_OVER, step / (step + 10.0))
        for average, weight in zip(self.average, self.model.weights, strict=True):
            average.assign(keep * average + (1 - keep) * weight)
        return losses

    def part(self, scenes: Pool, number: int, advance: Any) -> Progressed:  # noqa: ANN401
        """Learn from `PART` views, and save."""
        start, losses = time.monotonic(), []
        for images, targets in _batches(scenes, self.settings, number):
            losses.append(self._step(images, targets))
            advance()
        mean = np.mean([np.asarray(loss) for loss in losses], axis=0)
        done = Progressed((number + 1) * PART, *mean.tolist(), time.monotonic() - start)
        self.history.append(done)
        self._save()
        return done

    def finish(self) -> "keras.Model":
        """Write finder.keras with the averaged weights, and return it."""
        averaged = build()
        averaged.set_weights([weight.numpy() for weight in self.average])
        path, unfinished = self.folder / "finder.keras", self.folder / "unfinished.keras"
        try:
            averaged.save(unfinished)
            unfinished.replace(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise OutputError(f"{path}: cannot write: {error.strerror or error}") from error
        return averaged

    def _state(self) -> list[Any]:
        return [*self.model.variables, *self.optimizer.variables, *self.average]

    def _save(self) -> None:
        history = json.dumps([entry._asdict() for entry in self.history], indent=1)
        arrays: dict[str, Any] = {f"{i:03}": np.asarray(variable) for i, variable in enumerate(self._state())}
        data = io.BytesIO()
        np.savez(data, settings=json.dumps(asdict(self.settings)), history=history, **arrays)
        write_atomically(self.folder / "checkpoint.npz", data.getvalue())
        write_atomically(self.folder / "history.json", history.encode())
        self.finish()

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
        self.history = [Progressed(**entry) for entry in history]


def _batches(
    scenes: Pool, settings: Settings, number: int
) -> Iterator[tuple[NDArray[np.uint8], tuple[NDArray[np.float32], ...]]]:
    """The views of one part, made by another thread while the network learns from those before."""
    rng = np.random.default_rng([settings.seed, number])

    def make(state: np.random.Generator) -> tuple[NDArray[np.uint8], tuple[NDArray[np.float32], ...]]:
        taken = [views.take(scenes[int(state.integers(len(scenes)))], state) for _ in range(settings.batch)]
        return np.stack([view.image for view in taken]), tuple(
            np.stack(level) for level in zip(*(view.targets for view in taken), strict=True)
        )

    with ThreadPoolExecutor(1) as maker:
        states = iter(rng.spawn(PART // settings.batch))
        coming = [maker.submit(make, state) for state, _ in zip(states, range(AHEAD), strict=False)]
        while coming:
            yield coming.pop(0).result()
            if (state := next(states, None)) is not None:
                coming.append(maker.submit(make, state))


def loss(answers: Any, targets: Any) -> Any:  # noqa: ANN401
    """Mean losses a digit: score, box, turn, cut, printed.

    Args:
        answers: the network's nine tensors.
        targets: of each level, as `views.targets` makes them.

    Returns:
        float32 (5,).
    """
    import tensorflow as tf

    digits = 1.0 + tf.add_n([tf.reduce_sum(target[..., -1]) for target in targets])
    sums = []
    for level, target in enumerate(targets):
        score, box, more = answers[3 * level : 3 * level + 3]
        weight = target[..., -1]
        sums.append(
            tf.stack(
                [
                    tf.reduce_sum(_focal(score[..., 0], target[..., 0], weight)),
                    tf.reduce_sum(weight * (1 - _giou(tf.nn.softplus(box), target[..., 1:5]))),
                    tf.reduce_sum(weight * tf.nn.softmax_cross_entropy_with_logits(target[..., 5:9], more[..., :4])),
                    tf.reduce_sum(weight * tf.nn.sigmoid_cross_entropy_with_logits(target[..., 9], more[..., 4])),
                    tf.reduce_sum(weight * tf.nn.sigmoid_cross_entropy_with_logits(target[..., 10], more[..., 5])),
                ]
            )
        )
    return tf.add_n(sums) / digits


def _focal(logits: Any, target: Any, weight: Any) -> Any:  # noqa: ANN401
    """Focal loss of each place; none where anything may be answered."""
    import tensorflow as tf

    known = tf.cast(target >= 0, tf.float32)
    is_digit = tf.maximum(target, 0.0)
    share = tf.sigmoid(logits)
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(is_digit, logits)
    found = FOUND * (1 - share) ** FOCUS * tf.maximum(weight, 0.2)
    return known * entropy * tf.where(is_digit > 0, found, (1 - FOUND) * share**FOCUS)


def _giou(box: Any, target: Any) -> Any:  # noqa: ANN401
    """Generalized intersection over union (Rezatofighi et al. 2019, https://arxiv.org/abs/1902.09630).

    Args:
        box: distances to left, top, right and bottom from the same place.
        target: likewise.
    """
    import tensorflow as tf

    least, most = tf.minimum(box, target), tf.maximum(box, target)
    both = (least[..., 0] + least[..., 2]) * (least[..., 1] + least[..., 3])
    hull = (most[..., 0] + most[..., 2]) * (most[..., 1] + most[..., 3])
    areas = [(b[..., 0] + b[..., 2]) * (b[..., 1] + b[..., 3]) for b in (box, target)]
    union = areas[0] + areas[1] - both
    return both / (union + 1e-6) - (hull - union) / (hull + 1e-6)
