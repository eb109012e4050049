"""Writing model cards: for the model that was trained here, and for one of your own."""

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from digitcam.card import ModelCard, card_path
from digitcam.classify import card_of
from digitcam.errors import ModelError, OutputError
from digitcam.files import write_atomically
from digitcam.trial import fault
from digitlab import edgetpu, evaluate
from digitlab.calibrate import Calibration
from digitlab.crops import amounts
from digitlab.datasets import SHA256, VALIDATION
from digitlab.fit import Settings
from digitlab.quantize import Representative

CONVERSION = "conversion.json"
CALIBRATION = "calibration.json"
VARIANTS = ("float", "dynamic", "int8")
SHIPPED = "int8"
DISTRIBUTIONS = ("tensorflow", "keras", "numpy", "opencv-python-headless")


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
        "teacher": asdict(training_settings(crops / "teacher")),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in DISTRIBUTIONS}},
    }
    write_atomically(folder / CONVERSION, json.dumps(note, indent=1).encode())
    write_atomically(folder / CALIBRATION, msgspec.json.encode(calibration))


def write_card(model: Path) -> ModelCard:
    """Write a bare card beside a model of your own: its hash and its tensors.

    Raises:
        ModelError: it cannot be read or loaded, or is no digit model.
        OutputError: the card cannot be written.
    """
    data = _read(model)
    wrong = fault(model)
    if wrong:
        raise ModelError(f"{model}: {wrong}")
    card = _bare(model, data)
    write_atomically(card_path(model), _json(card))
    return card


def publish(trained: Path, model: Path) -> ModelCard:
    """Put a trained, quantized and evaluated model and its card where the device reads them.

    Both files are complete on the disk before the first one takes its place.

    Args:
        trained: folder that train, quantize and evaluate wrote to.
        model: for example models/digits.tflite.

    Raises:
        ModelError: a step is missing, or was done before the one that it follows from was done again.
        OutputError: a file cannot be written; the old model and card stay whole.
    """
    _in_order(trained / "model.keras", trained / f"{SHIPPED}.tflite", trained / "evaluation.json")
    data = _read(trained / f"{SHIPPED}.tflite")
    measured = evaluate.load(trained / "evaluation.json")
    card = msgspec.structs.replace(
        _bare(trained / f"{SHIPPED}.tflite", data),
        accuracy={v.name: v.score.accuracy for v in measured.variants if v.score},
        about=_about(trained, measured),
    )
    _replace_together({card_path(model): _json(card), model: data})
    return card


def _about(trained: Path, measured: evaluate.Evaluation) -> dict[str, Any]:
    settings, history = training_settings(trained), training_history(trained)
    conversion = json.loads(_read(trained / CONVERSION))
    return {
        "reads": "one handwritten digit, or that it is none; bright ink on black, as digitcam.normalize makes it",
        "data": {"name": "MNIST", "sha256": SHA256, "validation": VALIDATION},
        "seed": settings.seed,
        "commands": [
            f"digitlab crops {_flags(conversion['crops'])}",
            f"digitlab teach {_flags(conversion['teacher'])}",
            f"digitlab train {_flags(asdict(settings))}",
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
        "temperature": load_calibration(trained).temperature,
        "test": {"pictures": measured.n, "runtime": measured.runtime, "interval_95": measured.shipped.interval},
        "representative": conversion["representative"],
        "parameters": edgetpu.check(trained / f"{SHIPPED}.tflite").parameters,
        "bytes": {name: (trained / f"{name}.tflite").stat().st_size for name in VARIANTS},
        "versions": conversion["versions"],
    }


def _flags(settings: dict[str, Any]) -> str:
    return " ".join(f"--{name} {value}" for name, value in settings.items())


def load_calibration(trained: Path) -> Calibration:
    """How a folder's network was calibrated.

    Raises:
        ModelError: it was not, or the file is damaged.
    """
    path = trained / CALIBRATION
    try:
        return msgspec.json.decode(_read(path), type=Calibration)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: damaged ({error}); run `digitlab quantize` again") from error


def training_settings(trained: Path) -> Settings:
    """What a folder's training was started with.

    Raises:
        ModelError: nothing was trained there, or its checkpoint is damaged.
    """
    path = trained / "checkpoint.npz"
    try:
        with path.open("rb") as file, np.load(file) as saved:
            return Settings(**json.loads(str(saved["settings"])))
    except Exception as error:
        # a damaged zip raises whatever its parser meets
        raise ModelError(f"{path}: missing or damaged ({error}); run `digitlab train`") from error


def training_history(trained: Path) -> list[dict[str, float]]:
    """How a folder's training went, one entry an epoch.

    Raises:
        ModelError: nothing was trained there, or its history is damaged.
    """
    path = trained / "history.json"
    try:
        return msgspec.json.decode(_read(path), type=list[dict[str, float]])
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: damaged ({error}); run `digitlab train`") from error


def _in_order(*paths: Path) -> None:
    """Make sure that each file was written after the one that it was made from."""
    steps = dict(zip(paths, ("train", "quantize", "evaluate"), strict=True))
    before = 0
    for path, step in steps.items():
        try:
            written = path.stat().st_mtime_ns
        except OSError as error:
            raise ModelError(f"{path}: {error.strerror}; run `digitlab {step}` first") from error
        if written < before:
            raise ModelError(f"{path}: older than what it is made from; run `digitlab {step}` again")
        before = written


def _replace_together(contents: dict[Path, bytes]) -> None:
    """Write several files that belong together; they mismatch no longer than their renames take."""
    staged = {path.with_name(f".{path.name}.staged"): path for path in contents}
    try:
        for stage, path in staged.items():
            write_atomically(stage, contents[path])
        for stage, path in staged.items():
            stage.replace(path)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{error.filename2}: cannot write: {error.strerror}") from error
    finally:
        for stage in staged:
            stage.unlink(missing_ok=True)


def _bare(model: Path, data: bytes) -> ModelCard:
    try:
        return card_of(data)
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from error


def _json(card: ModelCard) -> bytes:
    return msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot read: {error.strerror}") from error
