"""One HTML page that shows what the model was trained on, what it reads, and every mistake it makes."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.recognition.classifier import DIGITS
from digitlab.accuracy import Score, percent, reliability, wilson
from digitlab.data.augment import as_seen
from digitlab.evaluation.variants import SHIPPED, Evaluation, Variant
from digitlab.pages.page import Section, Tile, crop, render_page, table, tiles
from digitlab.reports import charts
from digitlab.reports.finder import Described, sections
from digitlab.training.temperature import Calibration

ROWS = 5  # training samples shown of each class
USUAL, HARDEST = 3, 3  # test pictures shown of each class: spread over the test set, and the least sure
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
    readings = _Readings(score, test_images, test_labels)
    about = f'Model <code class="model">{escape(str(card["sha256"])[:12])}</code>. '
    reading = {
        "predictions": _predictions(readings),
        "confusion": _confusion(score),
        "classes": _classes(score),
        "mistakes": _mistakes(readings),
        "variants": _variants(evaluation),
        "calibration": _calibration(score, readings.right),
        "temperature": _temperature(calibration),
        "curves": _curves(history),
        "samples": _training(train_images, train_labels, augmented_images, augmented_labels),
    }
    told = {name: section._replace(note=about + section.note) for name, section in reading.items()}
    page = render_page(TITLE, _header(card, evaluation), {**told, **sections(finder)}, "digitlab report")
    write_atomically(path, page)


class _Readings:
    """The test set and what was read of it; pictures are shown as the network saw them."""

    def __init__(self, score: Score, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        self.images, self.labels = images, labels
        self.predicted, self.confidence = score.predictions(), np.array(score.confidence)
        self.right = self.predicted == labels
        self.mistakes = np.flatnonzero(~self.right)[np.argsort(-self.confidence[~self.right], kind="stable")]

    def hardest(self, digit: int) -> NDArray[np.intp]:
        """All pictures of a digit, the misread ones first, then the least sure."""
        own = np.flatnonzero(self.labels == digit)
        order = np.lexsort((self.confidence[own], self.right[own]))
        return np.asarray(own[order], np.intp)

    def figure(self, index: int, *, numbered: bool = False) -> str:
        """One picture with what was read, how surely, and what it is where that is something else."""
        read, shown, sure = self.predicted[index], self.labels[index], round(100 * self.confidence[index])
        kind, text = ("hit", f"{read}") if read == shown else ("miss", f"{read}, is {shown}")
        note = f"{sure} %"
        if numbered:
            text, note = f"read {text}", f"{note}, no. {index}"
        picture = crop(as_seen([self.images[index]], 1)[0], f"Handwritten {shown}, read as {read}, {sure} % sure")
        return (
            f'<figure class="{kind}">{picture}<span class="bar" style="--sure:{sure}%"></span>'
            f"<figcaption><b>{text}</b><br><small>{note}</small></figcaption></figure>"
        )


def _header(card: Mapping[str, Any], evaluation: Evaluation) -> str:
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
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _flat(card))
    return (
        "<p>A picture goes to the network the way it does on the device: cropped to its ink, normalized, then read by "
        f"{escape(evaluation.runtime)}. All figures are of the int8 model, unless they say otherwise; each "
        "part names its model by the start of its SHA-256.</p>"
        + tiles(shown)
        + f"<details><summary>Model card</summary><dl>{facts}</dl></details>"
    )


def _share(share: float | None, of: str, digits: int = 0) -> str:
    return "no float model to compare with" if share is None else f"{100 * share:.{digits}f} % {of}"


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The card's entries, nested ones with their path: ("about: seed", "1")."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        else:
            yield f"{prefix}{name}", ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _mistakes(readings: _Readings) -> Section:
    figures = "".join(readings.figure(index, numbered=True) for index in readings.mistakes)
    return Section(
        "Every mistake",
        "All test pictures that were misread, the surest first: what was read, what it is, how sure the network was, "
        "and the picture's number in the test set, from 0. Where a person hesitates, so may the label be wrong.",
        f'<div class="mistakes">{figures}</div>' if figures else "<p>There is none.</p>",
    )


def _predictions(readings: _Readings) -> Section:
    groups = []
    for digit in range(DIGITS):
        hardest = readings.hardest(digit)
        rest = np.sort(hardest[HARDEST:])
        usual = rest[np.linspace(0, len(rest) - 1, min(USUAL, len(rest))).astype(np.intp)]
        figures = "".join(readings.figure(index) for index in (*usual, *hardest[:HARDEST]))
        groups.append(f'<div class="group">{figures}</div>')
    return Section(
        "Test pictures",
        f"Of each digit, {USUAL} pictures spread over the test set, then the {HARDEST} that it found hardest. Below "
        "each: what was read and how surely. Mistakes are red, with what the picture is.",
        f'<div class="groups">{"".join(groups)}</div>',
    )


def _confusion(score: Score) -> Section:
    worst = max(count for i, row in enumerate(score.confusion) for j, count in enumerate(row) if i != j)

    def cell(shown: int, read: int, count: int) -> str:
        if not count:
            return "<td>·</td>"
        if shown == read:
            return f'<td class="right" style="--heat:{_heat(count, score.classes[shown].n)}">{count}</td>'
        return f'<td class="wrong" style="--heat:{_heat(count, worst)}">{count}</td>'

    head = "".join(f'<th scope="col">{digit}</th>' for digit in range(DIGITS))
    rows = "".join(
        f'<tr><th scope="row">{shown}</th>{"".join(cell(shown, read, n) for read, n in enumerate(row))}</tr>'
        for shown, row in enumerate(score.confusion)
    )
    return Section(
        "Confusion matrix",
        "A row for what the pictures show, a column for what was read. Blue: right. Red: mistaken, the redder the "
        "more often.",
        '<table class="heat"><caption>Down: is. Across: read as.</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>",
    )


def _heat(count: int, most: int) -> str:
    """Strength of a cell's colour; the root lets a single mistake be seen, the limit keeps the number readable."""
    return f"{10 + 50 * (count / most) ** 0.5:.0f}%"


