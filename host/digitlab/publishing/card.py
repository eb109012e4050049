"""Writing the card of the model that was trained here."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.model.card import ModelCard, card_json, card_path, load_card
from digitcam.model.ends import describe
from digitcam.model.runtime import open_interpreter
from digitlab.crops.store import amounts
from digitlab.data.mnist import SHA256, VALIDATION
from digitlab.edgetpu import graph
from digitlab.evaluation import variants
from digitlab.training import trained
from digitlab.training.fit import Settings
from digitlab.training.quantize import Representative
from digitlab.training.teacher import BY, TEACHER
from digitlab.training.temperature import Calibration

CALIBRATION = "calibration.json"
VARIANTS = ("float", "dynamic", "int8")
SHIPPED = "int8"


def note_conversion(folder: Path, crops: Path, sample: Representative, calibration: Calibration) -> None:
    """Keep, for card and report, what the network learned from, how it was calibrated, and what converted it.

    Raises:
        OutputError: `folder` cannot be written.
    """
    note = {
        "representative": {
            "from": "MNIST's training split and rendered scenes, as the device normalizes them",
            "pictures": len(sample.crops),
            "per_class": sample.per_class,
            "seed": sample.seed,
        },
        "crops": amounts(crops),
        "teacher": _teacher(crops / TEACHER),
    }
    trained.note(folder, note)
    write_atomically(folder / CALIBRATION, msgspec.json.encode(calibration))


def _teacher(folder: Path) -> dict[str, Any]:
    """How the teacher was made, as the flags of `digitlab teach`."""
    by = folder / BY
    if by.is_file():
        try:
            return {"by": msgspec.json.decode(trained.read(by), type=dict[str, str])["by"]}
        except (msgspec.MsgspecError, KeyError) as error:
            raise ModelError(f"{by}: damaged ({error}); run `digitlab teach` again") from error
    return asdict(training_settings(folder))


def publish(folder: Path, model: Path) -> ModelCard:
    """Put a trained, quantized and evaluated model and its card where the device reads them.

    Both files are complete on the disk before the first one takes its place.

    Args:
        folder: that train, quantize and evaluate wrote to.
        model: for example models/digits.tflite.

    Raises:
        ModelError: a step is missing, or was done before the one that it follows from was done again.
        OutputError: a file cannot be written; the old model and card stay whole.
    """
    shipped, evaluation = folder / f"{SHIPPED}.tflite", folder / "evaluation.json"
    trained.in_order({folder / "model.keras": "train", shipped: "quantize", evaluation: "evaluate"})
    data = trained.read(shipped)
    measured = variants.load(evaluation)
    card = msgspec.structs.replace(
        _bare(shipped, data),
        accuracy={v.name: v.score.accuracy for v in measured.variants if v.score},
        about=_about(folder, measured),
    )
    trained.replace_together({card_path(model): card_json(card), model: data})
    return card


def published(folder: Path, model: Path) -> ModelCard:
    """The card of a published model, which is of this training and no other.

    Args:
        folder: of the training.
        model: what was published of it.

    Raises:
        ModelError: a step is missing, or another model was published there.
    """
    shipped, evaluation = folder / f"{SHIPPED}.tflite", folder / "evaluation.json"
    trained.in_order({folder / "model.keras": "train", shipped: "quantize", evaluation: "evaluate"})
    card = load_card(model)
    if card.sha256 != hashlib.sha256(trained.read(shipped)).hexdigest():
        raise ModelError(
            f"{card_path(model)}: not of {shipped}; run `digitlab publish --out {folder} --model {model}` first"
        )
    return card


def _about(folder: Path, measured: variants.Evaluation) -> dict[str, Any]:
    settings, history = training_settings(folder), trained.history(folder, "train")
    conversion = trained.conversion(folder, "quantize")
    return {
        "reads": "one handwritten digit, or that it is none; bright ink on black, as the device normalizes it",
        "data": {"name": "MNIST", "sha256": SHA256, "validation": VALIDATION},
        "seed": settings.seed,
        "commands": [
            f"digitlab crops {trained.flags(conversion['crops'])}",
            f"digitlab teach {trained.flags(conversion['teacher'])}",
            f"digitlab train {trained.flags(asdict(settings))}",
            f"digitlab quantize --seed {conversion['representative']['seed']}",
            "digitlab evaluate",
            "digitlab publish",
        ],
        "settings": asdict(settings),
        "validation": {
            "accuracy": history[-1]["val_accuracy"],
            "loss": history[-1]["val_loss"],
            "scenes": history[-1]["scene_accuracy"],
        },
        "temperature": load_calibration(folder).temperature,
        "test": {"pictures": measured.n, "runtime": measured.runtime, "interval_95": measured.shipped.interval},
        "representative": conversion["representative"],
        "parameters": graph.check(folder / f"{SHIPPED}.tflite").parameters,
        "bytes": {name: (folder / f"{name}.tflite").stat().st_size for name in VARIANTS},
        "versions": conversion["versions"],
    }


def load_calibration(folder: Path) -> Calibration:
    """How a folder's network was calibrated.

    Raises:
        ModelError: it was not, or the file is damaged.
    """
    path = folder / CALIBRATION
    try:
        return msgspec.json.decode(trained.read(path), type=Calibration)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: damaged ({error}); run `digitlab quantize --out {folder}` again") from error


def training_settings(folder: Path) -> Settings:
    """What a folder's training was started with.

    Raises:
        ModelError: nothing was trained there, or its checkpoint is damaged.
    """
    return trained.settings(folder, Settings, "train")


def _bare(model: Path, data: bytes) -> ModelCard:
    try:
        return ModelCard(hashlib.sha256(data).hexdigest(), *describe(open_interpreter(data)))
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from error
