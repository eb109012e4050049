"""`digitcam read`: pictures, each read once."""

import argparse
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from digitcam import streams
from digitcam.annotate import annotate
from digitcam.commands.terminal import FAILED, check_folder, complain, config_of, nothing_to_lose, show
from digitcam.errors import ImageError
from digitcam.files import write_atomically
from digitcam.masking import legible
from digitcam.picture import load
from digitcam.reader import open_reader
from digitcam.reading import Digit, Reading

if TYPE_CHECKING:
    from pathlib import Path


def run(arguments: argparse.Namespace) -> int:
    """Read the given pictures, one after another."""
    out: Path | None = arguments.annotate
    if out and (len(arguments.images) > 1 or out.resolve() == arguments.images[0].resolve()):
        arguments.parser.error("--annotate draws one IMAGE, into another file")
    if out:
        check_folder(out)

    with nothing_to_lose():
        reader = open_reader(config_of(arguments))
    for doing, runtime in (("finding", reader.finder.runtime), ("reading", reader.classifier.runtime)):
        if runtime.fallback:
            streams.tell(f"digitcam: {doing} on the CPU: {runtime.note}")
    status = 0
    for number, path in enumerate(arguments.images):
        try:
            image = load(path)
        except ImageError as error:
            complain(error)
            status = FAILED
            continue
        reading = reader.read(image)
        name = legible(str(path))
        if arguments.json:
            show(json.dumps({"image": name, **_as_dict(reading, classes=arguments.classes)}))
        else:
            head = f"{chr(10) if number else ''}{name}:\n" if len(arguments.images) > 1 else ""
            show(head + _block(reading, classes=arguments.classes))
        if out:
            write_atomically(out, annotate(image, reading))
    return status


def _as_dict(reading: Reading, *, classes: bool) -> dict[str, Any]:
    values = reading.as_dict()
    if classes:
        for entry, digit in zip(values["digits"], reading.digits, strict=True):
            entry["probabilities"] = [round(float(share), 4) for share in digit.probabilities]
    return values


def _block(reading: Reading, *, classes: bool) -> str:
    """A reading for a person: the text, then each digit, then what was rejected."""
    lines = [reading.text or "no digits found"]
    for digit in reading.digits:
        x, y, w, h = digit.box
        lines.append(f"  {digit.digit}  {100 * digit.confidence:6.2f} %   {w}x{h} at {x},{y}")
        if classes:
            lines.append(_classes(digit))
    if reading.rejected:
        reasons = Counter(reject.reason for reject in reading.rejected).most_common()
        lines.append("rejected: " + ", ".join(f"{count} {reason}" for reason, count in reasons))
    return "\n".join(lines)


def _classes(digit: Digit) -> str:
    return "     " + "  ".join(f"{value}: {100 * share:.2f}%" for value, share in enumerate(digit.probabilities))
