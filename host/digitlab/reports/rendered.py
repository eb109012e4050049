"""The rendered benchmark as a page, a plot, a Markdown table and JSON."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from markupsafe import Markup

from digitcam.config import Config
from digitcam.files import write_atomically
from digitlab.evaluation.operating_curve import WRONG, Point
from digitlab.evaluation.rendered import Benchmark, Measured, Row, measure, render_numbered, summarize
from digitlab.pages.page import Section, Tile, pair, render_page, table, text_table, tiles
from digitlab.render.hand import Pictures
from digitlab.reports import rendered_charts
from digitlab.reports.gallery import ReadPicture, gallery

WORST = 60  # frames shown
NAMES = (
    "condition", "frames", "digits", "read %", "wrong %", "missed %", "rejected %", "spurious", "F1 %", "order %",
    "non-digits", "of them rejected %",
)  # fmt: skip
SUMMARY = ("all in all", "figure", "of")


def run(
    config: Config, numbers: Sequence[int], seed: int, hands: Pictures, output: Path, processes: int | None = None
) -> int:
    """Measure, print the table, and write `output` (a page) and its .png, .md and .json beside it.

    Args:
        config: what to read with.
        numbers: of the frames that are rendered.
        seed: decides every frame.
        hands: pictures of digits that nothing was trained on, as MNIST has them.
        output: the .html file.
        processes: how many work at a time; None for one a core.

    Returns:
        The exit status, 0.

    Raises:
        DigitcamError: a process ended early, or there are too few frames.
        ModelError: the model cannot be read.
        OutputError: a file cannot be written.
    """
    measured = measure(config, numbers, seed, hands, processes)
    benchmark = summarize(measured, seed, config.model.min_confidence)
    write_atomically(output.with_suffix(".json"), msgspec.json.format(msgspec.json.encode(benchmark)) + b"\n")
    write_atomically(output.with_suffix(".md"), markdown(benchmark).encode())
    write_atomically(output.with_suffix(".png"), rendered_charts.both(benchmark))
    write_page(output, benchmark, [_picture(seed, one, hands) for one in worst(measured)])
    print(markdown(benchmark))
    print(f"plot: {output.with_suffix('.png')}, worst frames: {output}")
    return 0


def worst(measured: Sequence[Measured]) -> list[Measured]:
    """Give the frames with most mistakes, none without any."""
    wanting = [one for one in measured if one.comparison.counts.mistakes]
    return sorted(wanting, key=lambda one: -one.comparison.counts.mistakes)[:WORST]


def _picture(seed: int, one: Measured, hands: Pictures) -> ReadPicture:
    """Give a frame as it is shown; it is rendered again, since no process sends pictures."""
    condition, rendered = render_numbered(seed, one.number, hands)
    return ReadPicture.of(f"frame {one.number}", rendered.image, one.comparison, condition)


def markdown(benchmark: Benchmark) -> str:
    """Give the table, what it comes to, and what the curve says in words."""
    tables = text_table(NAMES, _cells(benchmark)), text_table(SUMMARY, _summary(benchmark))
    return "\n\n".join((*tables, _in_words(benchmark))) + "\n"


def _summary(benchmark: Benchmark) -> list[list[str]]:
    """Tell what all conditions come to: a name, a figure, and of how much."""
    total, blank, turned, touching = benchmark.total, benchmark.blank, benchmark.turned, benchmark.touching
    per_page = f"{blank.spurious / blank.frames:.2f}" if blank.frames else "-"
    return [
        ["read, %", _percent(total.read, total.digits), f"{total.digits:,} digits"],
        ["misread, %", _percent(total.wrong, total.digits), f"{total.digits:,} digits"],
        ["false readings a page without digits", per_page, f"{blank.frames:,} pages"],
        ["read on turned pages, %", _percent(turned.read, turned.digits), f"{turned.digits:,} digits"],
        ["read of touching digits, %", _percent(touching.read, touching.digits), f"{touching.digits:,} digits"],
    ]


def _in_words(benchmark: Benchmark) -> str:
    shipped, least, most = benchmark.shipped, benchmark.least, f"{100 * WRONG:g} %"
    kept = f"at most {most} are wrong" if least.wrong <= WRONG else f"more than {most} are still wrong"
    return (
        f"With the threshold as set, {shipped.threshold:g}: {_point(shipped)}. "
        f"From {least.threshold:g} on {kept}: {_point(least)}."
    )


def _point(point: Point) -> str:
    shares = (point.read, point.wrong, point.rejected, point.lost)
    read, wrong, rejected, lost = (f"{100 * share:.2f} %" for share in shares)
    text = f"{read} read, {wrong} wrong, {rejected} rejected, {lost} not found"
    return (
        text if point.clutter_read is None else f"{text}, and {100 * point.clutter_read:.2f} % of the non-digits read"
    )


def _cells(benchmark: Benchmark) -> list[list[str]]:
    return [_row(row) for row in (*benchmark.rows, benchmark.total)]


def _row(row: Row) -> list[str]:
    return [
        row.condition,
        f"{row.frames:,}",
        f"{row.digits:,}",
        *(_percent(count, row.digits) for count in (row.read, row.wrong, row.missed, row.rejected)),
        f"{row.spurious:,}",
        "-" if row.f1 is None else f"{100 * row.f1:.2f}",
        f"{100 * row.order:.2f}",
        f"{row.clutter:,}",
        _percent(row.clutter_rejected, row.clutter),
    ]


def _percent(count: int, of: int) -> str:
    return f"{100 * count / of:.2f}" if of else "-"


def write_page(path: Path, benchmark: Benchmark, pictures: Sequence[ReadPicture]) -> None:
    """Write the page, which needs no other file.

    Raises:
        OutputError: `path` cannot be written.
    """
    total = benchmark.total
    sections = {
        "conditions": Section(
            "By condition",
            "Shares of the digits that were written. Rejected is the part of missed that was found, and then rejected. "
            "Spurious: how many digits were read where none is. Non-digits are letters, operators, doodles, "
            "smudges and crossed-out digits; one is rejected if no digit was read in it.",
            table(NAMES, _cells(benchmark)) + table(SUMMARY, _summary(benchmark)),
        ),
        "curve": Section(
            "Threshold",
            f"What a digit's confidence must reach decides between wrong and rejected. {_in_words(benchmark)}",
            pair(rendered_charts.losses(benchmark), rendered_charts.curve(benchmark)),
        ),
        "worst": Section(
            "Worst frames",
            f"Up to {WORST} frames, those with the most mistakes first. Below each is what the network saw of it: a "
            "bar for each digit's probability, and x for no digit.",
            gallery(pictures) if pictures else Markup("<p>There is none with a mistake.</p>"),
        ),
    }
    told = Markup(
        "<p>{:,} frames, drawn from seed {} and read with the device's own code. Drawn frames are no proof for your "
        "hand and your camera; they show what each condition costs.</p>"
    ).format(total.frames, benchmark.seed)
    shown = [
        *(Tile(figure, what, f"of {of}") for what, figure, of in _summary(benchmark)),
        Tile(_percent(total.rejected, total.digits), "rejected, %", "found, and not read"),
        Tile(
            _percent(total.clutter_rejected, total.clutter),
            "of non-digits rejected, %",
            f"of {total.clutter:,}; {total.spurious:,} spurious readings",
        ),
    ]
    title = "How it reads what a camera sees"
    write_atomically(path, render_page(title, told + tiles(shown), sections, "digitlab score --rendered"))
