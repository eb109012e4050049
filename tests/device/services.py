"""A service that a test starts, listens to and ends."""

import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Any, Self


class Service:
    """A process without a terminal, whose lines are waited for."""

    def __init__(self, command: Sequence[str], **options: Any) -> None:  # noqa: ANN401  # subprocess.Popen's own
        self.process = subprocess.Popen(
            command, text=True, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
        )
        self.lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._told = {"stdout": 0, "stderr": 0}
        self._changed = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(name, getattr(self.process, name)), daemon=True)
            for name in self.lines
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            # a process that should have ended and did not fails its test and does not hang it
            self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()
        for name in self.lines:
            getattr(self.process, name).close()

    def wait_for(self, pattern: str, stream: str = "stderr", seconds: float = 60) -> str:
        """The next line of a stream that the pattern is found in."""
        with self._changed:
            found: list[str] = []

            def look() -> bool:
                while self._told[stream] < len(self.lines[stream]):
                    line = self.lines[stream][self._told[stream]]
                    self._told[stream] += 1
                    if re.search(pattern, line):
                        found.append(line)
                        return True
                return False

            assert self._changed.wait_for(look, seconds), f"no {pattern!r} in {self.lines[stream][-20:]}"
            return found[0]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; its exit status."""
        self.send(number)
        return self.process.wait(timeout=60)

    def _read(self, name: str, stream: IO[str]) -> None:
        for line in stream:
            with self._changed:
                self.lines[name].append(line.rstrip("\n"))
                self._changed.notify()
