"""The real command, run as a person runs it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec
import pytest

from digitcam.card import ModelCard, Tensor
from digitcam.config import shipped_model

Command = Callable[..., subprocess.CompletedProcess[str]]

ENDS = Tensor((1, 28, 28, 1), "float32", 0.0, 0), Tensor((1, 10), "float32", 0.0, 0)


@pytest.fixture(scope="session")
def digitcam() -> Command:
    """Run `digitcam` with the given arguments to its end."""

    def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401  # subprocess.run's own
        command = [sys.executable, "-m", "digitcam", *map(str, arguments)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.run(command, text=True, check=False, timeout=120, **streams)

    return run


@pytest.fixture(scope="session")
def refused(digitcam: Command) -> Callable[..., str]:
    """Run `digitcam` and give the one line that it ends with, which is all it may say on stderr."""

    def run(*arguments: object, **options: Any) -> str:  # noqa: ANN401  # subprocess.run's own
        done = digitcam(*arguments, **options)
        # LiteRT itself says "INFO: ..." whatever happens
        said = [line for line in done.stderr.splitlines() if not line.startswith("INFO:")]
        assert done.returncode == 1, done
        assert len(said) == 1, done.stderr
        assert said[0].startswith("digitcam: "), done.stderr
        return said[0]

    return run


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


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Start `digitcam run` with a text as its configuration; every one is ended after the test."""
    started: list[Service] = []

    def start(config: str, *arguments: object, **options: Any) -> Service:  # noqa: ANN401  # subprocess.Popen's own
        path = tmp_path / "digitcam.toml"
        path.write_text(config)
        options["env"] = {**os.environ, **options.get("env", {})}
        program = options.pop("program", ["-m", "digitcam", "run"])
        running = Service([sys.executable, *program, "--config", str(path), *map(str, arguments)], **options)
        started.append(running)
        return running

    yield start
    for running in started:
        running.__exit__(None, None, None)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the shipped model and its card, to be damaged."""
    model = Path(shipped_model())
    shutil.copy(model.with_suffix(".json"), tmp_path)
    return Path(shutil.copy(model, tmp_path))


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one of the models of `models/`, with a card of its own that says it fits."""

    def copy(name: str) -> Path:
        model = Path(shutil.copy(Path(__file__).parent / "models" / f"{name}.tflite", tmp_path))
        card = ModelCard(sha256(model.read_bytes()).hexdigest(), *ENDS)
        model.with_suffix(".json").write_bytes(msgspec.json.encode(card))
        return model

    return copy
