"""Cropping is measured apart from finding: what is read of boxes that are known."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.host.conftest import Drawn


def shares(table: str) -> list[list[str]]:
    """The rows of a table in Markdown, each its cells."""
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]


def test_known_boxes_are_read_and_counted_by_height(drawn: "Drawn", scenes: Path) -> None:
    done = drawn.digitlab("boxes-evaluate", "--pool", scenes, "--off", "0")
    assert done.returncode == 0, done.stderr
    *groups, everything = shares(done.stdout)
    assert [row[0] for row in groups] == ["9 to 14", "14 to 20", "20 to 40", "40 to 100", "100 to 400"]
    digits = [int(row[1].replace(",", "")) for row in (*groups, everything)]
    assert sum(digits[:-1]) == digits[-1] > 0
    no_ink, likeliest, read, misread = (float(cell.rstrip(" %")) for cell in everything[2:])
    assert no_ink < 10
    assert 50 < read <= likeliest <= 100
    assert misread <= 100 - read


def test_boxes_that_are_off_are_read_less(drawn: "Drawn", scenes: Path) -> None:
    tables = [drawn.digitlab("boxes-evaluate", "--pool", scenes, "--off", off).stdout for off in ("0", "0.5")]
    exact, off = (float(shares(table)[-1][4].rstrip(" %")) for table in tables)
    assert off < exact


def test_without_scenes_it_says_what_to_do(drawn: "Drawn", tmp_path: Path) -> None:
    assert "digitlab scenes" in drawn.refused("boxes-evaluate", "--pool", tmp_path / "none")
