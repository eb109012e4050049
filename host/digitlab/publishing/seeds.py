"""The same training from several seeds: what of its accuracy is luck."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from digitcam.errors import ModelError
from digitlab.evaluation import variants
from digitlab.evaluation.variants import REFERENCE, SHIPPED
from digitlab.pages.page import text_table
from digitlab.publishing.card import training_settings


def table(folders: Sequence[Path]) -> str:
    """Compare the accuracy of each training on MNIST's test set and their mean; none is better for having been chosen.

    Args:
        folders: each of a training that was evaluated.

    Raises:
        ModelError: a folder holds no such training, or two of the same seed.
    """
    seeds = [training_settings(folder).seed for folder in folders]
    if len(set(seeds)) < len(seeds):
        raise ModelError(f"seeds {seeds}: two trainings of one seed are the same; train with another --seed")
    accuracies = []
    for folder in folders:
        scores = {v.name: v.score for v in variants.load(folder / "evaluation.json").variants}
        float_, int8 = scores.get(REFERENCE), scores[SHIPPED]
        if float_ is None or int8 is None:
            raise ModelError(f"{folder}: the float variant was not read; run `digitlab evaluate` on another runtime")
        accuracies.append((float_.accuracy, int8.accuracy))
    rows = [
        [str(seed), *(f"{100 * figure:.2f}" for figure in (whole, small, whole - small))]
        for seed, (whole, small) in zip(seeds, accuracies, strict=True)
    ]
    whole, small = (mean(column) for column in zip(*accuracies, strict=True))
    rows.append(["mean", *(f"{100 * figure:.3f}" for figure in (whole, small, whole - small))])
    return text_table(("seed", "float, %", "int8, %", "drop"), rows)
