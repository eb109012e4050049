"""The service, as systemd sees it, and as it tells of itself."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from digitlab.deploy.onpi.layout import PROGRAM, UNIT, Layout
from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.tell import tell
from digitlab.deploy.onpi.told import Told, read, told
from digitlab.deploy.onpi.whole import leads, point

PROPERTIES = "ActiveState,SubState,NRestarts,Result,ExecMainStatus,InvocationID"
POLL_S = 0.5
# The service tells of itself every five seconds, so that after so many the newest is of a service that was ready.
SETTLE_S = 6.0


@dataclass(frozen=True, slots=True)
class State:
    """What `systemctl show` says, by its names; and what this start of the service tells, once it does."""

    active: str
    sub: str
    restarts: int
    result: str
    exit_status: str
    invocation: str
    told: Told | None

    @property
    def well(self) -> bool:
        """Whether it is ready, and reads, or waits for its camera."""
        return self.active == "active" and self.told is not None and self.told.well


def state(layout: Layout) -> State:
    """Ask systemd and the service; a unit that systemd does not know is inactive."""
    said = run(["systemctl", "show", UNIT, f"--property={PROPERTIES}"], what="ask systemd")
    value = dict(line.partition("=")[::2] for line in said.splitlines())
    invocation = value.get("InvocationID", "")
    return State(
        value.get("ActiveState", "inactive"),
        value.get("SubState", "dead"),
        int(value.get("NRestarts") or 0),
        value.get("Result", ""),
        value.get("ExecMainStatus", ""),
        invocation,
        told(read(layout.status), invocation),
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the service is not well.

    Attributes:
        text: in words.
        invocation: which of its starts that was, as the journal knows it; empty where it never started.
    """

    text: str
    invocation: str


def start(layout: Layout, wait_s: float) -> Fault | None:
    """Start what `current` points to, at boot too, and watch it; see `restart`."""
    for link, target in _links(layout):
        if link == layout.command and os.path.lexists(link) and not leads(link, target):
            tell(f"{link}: is not ours, and left as it is; {target} is the program")
        elif not leads(link, target):
            link.parent.mkdir(parents=True, exist_ok=True)
            point(link, target)
    run(["systemctl", "daemon-reload"], what="have systemd read the unit")
    return restart(layout, wait_s)


def restart(layout: Layout, wait_s: float) -> Fault | None:
    """Start the unit, again where it runs, and watch it until it is well, or is not.

    Well is: ready, not started again meanwhile, and reading, or waiting for its camera.
    """
    before = state(layout).invocation
    run(["systemctl", "reset-failed", UNIT], what="forget an earlier failure")
    run(["systemctl", "--no-block", "restart", UNIT], what="start the service")
    return _watch(layout, before, wait_s)


def _watch(layout: Layout, before: str, wait_s: float) -> Fault | None:
    deadline = time.monotonic() + wait_s
    ready_at: float | None = None
    while True:
        time.sleep(POLL_S)
        now, seen = time.monotonic(), state(layout)
        if seen.invocation != before:
            wrong = _wrong(seen)
            if wrong:
                return Fault(wrong, seen.invocation)
            if seen.active == "active":
                ready_at = ready_at or now
                if seen.well and now - ready_at >= SETTLE_S:
                    return None
        if now > deadline:
            lacks = "read nothing" if seen.active == "active" else f"was not ready ({seen.active})"
            said = f": {seen.told}" if seen.told else ""
            return Fault(f"{lacks} within {wait_s:.0f} s{said}", seen.invocation if seen.invocation != before else "")


def _wrong(seen: State) -> str:
    """Say why there is no use in waiting; empty where there is."""
    if seen.restarts or seen.sub in {"auto-restart", "failed"}:
        return f"ended soon after its start ({seen.result}, exit status {seen.exit_status})"
    if seen.active == "inactive" and seen.invocation:
        return "ended by itself: does camera.source have an end?"
    return ""


def stop(layout: Layout) -> None:
    """Stop it, now and at boot, and let systemd forget it."""
    if state(layout).active != "inactive":
        run(["systemctl", "stop", UNIT], what="stop the service")
    for link, target in reversed(_links(layout)):
        if leads(link, target):
            link.unlink()
    run(["systemctl", "daemon-reload"], what="have systemd forget the unit")
    if state(layout).active == "failed":
        run(["systemctl", "reset-failed", UNIT], what="have systemd forget the failure")


def _links(layout: Layout) -> list[tuple[Path, Path]]:
    """List what leads to the current release from outside, and where each points."""
    program = layout.current / PROGRAM
    return [(layout.unit, layout.current / UNIT), (layout.wanted, layout.unit), (layout.command, program)]


def journal(invocation: str, lines: int = 15) -> str:
    """Show the last lines of one of its starts: its own, and what systemd said of it."""
    subprocess.run(["journalctl", "--sync"], capture_output=True, check=False)  # noqa: S607  # systemd's own
    of_it = [f"_SYSTEMD_INVOCATION_ID={invocation}", "+", f"INVOCATION_ID={invocation}"]
    command = ["journalctl", f"--lines={lines}", "--no-pager", "--quiet", "--output=cat", *of_it]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.rstrip()  # noqa: S603  # ours
