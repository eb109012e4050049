"""What is published: on stdout as it always was, in the documents as it is."""

import json
import subprocess
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np

import formats
from digitcam.frame import Origin
from digitcam.outputs.base import Update
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.wire import DetailedReading, PictureReading, ReadingEvent, StableReading, rfc3339, to_line, to_wire

Command = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
CROP = np.zeros((28, 28), np.uint8)
READING = Reading(
    [Digit("1", 0.99876, np.full(10, 0.1, np.float32), Box(1, 2, 3, 4), CROP, 0)],
    [Reject(Box(5, 6, 7, 8), "cut by the frame's edge"), Reject(Box(0, 0, 1, 1), "größer", 0.00001, CROP)],
    {"find": 1.23456, "order": 0.00001},
    90,
)
# what scripts were written for: the very bytes
PICTURE = (
    '{"image": "a \\u00fc.tif", "page": 2, "text": "1", "digits": [{"digit": 1, "confidence": 0.9988, '
    '"box": [1, 2, 3, 4], "line": 0}], "rejected": [{"reason": "cut by the frame\'s edge", "confidence": null, '
    '"box": [5, 6, 7, 8]}, {"reason": "gr\\u00f6\\u00dfer", "confidence": 0.0, "box": [0, 0, 1, 1]}], "turn": 90, '
    '"ms": {"find": 1.235, "order": 0.0}}'
)
STABLE = '{"time": "2026-05-17T12:03:09.250Z", "sequence": 41, "skipped": 3, '
MOMENT = datetime(2026, 5, 17, 14, 3, 9, 250_999, tzinfo=timezone(timedelta(hours=2)))


def test_a_line_for_a_picture_is_what_scripts_were_written_for() -> None:
    assert to_line(to_wire(PictureReading, READING, origin=Origin("a ü.tif", 2))) == PICTURE
    without_page = to_line(to_wire(PictureReading, READING, origin=Origin("-")))
    assert without_page == PICTURE.replace('"a \\u00fc.tif", "page": 2', '"-"')


def test_a_line_for_a_stable_reading_is_what_scripts_were_written_for() -> None:
    update = Update(READING, MOMENT, 41, 3)
    assert to_line(update.to_wire(StableReading)) == STABLE + PICTURE[PICTURE.index('"text"') :]
    of_picture = Update(READING, MOMENT, 41, 3, Origin("a ü.tif", 2))
    assert to_line(of_picture.to_wire(StableReading)) == STABLE + PICTURE[1:]
    assert to_line(update.to_wire(ReadingEvent)) == '{"event_type": "reading", ' + (
        STABLE[1:] + PICTURE[PICTURE.index('"text"') :]
    )


def test_probabilities_are_told_where_they_are_asked_for() -> None:
    line = json.loads(to_line(to_wire(PictureReading, READING, origin=Origin("-"), classes=True)))
    assert list(line["digits"][0]) == ["digit", "confidence", "box", "line", "probabilities"]
    assert line["digits"][0]["probabilities"] == [0.1] * 10
    assert "probabilities" not in line["rejected"][1]


def test_only_so_many_places_are_told_in_detail() -> None:
    shares = np.full(11, 1 / 11, np.float32)
    rejects = [Reject(Box(0, 0, 1, 1), "no digit", 0.1, CROP, shares)] * 3
    told = json.loads(to_line(to_wire(DetailedReading, Reading(READING.digits, rejects, {}), detailed=3)))
    assert ["crop" in place for place in told["digits"] + told["rejected"]] == [True, True, True, False]
    assert len(told["rejected"][0]["probabilities"]) == 11


def test_every_moment_is_utc_to_the_millisecond() -> None:
    assert rfc3339(MOMENT) == "2026-05-17T12:03:09.250Z"
    assert rfc3339(datetime(2026, 5, 17, tzinfo=UTC)) == "2026-05-17T00:00:00.000Z"


def test_the_page_of_formats_is_the_one_that_is_made() -> None:
    # `make formats` writes it again
    assert (ROOT / "docs/formats.md").read_text(encoding="utf-8") == formats.page()


def test_there_is_one_version_number(digitcam: Command) -> None:
    version = digitcam("--version").stdout.split()[-1]
    for project, package in (("device", "digitcam"), ("host", "digitlab")):
        stated = tomllib.loads((ROOT / project / "pyproject.toml").read_text(encoding="utf-8"))
        assert stated["project"]["dynamic"] == ["version"]
        assert stated["tool"]["setuptools"]["dynamic"]["version"] == {"attr": f"{package}.__version__"}
        assert f'\n__version__ = "{version}"\n' in (ROOT / project / package / "__init__.py").read_text(
            encoding="utf-8"
        )
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## [{version}]" in changelog
