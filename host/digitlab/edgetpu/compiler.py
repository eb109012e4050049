"""Compiling a model for the Edge TPU, with its makers' compiler, where that is installed."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from digitcam.errors import ModelError

PROGRAM = "edgetpu_compiler"
# https://coral.ai/docs/edgetpu/compiler/#download
WHERE = (
    f"{PROGRAM} is not installed. It runs on x86-64 Linux and comes from its makers' own apt archive, as docs/coral.md "
    "tells. `digitlab edgetpu check` says without it what it would refuse"
)
MAPPED = "Mapped to Edge TPU"
# A line of the table that --show_operations prints: the operation, how many of it, what becomes of them.
ROW = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)\s+(?P<count>\d+)\s+(?P<status>\S.*)")


class Compiled(NamedTuple):
    """What came of it.

    Attributes:
        path: of the compiled model, beside the model, where digitcam looks for it.
        operations: how many were mapped to the Edge TPU.
    """

    path: Path
    operations: int


def compile_model(model: Path) -> Compiled:
    """Compile a model, and see to it that all of it runs on the Edge TPU.

    Raises:
        ModelError: the compiler is missing or refuses the model, or leaves a part of it to the CPU.
    """
    program = shutil.which(PROGRAM)
    if not program:
        raise ModelError(WHERE)
    command = [program, "--show_operations", "--out_dir", str(model.parent), str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # found on PATH just now
    said = f"{done.stdout}\n{done.stderr}".strip()
    compiled = model.with_name(f"{model.stem}_edgetpu.tflite")
    if done.returncode or not compiled.is_file():
        raise ModelError(f"{model}: {PROGRAM} failed: {said.splitlines()[-1] if said else done.returncode}")
    rows = [found for line in said.splitlines() if (found := ROW.fullmatch(line.strip()))]
    left = [f"{row['count']} {row['name']} ({row['status']})" for row in rows if row["status"] != MAPPED]
    if left or not rows:
        compiled.unlink()
        raise ModelError(
            f"{model}: not all of it would run on the Edge TPU: {'; '.join(left) or 'no operation is told'}"
        )
    return Compiled(compiled, sum(int(row["count"]) for row in rows))
