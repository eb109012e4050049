"""The same training from several seeds: what of its accuracy is luck."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from digitcam.errors import ModelError
from digitlab.evaluation import variants
from digitlab.evaluation.variants import REFERENCE, SHIPPED
from digitlab.publishing.card import training_settings


def table(folders: Sequence[Path]) -> str:
    """Accuracy of each training on MNIST's test set and their mean; none is better for having been chosen.

    Args:
        folders: each of a training that was evaluated.

    Raises:
        ModelError: a folder holds no such training, or two of the same seed.
    """
    seeds = [training_settings(folder).seed for folder in folders]
    if len(set(seeds)) < len(seeds):
        raise ModelError(f"seeds {seeds}: two trainings of one seed are the same; train with another --seed")
    rows = []
    for seed, folder in zip(seeds, folders, strict=True):
        scores = {v.name: v.score for v in variants.load(folder / "evaluation.json").variants}
        whole, small = scores.get(REFERENCE), scores[SHIPPED]
        if whole is None or small is None:
            raise ModelError(f"{folder}: the float variant was not read; run `digitlab evaluate` on another runtime")
        rows.append((str(seed), 100 * whole.accuracy, 100 * small.accuracy, 100 * (whole.accuracy - small.accuracy)))
    averages = (mean(column) for column in list(zip(*rows, strict=True))[1:])
    lines = [f"{name:<6}{whole:>9.2f} %{small:>9.2f} %{drop:>9.2f}" for name, whole, small, drop in rows]
    whole, small, drop = averages
    return "\n".join(
        [
            f"{'seed':<6}{'float':>11}{'int8':>11}{'drop':>9}",
            *lines,
            f"{'mean':<6}{whole:>9.3f} %{small:>9.3f} %{drop:>9.3f}",
        ]
    )
