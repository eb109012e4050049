"""Every step of `make train`: what it makes, from what, and which module makes it."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from digitcam.config import shipped_finder
from digitlab.crops.make import Amounts
from digitlab.crops.store import KINDS
from digitlab.publishing.card import VARIANTS
from digitlab.scenes.fill import installed_fonts
from digitlab.scenes.mistakes import MISTAKES
from digitlab.steps import Step
from digitlab.training import finder, fit, teacher
from digitlab.training.loop import CHECKPOINT, HISTORY


def scenes(folder: Path, seed: int) -> Step:
    """Draw `folder`, the seen or the held scenes of a pool."""
    recipe = {"seed": seed, "fonts": installed_fonts()}
    return Step("digitlab.scenes.fill", (folder,), recipe, leftovers=(folder,), grows=True)


def train_finder(pool: Path, out: Path, settings: finder.Settings) -> Step:
    """Learn where digits stand."""
    return Step(
        "digitlab.training.finder",
        (out / finder.FINDER,),
        asdict(settings),
        {pool / "seen": _scenes(pool)},
        (*_given(settings.first), *_given(settings.mistakes)),
        leftovers=(out / CHECKPOINT,),
    )


def restore_finder(pool: Path, out: Path, model: Path, seed: int) -> Step:
    """Make a published finder trainable again."""
    inputs = {pool / "seen": _scenes(pool)}
    return Step("digitlab.training.restored", (out / finder.FINDER,), {"seed": seed}, inputs, (model,))


def count_mistakes(pool: Path, out: Path, model: Path) -> Step:
    """Count a finder's mistakes in what it learns from."""
    inputs = {pool / "seen": _scenes(pool)}
    return Step("digitlab.evaluation.mistakes", (out / MISTAKES,), inputs=inputs, files=(model,))


def quantize_finder(pool: Path, out: Path, seed: int) -> Step:
    """Convert the finder."""
    inputs = {pool / "seen": _scenes(pool), out / finder.FINDER: _into("finder", out)}
    return Step("digitlab.training.finder_quantize", (out / "int8.tflite",), {"seed": seed}, inputs)


def evaluate_finder(pool: Path, out: Path) -> Step:
    """Measure the finder."""
    inputs = {pool / "held": _scenes(pool), out / "int8.tflite": _into("finder-quantize", out)}
    return Step("digitlab.evaluation.finder_scenes", (out / "evaluation.json",), inputs=inputs)


def make_crops(kind: str, pool: Path, crops: Path, amounts: Amounts) -> Step:
    """Make the crops of one kind.

    The published classifier, which leaves out what only its surroundings tell apart, is no input: each training
    publishes another, after which crops and training would follow each other for ever.
    """
    drawn = kind in {"mnist", "drawn"}
    amount = "variants" if kind == "mnist" else kind
    return Step(
        "digitlab.crops.drawn" if drawn else "digitlab.crops.cut",
        (crops / f"{kind}.npz",),
        {name: value for name, value in asdict(amounts).items() if name in {amount, "seed"}},
        {} if drawn else {pool / ("held" if kind == "held" else "seen"): _scenes(pool)},
        () if drawn else (Path(shipped_finder()),),
    )


def teach(crops: Path, settings: fit.Settings, by: Path | None) -> Step:
    """Let a larger network, or a model that reads already, say what it makes of MNIST's variants."""
    return Step(
        "digitlab.training.published_teacher" if by else "digitlab.training.teacher",
        (crops / teacher.TAUGHT,),
        {"by": str(by)} if by else asdict(settings),
        _crops(crops, "mnist") if by else _crops(crops, "mnist", "held"),
        (by,) if by else _given(settings.first),
        leftovers=(crops / teacher.TEACHER / CHECKPOINT,),
    )


def train(crops: Path, out: Path, settings: fit.Settings) -> Step:
    """Learn to read."""
    inputs = {**_crops(crops, *KINDS), crops / teacher.TAUGHT: _teach(crops)}
    return Step(
        "digitlab.training.student",
        (out / "model.keras", out / HISTORY),
        asdict(settings),
        inputs,
        _given(settings.first),
        leftovers=(out / CHECKPOINT,),
    )


def quantize(crops: Path, out: Path, seed: int) -> Step:
    """Calibrate and convert what was learned."""
    inputs = {**_crops(crops, "mnist", "scenes", "held"), out / "model.keras": _into("train", out)}
    outputs = tuple(out / f"{name}.tflite" for name in reversed(VARIANTS))
    return Step("digitlab.training.quantize", outputs, {"seed": seed}, inputs)


def evaluate(out: Path) -> Step:
    """Measure every variant on MNIST's test set."""
    inputs = {out / "int8.tflite": _into("quantize", out)}
    return Step("digitlab.evaluation.variants", (out / "evaluation.json",), inputs=inputs)


def _crops(crops: Path, *kinds: str) -> Mapping[Path, str]:
    return {crops / f"{kind}.npz": _make_crops(crops) for kind in kinds}


def _given(first: str) -> tuple[Path, ...]:
    return (Path(first),) if first else ()


def _scenes(pool: Path) -> str:
    return f"digitlab scenes --pool {pool}"


def _make_crops(crops: Path) -> str:
    return f"digitlab crops --crops {crops}"


def _teach(crops: Path) -> str:
    return f"digitlab teach --crops {crops}"


def _into(command: str, out: Path) -> str:
    return f"digitlab {command} --out {out}"
