"""How the service is, as one line of JSON: a program in itself, which changes nothing."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

HOME = Path("/opt/digitcam")
STATUS = Path("/run/digitcam/status.json")
PROPERTIES = "ActiveState,SubState,InvocationID"


def main() -> None:
    """Print it."""
    current, previous = HOME / "current", HOME / "previous"
    print(
        json.dumps(
            {
                "release": current.resolve().name if current.exists() else "",
                "previous": previous.resolve().name if previous.exists() else "",
                "about": content(current / "whole.json"),
                "unit": unit(),
                "status": content(STATUS),
                "temperature_c": temperature(),
                "throttled": throttled(),
                "addresses": addresses(),
            }
        )
    )


def content(path: Path) -> dict[str, Any]:
    """Read what a release, or the service, says of itself; empty where it does not."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def said(*command: str) -> str:
    """Take what a program prints; empty where it fails or is not there."""
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    return done.stdout.strip() if done.returncode == 0 else ""


def unit() -> dict[str, str]:
    """Ask systemd of it."""
    lines = said("systemctl", "show", "digitcam.service", f"--property={PROPERTIES}").splitlines()
    return dict(line.partition("=")[::2] for line in lines)


def addresses() -> list[str]:
    """Tell where its page is; empty where it is off."""
    return said(str(HOME / "current/bin/digitcam"), "address").split()


def temperature() -> float | None:
    """Measure degrees Celsius of the hottest place that the kernel knows; None where it measures none."""
    zones = [int(path.read_text(encoding="utf-8")) for path in Path("/sys/class/thermal").glob("thermal_zone*/temp")]
    return max(zones) / 1000 if zones else None


def throttled() -> int | None:
    """Read the bits of the Pi's firmware; None where there is no such firmware."""
    for path in Path("/sys/devices/platform/soc").glob("*/get_throttled"):
        return int(path.read_text(encoding="utf-8"), 16)
    words = said("vcgencmd", "get_throttled").partition("=")[2]
    return int(words, 16) if words else None


main()
