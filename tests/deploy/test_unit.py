"""The unit, as systemd itself judges it."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.needs import find, need

UNIT = Path("systemd/digitcam.service")
LARGEST_EXPOSURE = 2.0


@pytest.fixture(scope="module")
def analyze() -> str:
    """Path of systemd-analyze, which Debian has in the package systemd."""
    need("systemd")
    return find("systemd-analyze")


def test_it_is_hardened(analyze: str) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=yes", "--no-pager", UNIT], capture_output=True, text=True, check=True
    )
    exposure = re.search(r"Overall exposure level for digitcam.service: ([\d.]+)", done.stdout)
    assert exposure, done.stdout
    assert float(exposure[1]) <= LARGEST_EXPOSURE, done.stdout


def test_systemd_finds_no_fault_in_it(analyze: str, tmp_path: Path) -> None:
    program = tmp_path / "digitcam"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/digitcam/current/bin/digitcam", str(program)))
    done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_verify_would_find_a_fault(analyze: str, tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("WatchdogSec=", "WachdogSec="))
    done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert "WachdogSec" in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "WatchdogSec=120",
        "Restart=on-failure",
        "DynamicUser=yes",
        "SupplementaryGroups=video plugdev",
        "StateDirectory=digitcam",
        "ExecStart=/opt/digitcam/current/bin/digitcam run --config /etc/digitcam.toml --json",
    ],
)
def test_what_others_rely_on(line: str) -> None:
    assert line in UNIT.read_text().splitlines()


@pytest.mark.parametrize("device", ["char-video4linux", "char-media", "char-dma_heap", "/dev/vcio", "char-usb_device"])
def test_cameras_and_coral_may_be_opened(device: str) -> None:
    assert f"DeviceAllow={device} rw" in UNIT.read_text().splitlines()
