"""What this machine says of itself."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

# What the Pi's firmware says, bit by bit; from bit 16 on the same, as something that happened since it started.
# https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
THROTTLING = ("under-voltage", "clock capped", "throttled", "soft temperature limit")
SINCE_START = 16


def describe(root: Path = Path("/")) -> dict[str, str | int | float | None]:
    """Say what the machine says of itself; None where it does not.

    Args:
        root: where /proc and /sys are.
    """
    return {
        "model": _text(root / "proc/device-tree/model"),
        "cpu": read_field(_text(root / "proc/cpuinfo") or "", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "governor": _text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "temperature_c": read_temperature(root),
        "throttling": _throttling(root),
    }


def read_temperature(root: Path = Path("/")) -> float | None:
    """Measure degrees Celsius of the hottest place that the kernel knows; None where it measures none."""
    zones = [int(text) for path in root.glob("sys/class/thermal/thermal_zone*/temp") if (text := _text(path))]
    return max(zones) / 1000 if zones else None


def find_commit() -> str | None:
    """Give the commit that this digitcam is of, with `+` where it was changed since; None outside a checkout."""
    git = ["git", "-C", str(Path(__file__).parent)]
    known = [*git, "ls-files", "--error-unmatch", Path(__file__).name]
    try:
        subprocess.run(known, capture_output=True, check=True)  # noqa: S603  # of this very file
        named = [*git, "describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=+"]
        return subprocess.run(named, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603  # likewise
    except (OSError, subprocess.CalledProcessError):
        return None


def _throttling(root: Path) -> str | None:
    """Read the firmware's own file, or ask its tool where the kernel has no such file."""
    said = next((_text(path) for path in root.glob("sys/devices/platform/soc/*/get_throttled")), None)
    if said is None and shutil.which("vcgencmd"):
        asked = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True, check=False)  # noqa: S607  # found on PATH just now
        said = asked.stdout.strip().removeprefix("throttled=") if asked.returncode == 0 else None
    return explain_throttling(int(said, 16)) if said else None


def explain_throttling(bits: int) -> str:
    """Put the firmware's bits in words: what is so now, and what was since the start."""
    now = [word for bit, word in enumerate(THROTTLING) if bits >> bit & 1]
    before = [f"{word} since start" for bit, word in enumerate(THROTTLING, SINCE_START) if bits >> bit & 1]
    return ", ".join(now + before) or "none"


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip("\0\n ")
    except OSError:
        return None


def read_field(text: str, name: str) -> str | None:
    """Give the value of the first `name: value` line."""
    return next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(name)), None)