def _classes(score: Score) -> Section:
    def row(digit: int) -> list[str]:
        own, counts = score.classes[digit], list(score.confusion[digit])
        low, high = wilson(own.right, own.n) if own.n else (0.0, 1.0)
        counts[digit] = 0
        most = max(counts)
        return [
            str(digit),
            f"{own.n:,}",
            f"{own.n - own.right:,}",
            percent(own.recall),
            f"{100 * low:.2f} to {100 * high:.2f} %",
            percent(own.precision),
            f"{counts.index(most)} ({most})" if most else "-",
        ]

    names = ["digit", "pictures", "misread", "recall", "95 % interval", "precision", "most often misread as"]
    return Section(
        "Digit by digit",
        "Recall: how many pictures of the digit were read as it. Precision: how many readings of it were right.",
        table(names, [row(digit) for digit in range(DIGITS)]),
    )


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

    problems = "".join(
        f'<p class="note">{escape(variant.name)}: {escape(variant.problem)}</p>'
        for variant in evaluation.variants
        if variant.problem
    )
    return Section(
        "Sizes and accuracies",
        "The same network as trained (float), with weights in 8 bits (dynamic), and wholly in 8 bits (int8, the one "
        "that ships).",
        f'<div class="pair">{charts.sizes(evaluation.variants)}{charts.accuracies(evaluation.variants)}</div>'
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
        f'<div class="pair">{charts.calibration(bins)}{charts.confidences(bins)}</div>',
    )


def _temperature(calibration: Calibration) -> Section:
    return Section(
        "Temperature",
        f"What the network says of itself is divided by a temperature, {calibration.temperature:.3f}, chosen on "
        f"{calibration.n:,} crops that it was not trained on: MNIST's validation split, plain and in rendered scenes, "
        "and what else stands in those and is no digit.",
        f'<div class="pair">{charts.calibration(calibration.before, "before", "before")}'
        f"{charts.calibration(calibration.after, 'after', 'after')}</div>",
    )


def _curves(history: Sequence[Mapping[str, float]]) -> Section:
    minutes = sum(entry.get("seconds", 0) for entry in history) / 60
    return Section(
        "Training",
        f"{len(history)} epochs in {minutes:.0f} minutes. Validation is on pictures of the training set that were "
        "set aside; the test set had no part in any choice.",
        f'<div class="pair">{charts.loss_curves(history, "training, augmented")}{charts.accuracy_curve(history)}</div>'
        if history
        else "<p>No history of the training was kept.</p>",
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
        '<div class="pair">'
        f"<div><h3>As they are</h3>{_samples(images, labels)}</div>"
        f"<div><h3>Augmented and normalized</h3>{_samples(augmented_images, augmented_labels)}</div></div>",
    )


def _samples(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> str:
    """A column for each digit, with its first `ROWS` pictures."""
    columns = [images[np.flatnonzero(labels == digit)[:ROWS]] for digit in range(DIGITS)]
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{crop(column[row], f'Handwritten {digit}') if row < len(column) else ''}</td>"
            for digit, column in enumerate(columns)
        )
        + "</tr>"
        for row in range(ROWS)
    )
    head = "".join(f'<th scope="col">{digit}</th>' for digit in range(DIGITS))
    return f'<table class="samples"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
