"""Whether a Coral Edge TPU can be used, found out without risking this process."""

from ctypes.util import find_library
from pathlib import Path
from typing import NamedTuple

from digitcam.config import Runtime
from digitcam.model.probe import find_fault

# The stick's USB ids before and after its firmware is loaded.
USB_IDS = {("1a6e", "089a"), ("18d1", "9302")}
USB_DEVICES = Path("/sys/bus/usb/devices")
PCI_NODES = "apex_*"


class Coral(NamedTuple):
    """What was found.

    Attributes:
        library: the delegate to load, or None: read on the CPU.
        model: the compiled model to use with it, or None.
        note: why it is not used; empty where it is.
        present: whether one is plugged in at all.
    """

    library: str | None = None
    model: Path | None = None
    note: str = ""
    present: bool = False


OFF = Coral(note="switched off")


def find(model: Path, *, runtime: Runtime = "auto", held: bool = False) -> Coral:
    """Look for a stick or board, its library, and `MODEL_edgetpu.tflite`, and try them together.

    Args:
        model: whose compiled form is looked for beside it.
        runtime: that is to use it.
        held: whether this process has a network on it: then no other can try it, and library and stick do work.
    """
    if not _present():
        return Coral(note="no Coral is plugged in")
    name = find_library("edgetpu")
    if not name:
        return _unused("libedgetpu is not installed")
    compiled = model.parent / f"{model.stem}_edgetpu.tflite"
    if not compiled.is_file():
        return _unused(f"{compiled} is missing; compile the model for it")
    if not held and (wrong := find_fault(compiled, name, runtime)):
        return _unused(wrong)
    return Coral(name, compiled, present=True)


def _unused(why: str) -> Coral:
    return Coral(note=f"a Coral is plugged in, but {why}", present=True)


def _present() -> bool:
    for device in USB_DEVICES.glob("*"):
        try:
            found = (device / "idVendor").read_text().strip(), (device / "idProduct").read_text().strip()
        except OSError:
            continue
        if found in USB_IDS:
            return True
    return any(Path("/dev").glob(PCI_NODES))
