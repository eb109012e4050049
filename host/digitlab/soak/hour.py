"""The service, run for an hour at full speed while things break around it: does it grow, leak or slow down?

What is measured is a real `digitcam run`, seen from outside: its status.json, /proc, its exit.
"""

import itertools
import math
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.errors import DigitcamError
from digitcam.wire import Status
from digitlab.soak.faults import FAULTS, Fault, Place

SAMPLE_S = 0.5
START_S = 120.0
RECOVERY_S = 120.0
WATCHDOG_S = 60.0
MOST_GROWTH_MB = 2.0
MOST_SLOWER = 1.2
KB_PER_MB = 1000 / 1.024


@dataclass(frozen=True, slots=True)
class Sample:
    """The process at one moment: seconds since the start, memory of its own in MB, threads, open descriptors."""

    seconds: float
    memory_mb: float
    threads: int
    descriptors: int


@dataclass(slots=True)
class Watched:
    """What was seen of one run.

    Attributes:
        samples: of the process, every `SAMPLE_S`.
        p99: seconds since the start, and milliseconds, as it told them; each over its newest 2048 frames.
        recovered: by fault, how many seconds it went on to tell of something wrong after each was over.
        readings: stable readings on stdout.
        told_at: when the service told of itself last.
    """

    samples: list[Sample] = field(default_factory=list)
    p99: list[tuple[float, float]] = field(default_factory=list)
    recovered: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    readings: int = 0
    told_at: str = ""

    def take(self, sample: Sample, told: Status) -> None:
        """Take note of a moment, and of what the service told then; what it told before already is nothing new."""
        self.samples.append(sample)
        if told.time != self.told_at and "total" in told.stats.latency:
            self.told_at = told.time
            self.p99.append((sample.seconds, told.stats.latency["total"].p99))

    def newest(self) -> str:
        """Say in a few words how it is."""
        p99_ms = f"{self.p99[-1][1]:.1f}" if self.p99 else "?"
        newest = self.samples[-1]
        return f"{newest.memory_mb:.1f} MB, {newest.threads} threads, {newest.descriptors} descriptors, p99 {p99_ms} ms"


def run(minutes: float, outputs: Sequence[str], python: str = sys.executable, every_s: float = 60.0) -> dict[str, Any]:
    """Let the service run and break things.

    Args:
        minutes: how long; a sixth of it is warm-up.
        outputs: which outputs are on, such as `record`, `mqtt`, `web`.
        python: of the environment that digitcam and those outputs' extras are installed in.
        every_s: seconds between two faults.

    Returns:
        JSON-ready figures, `ok` among them.

    Raises:
        DigitcamError: the service did not start, or ended by itself.
    """
    with tempfile.TemporaryDirectory(prefix="digitcam-soak-") as folder, ExitStack() as opened:
        place = Place(Path(folder))
        faults = [fault for kind in FAULTS if kind.output in {*outputs, ""} for fault in [kind(place)]]
        for fault in faults:
            opened.callback(fault.close)
        place.write_config(faults)
        with Service(place, python) as service:
            watched = _watch(service, faults, 60 * minutes, every_s)
            status = service.end()
    return _figures(watched, status, 60 * minutes)


class Service:
    """`digitcam run` in a process of its own, which is told that systemd listens."""

    def __init__(self, place: Place, python: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(place.folder / "notify"))
        environment = {"NOTIFY_SOCKET": str(place.folder / "notify"), "WATCHDOG_USEC": f"{WATCHDOG_S * 1e6:.0f}"}
        self._status = place.folder / "run" / "status.json"
        self._status.parent.mkdir()
        environment["RUNTIME_DIRECTORY"] = str(self._status.parent)
        command = [python, "-P", "-m", "digitcam", "run", "--config", str(place.config), "--json"]
        self._log = (place.folder / "log").open("w+")
        # a session of its own: it shall not end with the terminal, and reload when it is told to
        self.process = subprocess.Popen(  # noqa: S603  # ourselves
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout  # noqa: S101  # it is a pipe
        self.readings = 0
        self._reader = threading.Thread(target=self._count, args=(self.process.stdout,), daemon=True)
        self._reader.start()
        place.process = self.process

    def __enter__(self) -> Self:
        for _ in range(round(START_S / SAMPLE_S)):
            self.run(SAMPLE_S)
            if self._status.exists() and self.told().ready:
                return self
        raise DigitcamError(f"the service was not ready within {START_S:g} s")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        if self.process.stdout:
            self.process.stdout.close()
        self._log.close()
        self._socket.close()

    def run(self, seconds: float) -> None:
        """Let it run on, and take in what it tells systemd, which would wait otherwise.

        Raises:
            DigitcamError: it ended.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            with suppress(TimeoutError):
                self._socket.recv(4096)
        if self.process.poll() is not None:
            self._log.seek(0)
            raise DigitcamError(f"the service ended with {self.process.returncode}:\n{self._log.read()[-2000:]}")

    def told(self) -> Status:
        """Read what it tells of itself."""
        return msgspec.json.decode(self._status.read_bytes(), type=Status)

    def sample(self, seconds: float) -> Sample:
        """Tell how much it holds."""
        root = Path("/proc", str(self.process.pid))
        status = dict(line.split(":\t", 1) for line in (root / "status").read_text().splitlines() if ":\t" in line)
        memory_mb = int(status["RssAnon"].split()[0]) / KB_PER_MB
        return Sample(seconds, memory_mb, int(status["Threads"]), len(list((root / "fd").iterdir())))

    def end(self) -> int:
        """Stop it as systemd does; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_S)

    def _count(self, lines: IO[str]) -> None:
        for _ in lines:
            self.readings += 1


