"""Rows for a terminal."""

from collections.abc import Mapping, Sequence

from digitlab.deploy.planning.fleet import Outcome


def table(rows: Mapping[str, Mapping[str, str]], columns: Sequence[str]) -> str:
    """Lay out a line for each machine, the columns aligned; of a cell with several lines, the first."""
    head = ["machine", *columns]
    body = [[name, *(_first(row.get(column, "")) for column in columns)] for name, row in rows.items()]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *body]
    )


def tell_outcomes(outcomes: Mapping[str, Outcome], releases: Mapping[str, str] | None = None) -> None:
    """Print how it went on each machine.

    Args:
        outcomes: by name.
        releases: what each was to have, where it was to have something.
    """
    rows = {name: {"outcome": outcome.state, "why": outcome.detail} for name, outcome in outcomes.items()}
    if releases is not None:
        rows = {name: {**row, "release": releases.get(name, "-")} for name, row in rows.items()}
    if rows:
        print(table(rows, ("outcome", "why") if releases is None else ("outcome", "release", "why")))


def _first(text: str) -> str:
    return text.partition("\n")[0]
