"""One HTML page that shows what the model was trained on, what it reads, and every mistake it makes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.labels import DIGIT_CLASSES
from digitlab.accuracy import Score, percent, reliability
from digitlab.evaluation.variants import SHIPPED, Evaluation, Variant
from digitlab.pages.page import Section, Tile, crop, pair, render, render_page, table, tiles
from digitlab.reports import charts
from digitlab.reports.finder import NO_HISTORY, Described, sections
from digitlab.reports.readings import Readings, show_classes, show_confusion, show_mistakes, show_predictions
from digitlab.training.temperature import Calibration

ROWS = 5  # training samples shown of each class
TITLE = "How these models find and read handwritten digits"


def write_report(
    path: Path,
    *,
    card: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    evaluation: Evaluation,
    calibration: Calibration,
    train_images: NDArray[np.uint8],
    train_labels: NDArray[np.uint8],
    augmented_images: NDArray[np.uint8],
    augmented_labels: NDArray[np.uint8],
    test_images: NDArray[np.uint8],
    test_labels: NDArray[np.uint8],
    finder: Described | None = None,
) -> None:
    """Write the report, which needs no other file and no network.

    Args:
        path: of the .html file.
        card: the model card, all of which is shown.
        history: one entry an epoch: epoch, loss, val_loss, val_accuracy; may be empty.
        evaluation: of the test pictures below.
        calibration: on the validation split.
        train_images: uint8 (n, 28, 28), bright ink on black; the first few of each class are shown.
        train_labels: uint8 (n,).
        augmented_images: likewise; best the same pictures in the same order, so that each can be compared.
        augmented_labels: likewise.
        test_images: uint8 (n, 28, 28).
        test_labels: uint8 (n,).
        finder: what is known of the network that finds; None where it was not measured.

    Raises:
        ModelError: the evaluation is not of these test pictures.
        OutputError: `path` cannot be written.
    """
    score, predicted = evaluation.shipped, evaluation.shipped.predictions()
    if len(predicted) != len(test_labels) or int((predicted == test_labels).sum()) != score.right:
        raise ModelError("the evaluation is not of these test pictures; run `digitlab evaluate` again")
    readings = Readings(score, test_images, test_labels)
    about = Markup('Model <code class="model">{}</code>. ').format(str(card["sha256"])[:12])
    reading = {
        "predictions": show_predictions(readings),
        "confusion": show_confusion(score),
        "classes": show_classes(score),
        "mistakes": show_mistakes(readings),
        "variants": _variants(evaluation),
        "calibration": _calibration(score, readings.right),
        "temperature": _temperature(calibration),
        "curves": _curves(history),
        "samples": _training(train_images, train_labels, augmented_images, augmented_labels),
    }
    told = {name: section._replace(note=about + section.note) for name, section in reading.items()}
    page = render_page(TITLE, _header(card, evaluation), {**told, **sections(finder)}, "digitlab report")
    write_atomically(path, page)


def _header(card: Mapping[str, Any], evaluation: Evaluation) -> Markup:
    shipped = next(variant for variant in evaluation.variants if variant.name == SHIPPED)
    score = evaluation.shipped
    low, high = (f"{100 * limit:.2f}" for limit in score.interval)
    shown = [
        Tile(percent(score.accuracy), "read rightly", f"{low} to {high} %, 95 % interval"),
        Tile(f"{evaluation.n - score.right:,}", "mistakes", f"in {evaluation.n:,} test pictures"),
        Tile(f"{shipped.size / 1000:.1f} kB", "int8 model", _share(shipped.size_ratio, "of the float model's size")),
        Tile(
            "-" if shipped.drop is None else f"{shipped.drop:.2f} pt",
            "lost by quantization",
            _share(shipped.agreement, "read as the float model reads them", digits=2),
        ),
    ]
    return render("header", runtime=evaluation.runtime, tiles=tiles(shown), card=_flat(card))


def _share(share: float | None, of: str, digits: int = 0) -> str:
    return "no float model to compare with" if share is None else f"{100 * share:.{digits}f} % {of}"


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Give the card's entries, nested ones with their path: ("about: seed", "1")."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        else:
            yield f"{prefix}{name}", ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _variants(evaluation: Evaluation) -> Section:
    names = [
        "variant", "accuracy", "95 % interval", "mistakes", "bytes", "of float", "points lost", "agrees with float",
        "calibration error",
    ]  # fmt: skip

    def row(variant: Variant) -> list[str]:
        ratio = "-" if variant.size_ratio is None else f"{100 * variant.size_ratio:.0f} %"
        score = variant.score
        if score is None:
            return [variant.name, *["-"] * 3, f"{variant.size:,}", ratio, *["-"] * 3]
        return [
            variant.name,
            percent(score.accuracy),
            f"{100 * score.interval[0]:.2f} to {100 * score.interval[1]:.2f} %",
            f"{evaluation.n - score.right:,}",
            f"{variant.size:,}",
            ratio,
            "-" if variant.drop is None else f"{variant.drop:.2f}",
            percent(variant.agreement),
            percent(score.calibration_error),
        ]

    problems = Markup().join(
        Markup('<p class="note">{}: {}</p>').format(variant.name, variant.problem)
        for variant in evaluation.variants
        if variant.problem
    )
    return Section(
        "Sizes and accuracies",
        "The same network as trained (float), with weights in 8 bits (dynamic), and wholly in 8 bits (int8, the one "
        "that ships).",
        pair(charts.sizes(evaluation.variants), charts.accuracies(evaluation.variants))
        + table(names, [row(variant) for variant in evaluation.variants])
        + problems,
    )


def _calibration(score: Score, right: NDArray[np.bool_]) -> Section:
    bins = reliability(np.array(score.confidence), right)
    return Section(
        "Calibration",
        "Of the pictures read with 80 % confidence, 80 % should be right. On average, confidence and accuracy lie "
        f"{100 * score.calibration_error:.2f} points apart (expected calibration error). The other plot shows how "
        "many pictures were read how surely, on a logarithmic scale.",
        pair(charts.calibration(bins), charts.confidences(bins)),
    )


def _temperature(calibration: Calibration) -> Section:
    return Section(
        "Temperature",
        f"What the network says of itself is divided by a temperature, {calibration.temperature:.3f}, chosen on "
        f"{calibration.n:,} crops that it was not trained on: MNIST's validation split, plain and in rendered scenes, "
        "and what else stands in those and is no digit.",
        pair(
            charts.calibration(calibration.before, "before", "before"),
            charts.calibration(calibration.after, "after", "after"),
        ),
    )


def _curves(history: Sequence[Mapping[str, float]]) -> Section:
    minutes = sum(entry.get("seconds", 0) for entry in history) / 60
    return Section(
        "Training",
        f"{len(history)} epochs in {minutes:.0f} minutes. Validation is on pictures of the training set that were "
        "set aside; the test set had no part in any choice.",
        pair(charts.loss_curves(history, "training, augmented"), charts.accuracy_curve(history))
        if history
        else NO_HISTORY,
    )


def _training(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    augmented_images: NDArray[np.uint8],
    augmented_labels: NDArray[np.uint8],
) -> Section:
    return Section(
        "Training samples",
        "The first few pictures of each digit, and what augmentation makes of pictures like them: turned, sheared, "
        "warped, by another pen and another camera, so that the network meets more hands than MNIST has.",
        render(
            "samples",
            parts={
                "As they are": _samples(images, labels),
                "Augmented and normalized": _samples(augmented_images, augmented_labels),
            },
        ),
    )


def _samples(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> list[list[Markup]]:
    """Give `ROWS` rows of pictures, a column for each digit."""
    columns = [images[np.flatnonzero(labels == digit)[:ROWS]] for digit in range(DIGIT_CLASSES)]
    return [
        [
            crop(column[row], f"Handwritten {digit}") if row < len(column) else Markup()
            for digit, column in enumerate(columns)
        ]
        for row in range(ROWS)
    ]
