"""`status.json`: how the service is, for programs: deployments, `make status`, monitors."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from digitcam import __version__
from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitcam.state.describe import describe_health, describe_stats
from digitcam.state.service import ServiceState
from digitcam.wire import Phase, Stats, Status, rfc3339, to_json

NAME = "status.json"
BEAT_S = 5.0
PART = "status"  # in `Health`, where it cannot be written


class StatusFile:
    """Writes the file whole into systemd's runtime directory, on change and at a slow beat; without one, nothing.

    Its age tells whether the loop still goes round. For the loop's thread.
    """

    def __init__(self, service: ServiceState, environ: Mapping[str, str] = os.environ) -> None:
        """Write to where `RUNTIME_DIRECTORY=` says: systemd.exec(5)."""
        self._service = service
        folder = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._path = Path(folder, NAME) if folder else None
        self._invocation = environ.get("INVOCATION_ID", "")
        self._said: object = None
        self._written = 0.0

    def update(self, phase: Phase, *, ready: bool) -> None:
        """Write it, if something has changed or the beat is due."""
        if not self._path:
            return
        control = self._service.control
        said = phase, ready, control.paused, control.min_confidence, self._service.health.parts()
        now = time.monotonic()
        if said == self._said and now - self._written < BEAT_S:
            return
        self._said, self._written = said, now
        status = Status(
            version=__version__,
            time=rfc3339(datetime.now(UTC)),
            pid=os.getpid(),
            invocation=self._invocation,
            ready=ready,
            phase=phase,
            health=describe_health(self._service),
            stats=describe_stats(self._service, Stats),
        )
        try:
            write_atomically(self._path, to_json(status) + b"\n", mode=0o644)
        except OutputError as error:
            self._service.health.report(PART, "fault", str(error))
        else:
            if PART in self._service.health.parts():
                self._service.health.report(PART, "ok", "is written again")
