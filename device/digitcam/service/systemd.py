"""What systemd is told: that the service is ready, alive, reloading, stopping, and how it is.

The protocol is one datagram a message, so it needs no library:
https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import os
import socket
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from digitcam.service.status import StatusFile
from digitcam.state.health import Part
from digitcam.state.service import ServiceState
from digitcam.wire import Phase

STATUS_S = 5.0


class Notifier:
    """Speaks to `$NOTIFY_SOCKET`, and keeps `status.json`; says nothing where there is neither. For the loop's thread.

    It is ready from the first frame that was dealt with, or as soon as it is known that its camera is away, which is
    told and waited for. It is alive as long as the loop goes round: a reader that is stuck for `WatchdogSec=` ends in
    a restart, and so does a camera that only a new process can free.
    """

    def __init__(self, service: ServiceState, environ: Mapping[str, str] = os.environ) -> None:
        """Speak where the environment says."""
        self._service = service
        address = environ.get("NOTIFY_SOCKET", "")
        # a leading @ stands for the zero byte of an abstract socket
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if address else None
        self._every_s = _watchdog_s(environ) / 2
        self._file = StatusFile(service, environ)
        self._file.update("starting", ready=False)
        self._ready = False
        self._fed = self._told = 0.0
        self._said: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.update("stopping", ready=self._ready)
        self._send("STOPPING=1", "STATUS=ends")
        if self._socket:
            self._socket.close()

    def frame(self) -> None:
        """Take note of a frame that was dealt with."""
        self._be_ready()
        self.idle()

    def idle(self, *, is_stuck: bool = False) -> None:
        """Tell how things are though nothing was dealt with: now and then, and at once what is wrong.

        Args:
            is_stuck: whether a restart is wanted.
        """
        health = self._service.health.parts()
        is_away = "camera" in health and health["camera"].state == "fault"
        if is_away:
            # all else works, and whoever waits for this service would wait for a person with a cable
            self._be_ready()
        self._file.update(self._phase(is_away=is_away), ready=self._ready)
        if not self._socket:
            return
        parts = _told(health, is_away=is_away)
        now = time.monotonic()
        if self._every_s and not is_stuck and now - self._fed >= self._every_s:
            self._fed = now
            self._send("WATCHDOG=1")
        if parts != self._said or now - self._told >= STATUS_S:
            self._said, self._told = parts, now
            self._send("STATUS=" + "; ".join(parts if is_away else [self._pace(), *parts]).replace("\n", " "))

    def reloading(self) -> None:
        """Say that the configuration is being read again."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def reloaded(self) -> None:
        """Say that it was read, or that the old one is kept."""
        if self._ready:
            self._send("READY=1")

    def _be_ready(self) -> None:
        if not self._ready:
            self._ready = True
            self._send("READY=1")

    def _phase(self, *, is_away: bool) -> Phase:
        if is_away:
            return "waiting"
        if self._service.control.paused:
            return "paused"
        return "reading" if self._ready else "starting"

    def _pace(self) -> str:
        latency = self._service.stats.latency_of("total")
        seen = self._service.stats.rate()
        # less than one in a second is no 0.0
        rate = f"{seen:.{1 if seen >= 1 or not seen else 3}f} readings a second"
        return f"{rate}, {latency.p50:.1f} ms each, p99 {latency.p99:.1f} ms" if latency else rate

    def _send(self, *lines: str) -> None:
        if self._socket:
            try:
                self._socket.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, self._address)
            except OSError:
                # systemd restarts itself, and its queue may be full; the watchdog tells what this cannot
                return


def _told(health: Mapping[str, Part], *, is_away: bool) -> list[str]:
    """Give the camera, always and first, and whatever else does not work or is worth knowing."""
    camera = health.get("camera")
    name = "waits for its camera" if is_away else "camera"
    others = (f"{name}: {part.text}" for name, part in health.items() if part.state != "ok" and part is not camera)
    return [*([f"{name}: {camera.text}"] if camera else []), *others]


def _watchdog_s(environ: Mapping[str, str]) -> float:
    """Give the seconds within which systemd wants to hear of this process; 0 where it does not."""
    text, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not text.isdecimal() or (pid and pid != str(os.getpid())):
        return 0.0
    return int(text) / 1e6
