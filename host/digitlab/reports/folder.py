"""`digitlab score FOLDER`: the device's reader on labelled pictures, and one page that shows what it made of each."""

import sys
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup
from rich.console import Console
from rich.progress import track

from digitcam.config import Config
from digitcam.errors import DigitcamError, ImageError
from digitcam.files import write_atomically
from digitcam.pictures.image_file import load_page
from digitcam.recognition.reader import Reader, open_reader
from digitlab.evaluation.labels import LabelError, LabelledPicture, load_labels
from digitlab.evaluation.match import Figures, compare, figures
from digitlab.pages.page import Section, Tile, render_page, table, text_table, tiles
from digitlab.reports.gallery import ReadPicture, gallery

NAMES = (
    "group", "pictures", "digits", "read", "wrong", "missed", "rejected", "spurious", "F1", "order", "exact",
)  # fmt: skip
ALL = "all"


def run(folder: Path, config: Config, output: Path) -> int:
    """Read a labelled folder, print its figures and write its page.

    Returns:
        The exit status: 1 where a label or a picture could not be used, which is told; the page has the others.

    Raises:
        LabelError: the folder has no usable labels at all.
        OutputError: the page cannot be written.
    """
    reader = open_reader(config)
    for note in reader.classifier.notes:
        print(f"digitlab: {note}", file=sys.stderr)
    labels = load_labels(folder, reader.classifier.labels)
    problems: list[DigitcamError] = [label for label in labels if isinstance(label, LabelError)]
    pictures = []
    for label in track(labels, "reading", console=Console(stderr=True), transient=True):
        if isinstance(label, LabelledPicture):
            try:
                pictures.append(_read(label, reader))
            except ImageError as error:
                problems.append(error)
    for problem in problems:
        print(f"digitlab: {problem}", file=sys.stderr)
    if pictures:
        write_page(output, f"What was read in {folder.resolve().name}", pictures)
        print(text_table(NAMES, table_rows(pictures)))
        print(f"\neach picture: {output}")
    return 1 if problems else 0


def _read(label: LabelledPicture, reader: Reader) -> ReadPicture:
    page = load_page(label.path)
    reading = reader.read_colours(page.image, page.hues)
    return ReadPicture.of(label.path.name, page.image, compare(label.truth, reading), label.group)


def table_rows(pictures: Sequence[ReadPicture]) -> list[list[str]]:
    """Give a row for each group, if there are several, and one for all pictures; see `NAMES`."""
    groups = {picture.group: [other for other in pictures if other.group == picture.group] for picture in pictures}
    rows = [_row(group or "other", own) for group, own in sorted(groups.items())] if len(groups) > 1 else []
    return [*rows, _row(ALL, pictures)]


def _row(name: str, pictures: Sequence[ReadPicture]) -> list[str]:
    count, digits, *shares = figures([picture.comparison for picture in pictures])
    return [name, f"{count:,}", f"{digits:,}", *map(_percent, shares)]


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f}"


def write_page(path: Path, title: str, pictures: Sequence[ReadPicture]) -> None:
    """Write the page, which needs no other file.

    Raises:
        OutputError: `path` cannot be written.
    """
    every = figures([picture.comparison for picture in pictures])
    sections = {
        "figures": Section(
            "Figures",
            "In percent of the labelled digits, as the mean over pictures. Read, wrong, missed, spurious and F1 need "
            "boxes in the labels; rejected is the part of missed that was found, and then rejected. Order is 1 - edit "
            "distance / length of the digits in reading order, exact the share of pictures whose digits are all right.",
            table(NAMES, table_rows(pictures)),
        ),
        "pictures": Section(
            "Pictures",
            "Those with the most mistakes first. Below each picture is what the network saw of it: a bar for each "
            "digit's probability, and x for no digit. Where labels have no boxes, digits are compared in reading "
            "order.",
            gallery(pictures),
        ),
    }
    told = Markup(
        "<p>Every picture was read with the device's own code. Green is read rightly, red is a mistake, orange is a "
        "digit that was found and then rejected.</p>"
    )
    header = told + tiles(_tiles(pictures, every))
    write_atomically(path, render_page(title, header, sections, "digitlab score"))


def _tiles(pictures: Sequence[ReadPicture], every: Figures) -> list[Tile]:
    right = sum(not picture.comparison.counts.mistakes for picture in pictures)
    shown = [Tile(f"{right} of {len(pictures)}", "pictures without a mistake", f"{every.digits:,} digits in all")]
    if every.f1 is not None and every.wrong is not None:
        shown.append(Tile(f"{100 * every.f1:.1f}", "F1, %", f"{100 * every.wrong:.2f} % read as another digit"))
    if every.order is not None and every.exact is not None:
        shown.append(Tile(f"{100 * every.order:.1f}", "order, %", f"{100 * every.exact:.1f} % exactly right"))
    return shown
