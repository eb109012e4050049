"""How the service on a machine is."""

import re
from typing import Any

import msgspec

from digitcam.system_info import explain_throttling

CAMERA = ("camera: ", "waits for its camera: ")
RATE = re.compile(r"(?P<rate>[\d.]+) readings a second(?:, (?P<latency>[\d.]+ ms) each)?")


class Status(msgspec.Struct, frozen=True):
    """What `onpi/ask.py` prints.

    Attributes:
        release: the current one; empty where nothing is deployed.
        previous: the one before; empty where there is none.
        about: what the release says of itself: version, model, environment.
        unit: systemd's properties, by their names.
        temperature_c: degrees Celsius; None where it is not measured.
        throttled: the firmware's bits; None where there are none.
        addresses: of its page; none where that is off.
    """

    release: str
    previous: str
    about: dict[str, Any]
    unit: dict[str, str]
    temperature_c: float | None
    throttled: int | None
    addresses: tuple[str, ...]

    def page(self) -> str:
        """Where to look at it, and what it reads from."""
        said = self.unit.get("StatusText", "").split("; ")
        camera = next((part for part in said if part.startswith(CAMERA)), "camera: not told")
        if not self.addresses:
            return f"its page is off (web.enabled in /etc/digitcam.toml); {camera}"
        return f"{' or '.join(self.addresses)} (password: `sudo digitcam password` there); {camera}"

    def row(self) -> dict[str, str]:
        """What an operator wants to know, in words."""
        if not self.release:
            return {"health": "nothing is deployed"}
        said = self.unit.get("StatusText", "")
        found = RATE.search(said)
        rest = said.partition("; ")[2]
        active = self.unit.get("ActiveState", "unknown")
        well = active == "active" and found and float(found["rate"]) > 0
        state = "reads" if well else f"{active} ({self.unit.get('SubState', '')})"
        if said.startswith(CAMERA[1]):
            state, rest = said, ""
        return {
            "release": f"{self.release} ({self.about.get('version', '?')})",
            "health": "; ".join(filter(None, [state, rest])),
            "rate": f"{found['rate']}/s" if found else "-",
            "latency": (found["latency"] if found else None) or "-",
            "temperature": "not told" if self.temperature_c is None else f"{self.temperature_c:.1f} C",
            "throttling": "not told" if self.throttled is None else explain_throttling(self.throttled),
        }
