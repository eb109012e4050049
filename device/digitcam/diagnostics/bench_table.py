"""A benchmark's results for a terminal."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from digitcam.diagnostics.timing import FIGURES

HEADS = {"per_second": "per second"}
INDENT = 18


def table(result: Mapping[str, Any]) -> str:
    """Give every figure, block by block in the order of the JSON; what makes them doubtful stands last."""
    blocks = []
    for name, values in result.items():
        rows: Callable[[Any], Iterable[str]] = ROWS.get(name, _rows)
        blocks.append("\n".join([TITLES.get(name, name), *rows(values)]))
    return "\n\n".join(blocks)


def _rows(values: Mapping[str, Any]) -> Iterable[str]:
    return (f"  {name:<{INDENT}}{'not told' if value is None else value}" for name, value in values.items())


def _latency_rows(values: Mapping[str, Any]) -> Iterable[str]:
    runs = f"{values['runs']} runs, ms"
    yield f"  {runs:<{INDENT}}" + "".join(f"{HEADS.get(name, name):>12}" for name in FIGURES)
    for stage, row in values.items():
        if stage != "runs":
            yield f"  {stage:<{INDENT}}" + "".join(f"{row[name]:12.3f}" for name in FIGURES)


def _accuracy_rows(values: Mapping[str, Mapping[str, int]]) -> Iterable[str]:
    for name, score in values.items():
        if not score["of"]:
            yield f"  {name:<{INDENT}}none that it knows"
            continue
        extra = f", {score['extra']} read where none stands" if score.get("extra") else ""
        share = f"{score['right'] / score['of']:.1%}"
        yield f"  {name:<{INDENT}}{score['right']} of {score['of']} digits right ({share}){extra}"


def _cost_rows(values: Mapping[str, Any]) -> Iterable[str]:
    models = {values["model"]: (values["ms"], 1.0), values["compared"]: (values["compared_ms"], 1 / values["ratio"])}
    width = max(len(Path(model).name) for model in models) + 2
    yield f"  {'model':<{width}}{'median ms':>12}{'per second':>12}{'ratio':>8}"
    for model, (ms, times) in models.items():
        yield f"  {Path(model).name:<{width}}{ms:12.4f}{1000 / ms:12.0f}{times:8.2f}"


def _warning_rows(values: list[str]) -> Iterable[str]:
    return (f"  ! {warning}" for warning in values) if values else ("  none: the machine was quiet and steady",)


ROWS: dict[str, Callable[[Any], Iterable[str]]] = {
    "ms": _latency_rows,
    "networks": _latency_rows,
    "accuracy": _accuracy_rows,
    "cost": _cost_rows,
    "warnings": _warning_rows,
}
TITLES = {
    "ms": "latency of a frame, by stage",
    "networks": "latency of each network",
    "cost": "one digit, with each of two models in turns",
    "warnings": "warnings",
}
