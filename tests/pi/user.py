"""Whoever sits at the workstation and types `make deploy PI=...`."""

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.pi.journal import WAIT_S

from pi.image import REPOSITORY
from pi.machine import Machine


@dataclass(frozen=True, slots=True)
class Task:
    """How a task of the Makefile went."""

    status: int
    said: str
    seconds: float


class User:
    """Types, and reads what comes."""

    def __init__(self, pi: Machine) -> None:
        self._pi = pi

    def command(self, task: str, *flags: str) -> list[str]:
        """What is typed; the host key is known beforehand, and no other is taken."""
        door = f"--key={self._pi.key} --known-hosts={self._pi.known_hosts} --host-keys=known"
        return ["make", task, f"PI=pi@127.0.0.1:{self._pi.port}", f"FLAGS={door} {shlex.join(flags)}"]

    def make(self, task: str, *flags: str) -> Task:
        """Run a task to its end."""
        return _run(self.command(task, *flags), REPOSITORY)

    def deploy(self, *flags: str) -> Task:
        """Deploy, with the timeouts that an emulated machine asks for."""
        return self.make("deploy", f"--wait={WAIT_S}", *flags)

    def sees_it_read(self) -> Task:
        """Ask for its status until that is well: an emulated Pi on a busy machine may pause for seconds."""
        end = time.monotonic() + WAIT_S
        while (task := self.make("status")).status:
            assert time.monotonic() < end, task.said
        return task

    def deploy_from(self, checkout: Path, *flags: str) -> Task:
        """Deploy another checkout than this."""
        command = [sys.executable, "-m", "digitlab.deploy", "deploy", f"pi@127.0.0.1:{self._pi.port}"]
        door = [f"--key={self._pi.key}", f"--known-hosts={self._pi.known_hosts}", "--host-keys=known"]
        path = f"{checkout / 'device'}:{checkout / 'host'}"
        return _run([*command, *door, *flags], checkout, {"PYTHONPATH": path})


def _run(command: list[str], where: Path, environ: dict[str, str] | None = None) -> Task:
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=where,
        env={**os.environ, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return Task(done.returncode, done.stdout, time.monotonic() - began)
