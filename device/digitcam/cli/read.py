"""`digitcam read`: pictures, each read once."""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from digitcam import streams
from digitcam.annotate import annotate
from digitcam.cli.terminal import FAILED, complain, config_of, nothing_to_lose, show
from digitcam.errors import ImageError
from digitcam.files import check_folder, write_atomically
from digitcam.frame import Origin
from digitcam.labels import Labels
from digitcam.pictures.image_file import Page, read_pages
from digitcam.pictures.names import list_pictures
from digitcam.reading import Digit, Reading
from digitcam.recognition.reader import Reader, open_reader
from digitcam.redact import make_legible


def run(arguments: argparse.Namespace) -> int:
    """Read the given pictures, one after another."""
    out: Path | None = arguments.annotate
    files = list(_files(arguments.images))
    if out:
        if len(files) > 1 or (isinstance(files[0], Path) and out.resolve() == files[0].resolve()):
            arguments.parser.error("--annotate draws one IMAGE, into another file")
        check_folder(out)

    with nothing_to_lose():
        reader = open_reader(config_of(arguments))
    for note in _notes(reader):
        streams.tell(f"digitcam: {note}")
    status = 0
    for number, page in enumerate(_pages(files)):
        if isinstance(page, ImageError):
            complain(page)
            status = FAILED
            continue
        reading = reader.read_colours(page.image, page.hues)
        if arguments.json:
            show(_line(reading, page.origin, classes=arguments.classes))
        else:
            several = len(files) > 1 or page.origin.page
            head = f"{chr(10) if number else ''}{page.origin}:\n" if several else ""
            show(head + _block(reading, classes=arguments.classes))
        if out and page.origin.page <= 1:
            write_atomically(out, annotate(page.image, reading))
            if page.origin.page:
                streams.tell(make_legible(f"digitcam: {out} shows {page.origin}"))
    return status


def _notes(reader: Reader) -> Iterator[str]:
    """Tell what is worth knowing of the networks."""
    yield from reader.classifier.notes
    for doing, runtime in (("finding", reader.finder.runtime), ("reading", reader.classifier.runtime)):
        if runtime.fallback:
            yield f"{doing} on the CPU: {runtime.note}"


def _files(places: Iterable[str]) -> Iterator[Path | ImageError]:
    """Give the files that are meant; in place of a name that means none, what is wrong with it."""
    for place in places:
        try:
            yield from list_pictures(place)
        except ImageError as error:
            yield error


def _pages(files: Iterable[Path | ImageError]) -> Iterator[Page | ImageError]:
    for file in files:
        if isinstance(file, ImageError):
            yield file
        else:
            yield from read_pages(file)


def _line(reading: Reading, origin: Origin, *, classes: bool) -> str:
    """Show a reading for a program."""
    from digitcam.wire import PictureReading, to_line, to_wire

    return to_line(to_wire(PictureReading, reading, origin=origin, classes=classes))


def _block(reading: Reading, *, classes: bool) -> str:
    """Show a reading for a person: the text, then each digit, then what was rejected."""
    lines = [reading.text or reading.labels.nothing]
    for digit in reading.digits:
        x, y, w, h = digit.box
        lines.append(f"  {digit.label}  {100 * digit.confidence:6.2f} %   {w}x{h} at {x},{y}")
        if classes:
            lines.append(_classes(digit, reading.labels))
    if reading.rejected:
        reasons = Counter(reject.reason for reject in reading.rejected).most_common()
        lines.append("rejected: " + ", ".join(f"{count} {reason}" for reason, count in reasons))
    return "\n".join(lines)


def _classes(digit: Digit, labels: Labels) -> str:
    shares = zip(labels.texts, digit.probabilities, strict=True)
    return "     " + "  ".join(f"{text}: {100 * share:.2f}%" for text, share in shares)
