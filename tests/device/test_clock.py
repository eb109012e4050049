"""The wall clock may be set while it runs, as it is on every Pi when the network comes up."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import Service

Start = Callable[..., Service]

LIBRARIES = "faketime/libfaketimeMT.so.1"


@pytest.fixture(scope="session")
def faketime() -> Path:
    """Debian's libfaketime, which gives a process a clock of its own; installed where that may be done."""
    if not list(Path("/usr/lib").glob(f"*/{LIBRARIES}")) and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-qq", "-y", "faketime"], check=False, capture_output=True)
    found = list(Path("/usr/lib").glob(f"*/{LIBRARIES}"))
    if not found:
        pytest.skip("no libfaketime; sudo apt install faketime")
    return found[0]


def test_a_clock_that_jumps_changes_the_time_of_readings_and_nothing_else(
    faketime: Path, service: Start, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    environment = {
        "LD_PRELOAD": str(faketime),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        # clock_settime(2) sets the wall clock and leaves the monotonic one
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    kept = tmp_path / "kept"
    record = f'[camera]\nsource = "replay:demo"\n[record]\nfolder = "{kept}"\nmin_free_mb = 0\nmax_days = 1000\n'
    running = service(record, "--json", env=environment)
    running.wait_for(r"\d", "stdout")
    for offset, shift in (("+400d", 400), ("-400d", -400)):
        clock.write_text(f"{offset}\n")
        line = running.wait_for(_year(shift), "stdout")
        # the page is still read as before, each once, by a clock that only goes on
        again = running.wait_for(r"\d", "stdout")
        assert line.partition('"text"')[2] != again.partition('"text"')[2]
    assert running.end() == 0
    summary = "\n".join(running.lines["stderr"])
    assert "Traceback" not in summary
    assert "fault" not in summary
    # no wait and no latency of days
    total = next(line for line in running.lines["stderr"] if line.startswith("total"))
    assert all(0 < float(ms) < 60_000 for ms in total.split()[1:])


def _year(days: int) -> str:
    """A pattern for the time of a line that was written so many days from now."""
    return datetime.fromtimestamp(datetime.now(UTC).timestamp() + 86400 * days, UTC).strftime('"time": "%Y-%m')
