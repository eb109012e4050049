"""Teaching the finder: views of scenes, focal loss for where digits stand, GIoU for their boxes.

An interrupted training goes on after its last finished part.
"""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from digitlab.scenes import mistakes
from digitlab.scenes.pool import Pool
from digitlab.scenes.views import COUNTS, KNOWN
from digitlab.training import fused
from digitlab.training.blocks import in_blocks
from digitlab.training.feed import Feed
from digitlab.training.finder_network import BLOCK, build
from digitlab.training.finder_quantize import representative
from digitlab.training.framework import TENSORFLOW
from digitlab.training.gradient_step import Losses
from digitlab.training.loop import (
    Run,
    Schedule,
    Subject,
    TrainingError,
    check_settings,
    progress_bar,
    save,
    take_weights,
)
from digitlab.training.normalizations import measure

if TYPE_CHECKING:
    import keras

PART = 50_000  # views between two checkpoints
FINDER = "finder.keras"
HARDEST = 3  # mistakes: a scene with so many is shown as often as any with more, in which much is illegible
WARMING = 50  # the learning rate rises during one step of so many
LAST = 0.005  # share of the highest learning rate that the last step has
CLIPPED = 5.0  # norm of the gradients
FOCUS = 2.0  # focal loss (Lin et al. 2017, https://arxiv.org/abs/1708.02002): exponent, ...
FOUND = 0.75  # ... and the weight of places that hold a digit, that of the others being what is left of 1
SCORE, BOX, TURN, CUT, PRINTED, DIGIT = 4.0, 3.0, 0.3, 0.3, 0.3, 0.3  # weights of the losses
RANGES = {
    "seed": (0, 2**32 - 1),  # what NumPy's generator takes
    "views": (1, 1_000_000_000),
    "batch": (1, 4096),
    "rate": (1e-6, 1),
    "decay": (0, 1),
    "kept": (0, 1),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the outcome, besides the scenes and the code."""

    seed: int = 1
    framework: str = TENSORFLOW
    precision: str = fused.FULL
    views: int = 760_000
    batch: int = 24
    rate: float = 3e-3
    decay: float = 1e-4
    first: str = ""
    """A finder.keras whose weights it starts with; empty: an untrained network."""
    mistakes: str = ""
    """Counts of mistakes in each scene, which is shown the more often the more there are; empty: all alike."""
    kept: float = 0.0
    """How much of the first weights the last ones hold, 0 to 1: of two trainings' mean, both know what either learned.

    Wortsman et al. 2022, https://arxiv.org/abs/2109.01903.
    """

    def __post_init__(self) -> None:
        """Refuse values that no training can come of.

        Raises:
            TrainingError: one is out of its range, or there are no first weights to be kept.
        """
        check_settings(self, RANGES)
        if self.kept and not self.first:
            raise TrainingError(f"kept is {self.kept}, of no first weights; give a finder.keras as the first, too")


class Progressed(NamedTuple):
    """Mean losses over one part: of the score, box, turn, cut, printed and digit, and how long it took."""

    views: int
    score: float
    box: float
    turn: float
    cut: float
    printed: float
    digit: float
    seconds: float


def train(scenes: Pool, folder: Path, settings: Settings) -> "keras.Model":
    """Train the finder, or go on with an interrupted training.

    Args:
        scenes: what views are cut from; scenes that are drawn meanwhile are taken up.
        folder: where checkpoint.npz, history.json and, after each part, finder.keras are written.
        settings: decide everything else.

    Returns:
        The network with averaged weights.

    Raises:
        ModelError: `settings.first` or `settings.mistakes` is missing, damaged, or of another network or other scenes.
        TrainingError: `folder` holds a checkpoint that does not fit, or a batch is larger than a part.
        OutputError: `folder` cannot be written.
    """
    odds = None
    if settings.mistakes:
        odds = 1.0 + np.minimum(mistakes.load(Path(settings.mistakes), len(scenes)), HARDEST)
    steps = PART // settings.batch
    if steps == 0:
        raise TrainingError(f"batch is {settings.batch}, more than the {PART} views between two checkpoints")
    parts = -(-settings.views // PART)
    schedule = Schedule(parts * steps, settings.rate, settings.decay, WARMING, LAST, CLIPPED)
    # two threads may add in either order: the last bits of two trainings differ
    subject = Subject(build, _losses, FINDER, deterministic=False)
    run = Run(subject, folder, settings, schedule, Progressed)
    with closing(Feed(scenes.folder, settings.batch, odds)) as feed, progress_bar() as progress:
        task = progress.add_task("training the finder", total=parts * PART, completed=len(run.history) * PART)
        for number in range(len(run.history), parts):
            start = time.monotonic()
            scenes.refresh()
            batches = feed.batches([settings.seed, number], steps, len(scenes))
            losses = run.learn(batches, lambda: progress.advance(task, settings.batch))
            score, box, turn, cut, printed, digit = losses.tolist()
            done = Progressed((number + 1) * PART, score, box, turn, cut, printed, digit, time.monotonic() - start)
            run.note(done)
            run.write()
            progress.update(task, completed=done.views)
            progress.print(
                f"{done.views:>9,} views  score {done.score:.3f}  box {done.box:.3f}  turn {done.turn:.3f}  "
                f"cut {done.cut:.3f}  printed {done.printed:.3f}  digit {done.digit:.3f}  {done.seconds:.0f} s"
            )
    network = run.write()
    if settings.kept:
        _mix(network, settings, scenes)
        save(network, folder / FINDER)
    return network


def _mix(network: "keras.Model", settings: Settings, scenes: Pool) -> None:
    """Bring a network's weights back towards the first ones, and measure its normalizations again."""
    first = build()
    take_weights(first, settings.first)
    for weight, before in zip(network.weights, first.weights, strict=True):
        weight.assign(settings.kept * before + (1 - settings.kept) * weight)
    shown = np.stack(representative(scenes, settings.seed))
    for _ in measure(network, in_blocks(shown[..., None] / np.float32(255), BLOCK)):
        pass


def _losses(model: Any, images: Any, targets: Any) -> Losses:  # noqa: ANN401  # Keras ships no types
    from keras import ops

    pixels = ops.cast(images, "float32")[..., None] / 255.0
    losses = loss(model(in_blocks(pixels, BLOCK), training=True), targets)
    return Losses(ops.sum(losses * ops.convert_to_tensor([SCORE, BOX, TURN, CUT, PRINTED, DIGIT])), losses)


def loss(answers: Any, targets: Any) -> Any:  # noqa: ANN401
    """Give the mean losses a digit: score, box, turn, cut, printed, digit.

    Args:
        answers: the network's nine tensors.
        targets: of each level, as `views.targets` makes them.

    Returns:
        float32 (6,).
    """
    from keras import ops

    targets = [ops.cast(target, "float32") for target in targets]
    digits = 1.0 + sum(ops.sum(target[..., KNOWN]) for target in targets)
    sums = []
    for level, target in enumerate(targets):
        score, box, more = answers[3 * level : 3 * level + 3]
        each = [
            1 - _giou(ops.softplus(box), target[..., 1:5]),
            ops.categorical_crossentropy(target[..., 5:9], more[..., :4], from_logits=True),
            ops.binary_crossentropy(target[..., 9], more[..., 4], from_logits=True),
            ops.binary_crossentropy(target[..., 10], more[..., 5], from_logits=True),
            ops.sparse_categorical_crossentropy(ops.cast(target[..., 11], "int32"), more[..., 6:], from_logits=True),
        ]
        focal = ops.sum(target[..., COUNTS] * _focal(score[..., 0], target[..., 0]))
        sums.append(ops.stack([focal, *(ops.sum(target[..., KNOWN] * part) for part in each)]))
    return sum(sums) / digits


def _focal(logits: Any, target: Any) -> Any:  # noqa: ANN401
    """Give the focal loss of each place."""
    from keras import ops

    share = ops.sigmoid(logits)
    entropy = ops.binary_crossentropy(target, logits, from_logits=True)
    return entropy * ops.where(target > 0, FOUND * (1 - share) ** FOCUS, (1 - FOUND) * share**FOCUS)


def _giou(box: Any, target: Any) -> Any:  # noqa: ANN401
    """Give the generalized intersection over union (Rezatofighi et al. 2019, https://arxiv.org/abs/1902.09630).

    Args:
        box: distances to left, top, right and bottom from the same place.
        target: likewise.
    """
    from keras import ops

    least, most = ops.minimum(box, target), ops.maximum(box, target)
    both = (least[..., 0] + least[..., 2]) * (least[..., 1] + least[..., 3])
    hull = (most[..., 0] + most[..., 2]) * (most[..., 1] + most[..., 3])
    areas = [(b[..., 0] + b[..., 2]) * (b[..., 1] + b[..., 3]) for b in (box, target)]
    union = areas[0] + areas[1] - both
    return both / (union + 1e-6) - (hull - union) / (hull + 1e-6)
