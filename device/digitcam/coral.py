"""Whether a Coral Edge TPU can be used, found out without risking this process.

A libedgetpu that does not match the runtime ends the process that loads it, with no exception to catch, so it is
tried in another process first.
"""

import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path
from typing import NamedTuple

# The stick's USB ids before and after its firmware is loaded (shared facts of Coral's documentation).
USB_IDS = {("1a6e", "089a"), ("18d1", "9302")}
USB_DEVICES = Path("/sys/bus/usb/devices")
PCI_NODES = "apex_*"
SECONDS = 20.0  # loading the firmware takes about 3 s on USB 2

PROBE = """
import sys
from pathlib import Path
from digitcam.errors import DigitcamError
from digitcam.runtime import open_interpreter
try:
    open_interpreter(Path(sys.argv[1]).read_bytes(), delegate=sys.argv[2]).invoke()
except (DigitcamError, RuntimeError) as error:
    print(error)
    sys.exit(1)
"""


class Coral(NamedTuple):
    """What was found.

    Attributes:
        library: the delegate to load, or None: read on the CPU.
        model: the compiled model to use with it, or None.
        note: why it is not used; empty where it is.
    """

    library: str | None = None
    model: Path | None = None
    note: str = ""


def find(model: Path) -> Coral:
    """Look for a stick or board, its library, and `MODEL_edgetpu.tflite`, and try them together."""
    if not _present():
        return Coral(note="no Coral is plugged in")
    name = find_library("edgetpu")
    if not name:
        return Coral(note="a Coral is plugged in, but libedgetpu is not installed")
    compiled = model.with_name(f"{model.stem}_edgetpu.tflite")
    if not compiled.is_file():
        return Coral(note=f"a Coral is plugged in, but {compiled} is missing; compile the model for it")
    fault = _fault(compiled, name)
    return Coral(note=f"a Coral is plugged in, but {fault}") if fault else Coral(name, compiled)


def _fault(compiled: Path, name: str) -> str:
    """What goes wrong when the model is run on the Coral, in another process; empty if nothing does."""
    command = [sys.executable, "-c", PROBE, str(compiled), name]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  # our own
    except subprocess.TimeoutExpired:
        return f"it did not answer within {SECONDS:.0f} s; unplug it and plug it in again"
    if tried.returncode < 0:
        return f"{name} does not match this runtime (it crashed when tried)"
    return (tried.stdout.strip() or f"{name} failed when tried") if tried.returncode else ""


def _present() -> bool:
    for device in USB_DEVICES.glob("*"):
        try:
            found = (device / "idVendor").read_text().strip(), (device / "idProduct").read_text().strip()
        except OSError:
            continue
        if found in USB_IDS:
            return True
    return any(Path("/dev").glob(PCI_NODES))
