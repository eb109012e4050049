"""The tutorial's page: what each step showed, with pictures."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from markupsafe import Markup
from PIL import Image

from digitcam.files import write_atomically
from digitcam.pictures import image_file
from digitlab.accuracy import Score, percent
from digitlab.evaluation.variants import Variant
from digitlab.pages.page import Section, Tile, crop, data_uri, pair, png, render_page, table, tiles
from digitlab.reports import charts
from digitlab.training.tutorial_network import Epoch, Labelled
from digitlab.tutorial.outcome import Outcome
from digitlab.tutorial.read import Digit, Reading
from digitlab.tutorial.terminal import VARIANTS, variant_rows

TITLE = "A network that reads handwritten digits"
PREDICTED = 100
MISTAKES = 20
LARGEST = 900  # pixels: a larger picture is shown smaller


def write(path: Path, outcome: Outcome) -> None:
    """Write the page, which needs no other file and no network.

    Raises:
        OutputError: `path` cannot be written.
    """
    sections = {
        "samples": _samples(outcome.samples, outcome.learned),
        "network": _network(outcome.summary),
        "training": _training(outcome.history, outcome.learned),
        "predictions": _predictions(outcome.score, outcome.test),
        "variants": _variants(outcome.variants),
        "reading": _reading(outcome.picture, outcome.reading),
        "time": _time(outcome.seconds),
    }
    write_atomically(path, render_page(TITLE, _header(outcome), sections, "make tutorial"))


def _html(*parts: str) -> Markup:
    """Join what was escaped where it was made."""
    return Markup("".join(map(str, parts)))  # noqa: S704


def _header(outcome: Outcome) -> Markup:
    whole, *_, int8 = outcome.variants
    mistakes = len(outcome.test.labels) - outcome.score.right
    return _html(
        "<p>From MNIST's pictures to a file of TensorFlow Lite that reads a photograph, step by step. Every figure on "
        "this page is of the network that this run has trained.</p>",
        tiles(
            [
                Tile(percent(outcome.score.accuracy), "read rightly", "as trained, of MNIST's test set"),
                Tile(f"{mistakes:,}", "mistakes", f"in {len(outcome.test.labels):,} test pictures"),
                Tile(f"{int8.size / 1000:.0f} kB", "int8 model", f"{percent(int8.size_ratio)} of float's"),
                Tile(_points(int8), "lost by int8", f"float loses {_points(whole)}"),
            ]
        ),
    )


def _points(variant: Variant) -> str:
    return f"{variant.drop:.2f} pt"


def _samples(samples: Labelled, learned: int) -> Section:
    figures = "".join(
        f"<figure>{crop(image, f'Handwritten {label}')}<figcaption><b>{label}</b></figcaption></figure>"
        for image, label in zip(samples.images, samples.labels, strict=True)
    )
    return Section(
        "Training pictures",
        f"The first {len(samples.labels)} of the {learned:,} that it learns from: 28x28 grey levels, bright ink on "
        "black (shown the other way round on a light page), and below each its label.",
        _html(f'<div class="sheet five">{figures}</div>'),
    )


def _network(summary: str) -> Section:
    return Section(
        "The network",
        "Two convolutions find strokes and how they meet, pooling keeps the strongest of four, dropout forgets a "
        "quarter at random while it learns, and the last layer gives a number for each digit. Softmax makes "
        "percentages of them.",
        _html(f'<div class="scroll"><pre>{escape(summary)}</pre></div>'),
    )


def _training(history: Sequence[Epoch], learned: int) -> Section:
    entries = [entry._asdict() for entry in history]
    names = ("epoch", "loss", "accuracy", "validation loss", "validation accuracy", "seconds")
    rows = [
        [
            f"{entry.epoch}",
            f"{entry.loss:.4f}",
            percent(entry.accuracy),
            f"{entry.val_loss:.4f}",
            percent(entry.val_accuracy),
            f"{entry.seconds:.0f}",
        ]
        for entry in history
    ]
    return Section(
        "Training",
        f"{learned:,} pictures, each seen {len(history)} times, 32 at a time; Adam makes the cross-entropy less. "
        "Validation is on pictures of the training set that were set aside.",
        _html(pair(charts.loss_curves(entries, "training"), charts.accuracy_curve(entries)), table(names, rows)),
    )


def _predictions(score: Score, test: Labelled) -> Section:
    predicted, sure = score.predictions(), np.array(score.confidence)
    wrong = np.flatnonzero(predicted != test.labels)

    def sheet(numbers: Sequence[int], kind: str) -> str:
        figures = "".join(_prediction(test, int(i), int(predicted[i]), round(100 * float(sure[i]))) for i in numbers)
        return f'<div class="sheet {kind}">{figures}</div>'

    return Section(
        "Predictions",
        f"The first {PREDICTED} of {len(test.labels):,} test pictures, which it has never seen: what was read, how "
        "surely, and in red, with what it is, where that is a mistake.",
        _html(
            sheet(range(min(PREDICTED, len(test.labels))), "ten"),
            f"<h3>The first {min(MISTAKES, len(wrong))} of its {len(wrong):,} mistakes</h3>",
            sheet(wrong[:MISTAKES].tolist(), "ten"),
        ),
    )


def _prediction(test: Labelled, number: int, read: int, sure: int) -> str:
    shown = int(test.labels[number])
    kind, text = ("hit", f"{read}") if read == shown else ("miss", f"{read}, is {shown}")
    picture = crop(test.images[number], f"Handwritten {shown}, read as {read}, {sure} % sure")
    return (
        f'<figure class="{kind}">{picture}<span class="bar" style="--sure:{sure}%"></span>'
        f"<figcaption><b>{text}</b> <small>{sure} %</small></figcaption></figure>"
    )


def _variants(variants: Sequence[Variant]) -> Section:
    return Section(
        "TensorFlow Lite",
        "The same network in three files: as trained (float), with weights in 8 bits (dynamic), and wholly in 8 bits "
        "(int8). Each has read the whole test set. Points lost and agreement are against the network as trained.",
        _html(pair(charts.sizes(variants), charts.accuracies(variants)), table(VARIANTS, variant_rows(variants))),
    )


def _reading(picture: Path, reading: Reading) -> Section:
    image = image_file.load(picture)
    height, width = image.shape
    boxes = "".join(
        f'<g class="read">{_rect(digit.box)}{_text(digit.box, str(digit.digit), height)}</g>'
        for digit in reading.digits
    ) + "".join(f'<g class="refused">{_rect(reject.box)}</g>' for reject in reading.rejected)
    shown = Image.fromarray(image)
    shown.thumbnail((LARGEST, LARGEST))
    view = (
        f'<div class="view"><img src="{data_uri(png(np.asarray(shown)), "png")}" alt="The picture that was read">'
        f'<svg viewBox="0 0 {width} {height}" aria-hidden="true">{boxes}</svg></div>'
    )
    rejected = "".join(f"<p>Rejected: {escape(reject.reason)}.</p>" for reject in reading.rejected)
    read = "".join(_classes(digit) for digit in reading.digits) or "<p>No digit was read.</p>"
    return Section(
        "One picture",
        _html(
            f"<code>{escape(reading.command)}</code> finds each digit, makes the 28x28 picture of it that MNIST would "
            "have made, and has int8.tflite read that: the percentage of each class."
        ),
        _html(f'<div class="pair"><div>{view}</div><div>{read}{rejected}</div></div>'),
    )


def _rect(box: tuple[int, int, int, int]) -> str:
    x, y, w, h = box
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}"/>'


def _text(box: tuple[int, int, int, int], text: str, height: int) -> str:
    size = max(8, height // 15)
    return f'<text x="{box[0]}" y="{max(size, box[1] - size // 4)}" font-size="{size}">{text}</text>'


def _classes(digit: Digit) -> str:
    rows = "".join(
        f'<tr><th scope="row">Class {value}</th><td class="share" style="--sure:{100 * share:.1f}%"></td>'
        f"<td>{100 * share:.2f} %</td></tr>"
        for value, share in enumerate(digit.probabilities)
    )
    return (
        f'<table class="classes"><caption>read as <b>{digit.digit}</b>, {100 * digit.confidence:.2f} % sure</caption>'
        f"<tbody>{rows}</tbody></table>"
    )


def _time(seconds: dict[str, float]) -> Section:
    rows = [[title, f"{spent:.1f}"] for title, spent in seconds.items()]
    return Section(
        "Time",
        "What each step took on this machine, while whatever else ran on it.",
        table(("step", "seconds"), [*rows, ["all", f"{sum(seconds.values()):.1f}"]]),
    )
