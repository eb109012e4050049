"""How well each variant of the model reads MNIST's test set, measured with the device's own code.

Every picture is cropped to its ink, normalized and classified by `digitcam.recognition`, so what is measured is what
ships (the rule of MLPerf Tiny). TensorFlow must not be imported in the same process: tflite-runtime does not survive
it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.model.runtime import Interpreter, installed, open_interpreter
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.classifier import Classifier
from digitlab.accuracy import Score, percent, score
from digitlab.data import labelled
from digitlab.data.augment import as_seen
from digitlab.evaluation import store
from digitlab.pages.page import text_table

REFERENCE = "float"
SHIPPED = "int8"
STEP = 128  # pictures between two moves of the progress bar, about a tenth of a second


class Variant(Struct, frozen=True):
    """One file of the model.

    Attributes:
        name: "float", "dynamic", "int8" or another.
        size: bytes of the file.
        size_ratio: size / size of the float variant; None without a float variant.
        score: what it read; None where this runtime cannot load it.
        drop: accuracy lost against the float variant, in percentage points; None where one of both was not read.
        agreement: share of pictures read as the float variant reads them, right or wrong; None likewise.
        refused: pictures taken for no digit at all, whose likeliest digit `score` counts; None where not read.
        problem: why it was not read, in one line; empty where it was.
    """

    name: str
    size: int
    size_ratio: float | None = None
    score: Score | None = None
    drop: float | None = None
    agreement: float | None = None
    refused: int | None = None
    problem: str = ""


class Evaluation(Struct, frozen=True):
    """What all variants read.

    Attributes:
        runtime: name and version of what ran them, for example "tflite-runtime 2.14.0".
        n: pictures in the test set.
        variants: in the order they were given.
        shown: the name of the one that classes and confusion are told of.
    """

    runtime: str
    n: int
    variants: list[Variant]
    shown: str = SHIPPED

    @property
    def shipped(self) -> Score:
        """The score of the one that is shown, which is never left out."""
        return next(v.score for v in self.variants if v.name == self.shown and v.score)

    def table(self) -> str:
        """Give all figures as text for a terminal."""
        title = f"{self.n:,} test pictures, each through the device's own normalization; {self.runtime}"
        return f"{title}\n\n{self._variants()}\n\n{self._classes()}\n\n{self._confusion()}"

    def _variants(self) -> str:
        names = (
            "variant", "accuracy", "95 % interval", "wrong", "bytes", "of float", "drop", "agrees", "calib. error",
            "refused",
        )  # fmt: skip
        problems = [f"\n{variant.name}: {variant.problem}" for variant in self.variants if variant.problem]
        return "\n".join([text_table(names, [self._row(variant) for variant in self.variants]), *problems])

    def _row(self, variant: Variant) -> list[str]:
        score = variant.score
        ratio = "-" if variant.size_ratio is None else f"{variant.size_ratio:.3f}"
        if score is None:
            return [variant.name, *["-"] * 3, f"{variant.size:,}", ratio, *["-"] * 4]
        low, high = (f"{100 * limit:.2f}" for limit in score.interval)
        return [
            variant.name,
            percent(score.accuracy),
            f"{low} to {high} %",
            f"{self.n - score.right:,}",
            f"{variant.size:,}",
            ratio,
            "-" if variant.drop is None else f"{variant.drop:.2f} points",
            percent(variant.agreement),
            percent(score.calibration_error),
            "-" if variant.refused is None else f"{variant.refused:,}",
        ]

    def _classes(self) -> str:
        rows = [
            [c.label, f"{c.n:,}", f"{c.right:,}", percent(c.recall), percent(c.precision)] for c in self.shipped.classes
        ]
        return text_table((SHIPPED, "n", "right", "recall", "precision"), rows)

    def _confusion(self) -> str:
        score = self.shipped
        texts = [c.label for c in score.classes]
        counts = zip(texts, score.confusion, strict=True)
        return text_table(("is, read as", *texts), [[text, *(str(n or ".") for n in row)] for text, row in counts])


def evaluate(variants: Mapping[str, Path], images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Evaluation:
    """Read every picture with every variant, with a progress bar on standard error.

    Args:
        variants: name -> .tflite file; "int8" must be among them and be readable, and the others are compared
            with "float" where it is there.
        images: uint8 (n, 28, 28), bright ink on black, as MNIST has them.
        labels: uint8 (n,), 0 to 9.

    Raises:
        ModelError: a file is missing or no digit model, "int8" is not given, or this runtime cannot load it.
        RuntimeMissingError: no TFLite runtime works here.
        ValueError: there are no pictures, one has no ink, or pictures and labels differ in number.
    """
    if len(images) == 0 or len(images) != len(labels):
        raise ValueError(f"{len(images)} pictures and {len(labels)} labels: expected as many of each, and some")
    if SHIPPED not in variants:
        raise ModelError(f"no {SHIPPED} variant among {', '.join(variants) or 'none'}; `make train` makes it")
    runtime = f"{installed().name} {installed().version}"
    sizes = {name: len(_bytes(path)) for name, path in variants.items()}
    classifiers: dict[str, Classifier] = {}
    problems: dict[str, str] = {}
    for name, path in variants.items():
        try:
            interpreter = open_interpreter(_bytes(path))
        except ModelError as error:
            if name == SHIPPED:
                raise ModelError(f"{path}: {error}") from error
            reason = str(error.__cause__ or error).strip().partition("\n")[0]
            problems[name] = f"not loadable in {runtime}: {reason}"
        else:
            classifiers[name] = _classifier(interpreter, path)
    scores, refused = _read(classifiers, images, labels)
    told = [
        _variant(name, sizes, scores, REFERENCE, refused=refused.get(name), problem=problems.get(name, ""))
        for name in variants
    ]
    return Evaluation(runtime, len(labels), told)


def evaluate_own(models: Sequence[Path], folder: Path) -> Evaluation:
    """Read every picture of a folder with models of one's own, as the device does.

    Args:
        models: .tflite files, with a card, a labels file or neither; the first is shown, and the others are compared
            with one whose name ends in `float`, where there is one.
        folder: of pictures, as `digitlab.data.labelled.read` takes it.

    Raises:
        ModelError: a model is missing, damaged or none that reads, or they do not all read the same.
        DataError: the folder holds no pictures of what they read.
        RuntimeMissingError: no TFLite runtime works here.
    """
    opened = {path: open_classifier(ModelConfig(path=str(path))) for path in models}
    names = {path: path.stem for path in models}
    first = opened[models[0]].labels
    for path, classifier in opened.items():
        if classifier.labels != first:
            raise ModelError(f"{path}: reads something else than {models[0]}; evaluate them one by one")
    pictures = labelled.read(folder, first.texts)
    classifiers = {names[path]: classifier for path, classifier in opened.items()}
    scores, refused = _read(classifiers, pictures.images, pictures.labels)
    sizes = {names[path]: len(_bytes(path)) for path in models}
    reference = next((name for name in sizes if name.endswith(REFERENCE)), "")
    told = [_variant(name, sizes, scores, reference, refused=refused[name]) for name in sizes]
    runtime = next(iter(classifiers.values())).runtime
    return Evaluation(f"{runtime.name} {runtime.version}", len(pictures.labels), told, names[models[0]])


def _variant(
    name: str,
    sizes: Mapping[str, int],
    scores: Mapping[str, Score],
    reference: str,
    *,
    refused: int | None,
    problem: str = "",
) -> Variant:
    return Variant(
        name=name,
        size=sizes[name],
        size_ratio=sizes[name] / sizes[reference] if reference in sizes else None,
        score=scores.get(name),
        refused=refused,
        problem=problem,
        **_beside(scores.get(name), scores.get(reference)),
    )


def load(path: Path) -> Evaluation:
    """Read what `store.save` wrote.

    Raises:
        ModelError: the file is missing or is no evaluation.
    """
    return store.load(Evaluation, path, f"digitlab evaluate --out {path.parent}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: cannot read: {error.strerror}; `digitlab quantize --out {path.parent}` makes it"
        ) from error


def _classifier(interpreter: Interpreter, path: Path) -> Classifier:
    try:
        return Classifier(interpreter, installed())
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _read(
    classifiers: Mapping[str, Classifier],
    images: Sequence[NDArray[np.uint8]] | NDArray[np.uint8],
    labels: NDArray[np.uint8],
) -> tuple[dict[str, Score], dict[str, int]]:
    """Normalize every picture, read it with every classifier, and count what each takes for none of its labels."""
    scores: dict[str, Score] = {}
    refused: dict[str, int] = {}
    columns = TextColumn("{task.description:9}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        made: dict[tuple[int, int], NDArray[np.uint8]] = {}
        for name, classifier in classifiers.items():
            size, texts = (classifier.side, classifier.box), classifier.labels.texts
            if size not in made:
                made[size] = as_seen(progress.track(images, description="normalize"), len(images), *size)
            crops = made[size]
            task = progress.add_task(name, total=len(crops))
            probabilities = np.empty((len(crops), len(texts) + 1), np.float32)
            for start in range(0, len(crops), STEP):
                part = slice(start, start + STEP)
                probabilities[part] = classifier.classify(crops[part])
                progress.update(task, completed=min(start + STEP, len(crops)))
            known = probabilities[:, :-1]
            scores[name] = score(known.argmax(axis=1), known.max(axis=1), labels, texts)
            refused[name] = int((probabilities.argmax(axis=1) == len(texts)).sum())
    return scores, refused


def _beside(own: Score | None, reference: Score | None) -> dict[str, float]:
    """Tell what sets a variant apart from the float one: `drop` and `agreement`."""
    if own is None or reference is None:
        return {}
    return {
        "drop": 100 * (reference.accuracy - own.accuracy),
        "agreement": float((own.predictions() == reference.predictions()).mean()),
    }
