"""What the service on the Pi logged, and how systemd sees it."""

import json
import time
from collections.abc import Callable

from pi.machine import Machine

WAIT_S = 600  # seconds that the service is given to read: some 20 on idle cores


class Journal:
    """The service on the Pi, as one looks at it there."""

    def __init__(self, pi: Machine) -> None:
        self._pi = pi

    def texts(self) -> list[str]:
        """What was read since the Pi was switched on, oldest first."""
        lines = self._pi.ssh("sudo journalctl -b -u digitcam -o cat --no-pager").stdout.splitlines()
        return [str(json.loads(line)["text"]) for line in lines if line.startswith("{")]

    def read(self, text: str) -> None:
        """Wait until this is the newest reading."""
        end = time.monotonic() + WAIT_S
        while (texts := self.texts())[-1:] != [text]:
            assert time.monotonic() < end, texts
            time.sleep(1)

    def show(self, name: str) -> str:
        """A property of the service."""
        return self._pi.ssh(f"systemctl show digitcam --property={name} --value").stdout.strip()

    def current(self) -> str:
        """The release that runs, and only where it does."""
        assert self.show("ActiveState") == "active"
        return self._pi.ssh("basename $(readlink -f /opt/digitcam/current)").stdout.strip()

    def wait_until_it_reads(self) -> float:
        """Wait until the service tells that frames are read; how long that took, in seconds."""
        began = time.monotonic()
        while not self._rate():
            assert time.monotonic() < began + WAIT_S, "it does not read"
            time.sleep(0.5)
        return time.monotonic() - began

    def _rate(self) -> float:
        """Frames read a second, as the service itself tells; 0 where it tells nothing."""
        said = self._pi.ssh("cat /run/digitcam/status.json", check=False).stdout
        return float(json.loads(said)["stats"]["rate"]) if said else 0.0

    def wait(self, name: str, wanted: Callable[[str], bool]) -> float:
        """Wait until a property is as wanted; how long that took, in seconds."""
        began = time.monotonic()
        while not wanted(value := self.show(name)):
            assert time.monotonic() < began + WAIT_S, f"{name} is {value}"
            time.sleep(0.5)
        return time.monotonic() - began
