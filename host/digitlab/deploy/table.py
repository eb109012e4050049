"""Rows for a terminal."""

from collections.abc import Mapping, Sequence


def table(rows: Mapping[str, Mapping[str, str]], columns: Sequence[str]) -> str:
    """A line for each machine, the columns aligned; of a cell with several lines, the first."""
    head = ["machine", *columns]
    body = [[name, *(_first(row.get(column, "")) for column in columns)] for name, row in rows.items()]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *body]
    )


def _first(text: str) -> str:
    return text.partition("\n")[0]
