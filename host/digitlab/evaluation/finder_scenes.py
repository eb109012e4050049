"""How well the finder finds, on scenes that it was not trained on, measured with the device's own code."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from digitcam.errors import ModelError
from digitcam.model.runtime import installed, open_interpreter
from digitcam.recognition.finder import Finder
from digitcam.recognition.params import LEAST_SCORE
from digitlab.accuracy import reliability
from digitlab.evaluation.finder_figures import CLOSE, CLOSER, Box, Boxes, Evaluation, Group, Point, Worst
from digitlab.evaluation.finder_match import Matched, Stands, match_scenes
from digitlab.scenes.fill import tell_contents
from digitlab.scenes.pool import Pool
from digitlab.training.trained import read

HEIGHTS = 8, 12, 18, 26, 40, 64, 128  # pixels of a look, between two groups
SCORES = tuple(n / 20 for n in range(4, 20))  # of the curve
WORST = 24  # scenes that are kept to be shown


def evaluate(model: Path, scenes: Path, processes: int | None = None) -> Evaluation:
    """Look for digits in every scene of a folder, with progress on standard error.

    Args:
        model: the finder's .tflite file; it needs no card.
        scenes: that it was not trained on.
        processes: how many look at a time; None for one a core.

    Raises:
        ModelError: the model is missing, damaged, or no finder.
        PoolError: there are no scenes.
        RuntimeMissingError: no TFLite runtime works here.
    """
    data = read(model)
    try:
        Finder(open_interpreter(data), installed())
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from error
    held = Pool(scenes)
    return summarize(
        match_scenes(model, scenes, len(held), "held-out scenes", processes, turned=True),
        tell_contents(held),
        sha256=hashlib.sha256(data).hexdigest(),
        runtime=f"{installed().name} {installed().version}",
        scenes=str(scenes),
    )


def summarize(
    matched: Sequence[Matched], contents: Sequence[str] | None, *, sha256: str, runtime: str, scenes: str
) -> Evaluation:
    """Count what was found.

    Args:
        matched: every scene, in order.
        contents: what stands in each; None where that is not known.
        sha256: of the model.
        runtime: that ran it.
        scenes: where they lie.
    """
    stands = [one for scene in matched for one in scene.stands]
    mistaken = [one for scene in matched for one in scene.mistaken]
    found = [one for one in stands if one.score >= LEAST_SCORE]
    overlaps = np.array([one.overlap for one in found] or [0.0])
    scores = np.array([one.score for one in stands if one.score > 0] + [one.score for one in mistaken], np.float64)
    right = np.arange(len(scores)) < sum(one.score > 0 for one in stands)
    turns = np.zeros((4, 4), np.int64)
    np.add.at(turns, tuple(np.array([pair for scene in matched for pair in scene.turns], int).reshape(-1, 2).T), 1)
    blank = [scene for scene in matched if not scene.stands]
    return Evaluation(
        sha256=sha256,
        runtime=runtime,
        scenes=scenes,
        n=len(matched),
        least=LEAST_SCORE,
        all=_group("all", matched),
        contents=[
            _group(name, [scene for scene, of in zip(matched, contents, strict=True) if of == name])
            for name in sorted(set(contents))
        ]
        if contents
        else [],
        kinds=[
            Group(name, len(own), sum(one.score >= LEAST_SCORE for one in own), 0)
            for name, own in (
                ("written", [one for one in stands if not one.printed]),
                ("printed", [one for one in stands if one.printed]),
                ("cut", [one for one in stands if one.cut]),
            )
        ],
        heights=_heights(matched),
        curve=[_point(least, stands_scores(matched), [one.score for one in mistaken]) for least in SCORES],
        boxes=Boxes(
            *map(float, (overlaps.mean(), np.median(overlaps), (overlaps > CLOSE).mean(), (overlaps > CLOSER).mean()))
        ),
        turns=turns.tolist(),
        cut=_share(found, lambda one: (one.said_cut > 0.5) == one.cut),  # noqa: PLR2004  # likelier than not
        printed=_share(found, lambda one: (one.said_printed > 0.5) == one.printed),  # noqa: PLR2004
        bins=reliability(scores, right) if len(scores) else [],
        blank=_group("blank", blank),
        worst=sorted(filter(None, map(_worst, matched)), key=lambda one: -one.mistakes)[:WORST],
    )


def stands_scores(matched: Sequence[Matched]) -> list[float]:
    """Give the scores of all digits, 0 for those that were missed."""
    return [one.score for scene in matched for one in scene.stands]


def _group(name: str, matched: Sequence[Matched]) -> Group:
    scores = stands_scores(matched)
    false = sum(one.score >= LEAST_SCORE for scene in matched for one in scene.mistaken)
    return Group(name, len(scores), sum(score >= LEAST_SCORE for score in scores), false, len(matched))


def _heights(matched: Sequence[Matched]) -> list[Group]:
    edges = (0, *HEIGHTS, 10_000)
    groups = []
    for low, high in pairwise(edges):
        own = [one.score for scene in matched for one in scene.stands if low <= one.height < high]
        false = [one.score for scene in matched for one in scene.mistaken if low <= one.height < high]
        name = f"from {low}" if high == edges[-1] else f"below {high}"
        found, wrong = (sum(score >= LEAST_SCORE for score in scores) for scores in (own, false))
        groups.append(Group(name, len(own), found, wrong))
    return groups


def _point(least: float, stands: Sequence[float], mistaken: Sequence[float]) -> Point:
    found, false = (sum(score >= least for score in scores) for scores in (stands, mistaken))
    return Point(least, found / max(found + false, 1), found / max(len(stands), 1))


def _share(items: Sequence[Stands], holds: Callable[[Stands], bool]) -> float:
    return sum(map(holds, items)) / max(len(items), 1)


def _worst(matched: Matched) -> Worst | None:
    """Give a scene as it is shown, if anything is wrong with it."""
    boxes = [Box("found" if one.score >= LEAST_SCORE else "missed", one.box, one.score) for one in matched.stands] + [
        Box("false", one.box, one.score) for one in matched.mistaken if one.score >= LEAST_SCORE
    ]
    mistakes = sum(box.kind != "found" for box in boxes)
    return Worst(matched.scene, mistakes, boxes) if mistakes else None
