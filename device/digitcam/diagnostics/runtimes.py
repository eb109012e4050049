"""Both TFLite runtimes side by side: the whole benchmark with each, in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from digitcam import streams
from digitcam.config import Config, Runtime
from digitcam.errors import DigitcamError
from digitcam.model.runtime import NAMES, installed

NAME, COLUMN = 22, 24  # characters


def run(config: Config, runs: int) -> dict[Runtime, Any]:
    """Measure each runtime.

    Args:
        config: networks, and which digits are read.
        runs: timed readings with each.

    Returns:
        What `bench.run` gives, by the setting that chooses the runtime.

    Raises:
        RuntimeMissingError: one of them is not installed.
        DigitcamError: it cannot be measured; the message says with which.
    """
    for wanted in NAMES:
        installed(wanted)
    return {wanted: _measured(wanted, config, runs) for wanted in NAMES}


def _measured(wanted: Runtime, config: Config, runs: int) -> dict[str, Any]:
    streams.tell(f"digitcam: with {NAMES[wanted]} ...")
    model = config.model
    settings = {
        "DIGITCAM_MODEL_RUNTIME": wanted,
        "DIGITCAM_MODEL_PATH": model.path,
        "DIGITCAM_MODEL_FINDER": model.finder,
        "DIGITCAM_MODEL_THREADS": str(model.threads),
        "DIGITCAM_MODEL_CORAL": "off",
        "DIGITCAM_MODEL_FINDER_CORAL": "off",
    }
    command = [sys.executable, "-P", "-m", "digitcam", "bench", "--json", "--runs", str(runs)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env={**os.environ, **settings})  # noqa: S603  # ourselves
    if done.returncode:
        raise DigitcamError(f"the benchmark with {NAMES[wanted]} ended with status {done.returncode}; see above")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def table(result: Mapping[Runtime, Any]) -> str:
    """Lay the measurements out for a terminal, a column for each runtime, and one for their ratio."""
    versions = [
        f"{name} {values['runtime'][name]}" for name, values in zip(NAMES.values(), result.values(), strict=True)
    ]
    head = "".join(f"{version:>{COLUMN}}" for version in versions)
    rows = [f"{'':<{NAME}}{head}{'ratio':>8}"]
    one, other = (dict(_figures(values)) for values in result.values())
    for name, (value, unit) in one.items():
        against = other[name][0]
        shown = "".join(f"{f'{figure:g} {unit}':>{COLUMN}}" for figure in (value, against))
        rows.append(f"{name:<{NAME}}{shown}{against / value:>8.2f}")
    return "\n".join(rows)


def _figures(values: Mapping[str, Any]) -> Iterator[tuple[str, tuple[float, str]]]:
    """List name, figure and unit of what is compared: medians of what was timed, and the rest."""
    for part in ("ms", "networks"):
        for name, row in values[part].items():
            if name != "runs":
                yield name, (row["p50"], "ms")
    for name, score in values["accuracy"].items():
        if score["of"]:
            yield f"{name}, digits right", (100 * score["right"] / score["of"], "%")
    yield "start to a reading", (values["cold_start"]["read_s"], "s")
    yield "memory of a reading", (values["memory_mb"]["read"], "MB")
