"""What the documents promise is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_row_of_the_fault_table_names_a_test_that_exists() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/*/*.py"))
    rows = [
        line for line in (ROOT / "docs/faults.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")
    ]
    assert len(rows) > 10
    for row in rows[2:]:
        named = re.findall(r"`(test_\w+(?:\.py)?)`", row)
        assert named, row
        for name in named:
            assert list(ROOT.glob(f"tests/*/{name}")) or f"def {name}(" in tests, name
