"""What works and what does not, part by part, where an operator looks: page, broker, journal, `systemctl status`."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from digitcam.redact import redact

State = Literal["ok", "note", "fault"]

LEVELS: Mapping[State, int] = {"ok": logging.INFO, "note": logging.WARNING, "fault": logging.ERROR}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """How one part of the service is.

    Attributes:
        state: `ok`; `note`: works, but is worth knowing; `fault`: does not work.
        text: what is there or what is wrong, and what to do: one line.
        since: when it became so, UTC.
    """

    state: State
    text: str
    since: datetime


class Health:
    """The state of every part; any thread may report and ask.

    The parts are `camera`, `finder`, `model`, `reading`, `mqtt`, `web`, `record`, `config`, and, once one could not be
    read, `pictures`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[str, Part] = {}

    def report(self, part: str, state: State, text: str) -> None:
        """Say how a part is, without passwords; what is news is logged, what was said before is not."""
        text = redact(text)
        with self._lock:
            before = self._parts.get(part)
            if before and (before.state, before.text) == (state, text):
                return
            since = before.since if before and before.state == state else datetime.now(UTC)
            self._parts[part] = Part(state, text, since)
        log.log(LEVELS[state], "%s: %s", part, text)

    def parts(self) -> dict[str, Part]:
        """Give every part that was reported, in the order of their first report."""
        with self._lock:
            return dict(self._parts)

    def faults(self) -> dict[str, Part]:
        """Give those that do not work."""
        return {name: part for name, part in self.parts().items() if part.state == "fault"}
