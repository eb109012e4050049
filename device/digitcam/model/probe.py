"""A model tried in another process.

A damaged model, or a delegate that does not match the runtime, ends the process that loads it with no exception to
catch (tflite-runtime 2.14: a segmentation fault), so what is not known to work is tried apart first.
"""

import subprocess
import sys
from pathlib import Path

from digitcam.config import Runtime
from digitcam.model.runtime import REMEDY

SECONDS = 60.0  # a Coral takes 3 s on USB 2 to load its firmware; a busy machine, ten and more to import a runtime

PROBE = """
import sys
from pathlib import Path
from digitcam.errors import DigitcamError
from digitcam.model.runtime import open_interpreter
try:
    open_interpreter(Path(sys.argv[1]).read_bytes(), delegate=sys.argv[2] or None, runtime=sys.argv[3]).invoke()
except (DigitcamError, RuntimeError) as error:
    print(error)
    sys.exit(1)
"""


def find_fault(model: Path, delegate: str | None = None, runtime: Runtime = "auto") -> str:
    """Tell what goes wrong when a model is loaded and run once; empty if nothing does.

    Args:
        model: an existing .tflite file.
        delegate: a shared library to run it on; None for the CPU.
        runtime: which.
    """
    command = [sys.executable, "-P", "-c", PROBE, str(model), delegate or "", runtime]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  # our own
    except subprocess.TimeoutExpired:
        return f"it did not answer within {SECONDS:.0f} s; try again when this machine is less busy"
    if tried.returncode < 0:
        cause = "the delegate does not match the runtime" if delegate else f"the file is damaged; {REMEDY}"
        return f"loading it crashed: {cause}"
    return (tried.stdout.strip() or "loading it failed") if tried.returncode else ""
