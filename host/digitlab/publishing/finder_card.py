"""The finder's card: how it was made, and what it was measured at."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from digitcam.errors import ModelError
from digitcam.model.card import ModelCard
from digitlab.data.mnist import SHA256, VALIDATION
from digitlab.edgetpu import graph
from digitlab.evaluation import finder_figures
from digitlab.scenes.pool import Pool, how_made
from digitlab.steps import require
from digitlab.training import finder_quantize, trained
from digitlab.training.finder import FINDER, Settings

CONVERTED = "int8.tflite"
EVALUATION = "evaluation.json"


def note_conversion(folder: Path, scenes: Path, seed: int) -> None:
    """Keep what the finder learned from and what converted it.

    Args:
        folder: of the training.
        scenes: folder of the pool.
        seed: that drew the views on which int8's ranges were measured.

    Raises:
        OutputError: `folder` cannot be written.
        PoolError: there are no scenes.
    """
    seen = how_made(scenes / "seen")
    trained.note(
        folder,
        {
            "representative": {
                "from": "views of its scenes",
                "pictures": finder_quantize.SAMPLE,
                "seed": seed,
            },
            "scenes": {
                "count": len(Pool(scenes / "seen")),
                "held": len(Pool(scenes / "held")),
                "seed": seen.seed,
            },
            "fonts": seen.fonts,
        },
    )


def publish(folder: Path, model: Path, *, keep: bool = False) -> ModelCard:
    """Put a trained, converted and evaluated finder and its card where the device reads them.

    Both files are complete on the disk before the first one takes its place.

    Args:
        folder: that finder, finder-quantize and finder-evaluate wrote to.
        model: for example models/finder.tflite.
        keep: publish even what is out of date.

    Raises:
        ModelError: what a step wrote is damaged.
        StepError: a step is missing or out of date.
        OutputError: a file cannot be written; the old model and card stay whole.
    """
    converted, evaluation = folder / CONVERTED, folder / EVALUATION
    made = {folder / FINDER: "finder", converted: "finder-quantize", evaluation: "finder-evaluate"}
    require({path: f"digitlab {command} --out {folder}" for path, command in made.items()}, keep=keep)
    measured = finder_figures.load(evaluation)
    if measured.sha256 != hashlib.sha256(trained.read(converted)).hexdigest():
        raise ModelError(f"{evaluation}: of another model; run `digitlab finder-evaluate` again")
    return finder_quantize.publish(converted, model, _about(folder, measured))


def _about(folder: Path, measured: finder_figures.Evaluation) -> dict[str, Any]:
    settings = trained.settings(folder, Settings, "finder")
    conversion = trained.conversion(folder, "finder-quantize")
    history = trained.history(folder, "finder")
    return {
        "finds": "where digits stand in one look, how sure that is, by which quarter they are turned, cut, printed",
        "data": {"name": "MNIST", "sha256": SHA256, "validation": VALIDATION},
        "scenes": conversion["scenes"],
        "fonts": conversion["fonts"],
        "commands": [
            f"digitlab scenes {trained.flags(conversion['scenes'])}",
            f"digitlab finder {trained.flags(asdict(settings))}",
            f"digitlab finder-quantize --seed {conversion['representative']['seed']}",
            "digitlab finder-evaluate",
            "digitlab finder-publish",
        ],
        "seed": settings.seed,
        "settings": asdict(settings),
        "training": {name: history[-1][name] for name in ("views", "score", "box", "turn", "cut", "printed", "digit")},
        "held_out": {
            "scenes": measured.n,
            "digits": measured.all.digits,
            "least_score": measured.least,
            "recall": measured.all.recall,
            "precision": measured.all.precision,
            "overlap": measured.boxes.mean,
            "turned_rightly": measured.turned_rightly,
            "calibration_error": measured.calibration_error,
            "false_without_digits": [measured.blank.false, measured.blank.scenes],
            "runtime": measured.runtime,
        },
        "representative": conversion["representative"],
        "parameters": graph.check(folder / CONVERTED).parameters,
        "versions": conversion["versions"],
    }
