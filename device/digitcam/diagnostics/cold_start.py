"""What new processes take: time from nothing to a reading, and memory at their most."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from digitcam.errors import DigitcamError
from digitcam.system_info import read_field

STARTS = 7  # processes of each kind, whose median counts
KIB_PER_MB = 1000 / 1.024
STATUS = "print(open('/proc/self/status').read())"
READ = f"import sys; from digitcam.cli.main import main; main(sys.argv[1:]); {STATUS}"


def measure_cold_start(
    read: Sequence[str], imports: Sequence[str], settings: Mapping[str, str] | None = None
) -> dict[str, float]:
    """Measure the median seconds from nothing to a reading, and to the imports alone that no reader can do without.

    Args:
        read: what Python is started with to read one picture.
        imports: the same to import NumPy, OpenCV and the runtime.
        settings: of digitcam, as the environment has them.

    Raises:
        DigitcamError: a process failed.
    """
    seconds: dict[str, list[float]] = {"imports": [], "read": []}
    for _ in range(STARTS):
        for name, arguments in (("imports", imports), ("read", read)):
            began = time.perf_counter()
            _process(arguments, settings)
            seconds[name].append(time.perf_counter() - began)
    ours, floor = statistics.median(seconds["read"]), statistics.median(seconds["imports"])
    return {"read_s": round(ours, 3), "imports_s": round(floor, 3), "ratio": round(ours / floor, 2)}


def measure_memory(read: Sequence[str], imports: str, settings: Mapping[str, str]) -> dict[str, float]:
    """Give the most memory, in MB: of the imports alone, of a process that reads one picture, and of this one.

    Args:
        read: the words after `digitcam` to read one picture.
        imports: Python that imports NumPy, OpenCV and the runtime.
        settings: of digitcam, as the environment has them.

    Raises:
        DigitcamError: a process failed.
    """
    return {
        "imports": read_peak_mb(_process(["-c", f"{imports}; {STATUS}"])),
        "read": read_peak_mb(_process(["-c", READ, *read], settings)),
        "bench": read_peak_mb(Path("/proc/self/status").read_text(encoding="utf-8")),
    }


def read_peak_mb(status: str) -> float:
    """Give the most memory that a process held, in MB, from its /proc/PID/status.

    Not from `getrusage`: what that gives for a new process includes the peak of the one that started it.
    """
    return round(int((read_field(status, "VmHWM") or "0").split()[0]) / KIB_PER_MB, 1)


def _process(arguments: Sequence[str], settings: Mapping[str, str] | None = None) -> str:
    """Run Python to its end; what it printed."""
    environment = {**os.environ, **(settings or {})}
    command = [sys.executable, "-P", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603  # ourselves
    if done.returncode:
        raise DigitcamError(f"a process started for its cold start failed: {done.stderr.strip() or done.returncode}")
    return done.stdout
