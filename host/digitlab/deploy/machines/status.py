"""How the service on a machine is."""

from typing import Any

import msgspec

from digitcam.system_info import explain_throttling
from digitlab.deploy.onpi.told import Told, told


class Status(msgspec.Struct, frozen=True):
    """What `onpi/ask.py` prints.

    Attributes:
        release: the current one; empty where nothing is deployed.
        previous: the one before; empty where there is none.
        about: what the release says of itself: version, model, environment.
        unit: systemd's properties, by their names.
        status: what the service tells of itself, as `digitcam.wire.Status` has it; empty where it does not run.
        temperature_c: degrees Celsius; None where it is not measured.
        throttled: the firmware's bits; None where there are none.
        addresses: of its page; none where that is off.
    """

    release: str
    previous: str
    about: dict[str, Any]
    unit: dict[str, str]
    status: dict[str, Any]
    temperature_c: float | None
    throttled: int | None
    addresses: tuple[str, ...]

    def page(self) -> str:
        """Tell where to look at it, and what it reads from."""
        camera = self._told.source if self._told else "camera: not told"
        if not self.addresses:
            return f"its page is off (web.enabled in /etc/digitcam.toml); {camera}"
        return f"{' or '.join(self.addresses)} (password: `sudo digitcam password` there); {camera}"

    def reads(self) -> bool:
        """Tell whether readings come."""
        told = self._told
        is_active = bool(self.release) and self.unit.get("ActiveState") == "active"
        return is_active and told is not None and told.well and not told.waits

    def row(self) -> dict[str, str]:
        """Tell in words what an operator wants to know."""
        if not self.release:
            return {"health": "nothing is deployed"}
        told = self._told
        state = (
            "reads" if self.reads() else f"{self.unit.get('ActiveState', 'unknown')} ({self.unit.get('SubState', '')})"
        )
        said = [told.source, *told.rest] if told else ["it tells nothing"]
        return {
            "release": f"{self.release} ({self.about.get('version', '?')})",
            "health": "; ".join(said if told and told.waits else [state, *said]),
            "rate": f"{told.rate:.3g}/s" if told else "-",
            "latency": f"{told.latency_ms:.1f} ms" if told and told.latency_ms is not None else "-",
            "temperature": "not told" if self.temperature_c is None else f"{self.temperature_c:.1f} C",
            "throttling": "not told" if self.throttled is None else explain_throttling(self.throttled),
        }

    @property
    def _told(self) -> Told | None:
        return told(self.status, self.unit.get("InvocationID", ""))
