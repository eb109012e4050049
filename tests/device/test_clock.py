"""The wall clock may be set while it runs, as it is on every Pi when the network comes up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.needs import NEEDS, find, need

from digitcam.outputs.record import RecordConfig
from digitcam.outputs.record.retention import BoundedFolder
from services import Service

Start = Callable[..., Service]


@pytest.fixture(scope="session")
def faketime() -> Path:
    """Debian's libfaketime, which gives a process a clock of its own."""
    need("faketime")
    return Path(find(NEEDS["faketime"].places[0]))


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


@pytest.mark.parametrize(("year", "note"), [("2038", "the clock leapt from 20"), ("1970", "the clock says 1970-01-")])
def test_a_start_under_a_wrong_clock_drops_nothing_that_was_kept(
    year: str, note: str, faketime: Path, service: Start, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    ring = BoundedFolder(RecordConfig(folder=str(kept), min_free_mb=0))
    now = datetime.now(UTC)
    for days in range(20):
        ring.keep(str(days), now - timedelta(days=days), 99, {"frame.png": b""})
    before = set(kept.glob("*/*"))
    assert len(before) == 20
    record = f'[camera]\nsource = "replay:demo"\n[record]\nfolder = "{kept}"\nmin_free_mb = 0\n'
    wrong = {"LD_PRELOAD": str(faketime), "FAKETIME": f"@{year}-01-02 03:04:05", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    running = service(record, env=wrong)
    running.wait_for(note, "stderr")
    running.wait_for(r"\d", "stdout")
    # until it has kept some of its own
    running.wait_for(r"\d", "stdout")
    assert running.end() == 0
    assert before < set(kept.glob("*/*"))
    # and under the right clock again what was kept under the wrong one is not too old, either
    all_of_it = set(kept.glob("*/*"))
    running = service(record)
    running.wait_for(r"\d", "stdout")
    assert running.end() == 0
    assert all_of_it <= set(kept.glob("*/*"))