def _watch(service: Service, faults: Sequence[Fault], seconds: float, every_s: float) -> Watched:
    """Break one thing after another, each for a quarter of the time until the next, or until the next is due."""
    watched = Watched()
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("soak", total=seconds)
        began = time.monotonic()

        def now() -> float:
            return time.monotonic() - began

        def listen(until: float) -> None:
            """Take note of what it tells and what it holds until then, in seconds since the start."""
            while (left := until - now()) > 0:
                service.run(min(SAMPLE_S, left))
                watched.take(service.sample(now()), service.told())
                progress.update(task, completed=now(), description=watched.newest())

        def recovery() -> float:
            """Count the seconds until it tells of nothing wrong any more; infinite where it does not get there."""
            healed = now()
            while (took := now() - healed) < RECOVERY_S:
                listen(now() + SAMPLE_S)
                if all(part.state == "ok" for part in service.told().health.parts.values()):
                    return took
            return math.inf

        for number, fault in enumerate(itertools.cycle(faults), 1):
            listen(min(number * every_s, seconds))
            # the last one must have time to be over
            if now() > seconds - every_s:
                listen(seconds)
                break
            fault.inject()
            listen(now() + every_s / 4)
            fault.heal()
            took = recovery()
            watched.recovered[fault.name].append(took)
            progress.print(f"{now() / 60:5.1f} min  {fault.name}: well again after {took:.1f} s")
    watched.readings = service.readings
    return watched


def _figures(watched: Watched, status: int, seconds: float) -> dict[str, Any]:
    """Compare the end with what follows the first sixth, which is warm-up."""
    sixth = seconds / 6
    parts = [[s for s in watched.samples if n * sixth <= s.seconds < (n + 1) * sixth] for n in range(6)]
    memory = [statistics.median(sample.memory_mb for sample in part) for part in parts]
    first, last = parts[1], parts[-1]
    grown = memory[-1] - memory[1]
    threads, descriptors = (
        (
            int(statistics.median(getattr(s, name) for s in first)),
            int(statistics.median(getattr(s, name) for s in last)),
        )
        for name in ("threads", "descriptors")
    )
    p99_first = [ms for at, ms in watched.p99 if at < sixth] or [0.0]
    p99_last = [ms for at, ms in watched.p99 if at >= seconds - sixth] or [0.0]
    slower = statistics.median(p99_last) / max(statistics.median(p99_first), 1e-9)
    ok = grown < MOST_GROWTH_MB and threads[0] >= threads[1] and descriptors[0] >= descriptors[1]
    recovered = all(math.isfinite(max(took)) for took in watched.recovered.values())
    return {
        "ok": ok and slower <= MOST_SLOWER and status == 0 and recovered,
        "minutes": round(seconds / 60, 1),
        "readings": watched.readings,
        "recovered_s": {
            name: {"times": len(took), "longest": round(max(took), 1)} for name, took in watched.recovered.items()
        },
        "memory_mb": {"by sixths": [round(mb, 2) for mb in memory], "grown after the first": round(grown, 2)},
        "threads": threads,
        "descriptors": descriptors,
        "p99_ms": {
            "first": round(statistics.median(p99_first), 1),
            "last": round(statistics.median(p99_last), 1),
            "ratio": round(slower, 2),
        },
        "exit": status,
    }
