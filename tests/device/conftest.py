"""The real command, run as a person runs it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from digitcam.config import shipped_finder, shipped_model
from digitcam.model.card import Contract, ModelCard, Tensor
from services import Service

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
def finder_file(tmp_path: Path) -> Path:
    """A copy of the shipped finder and its card, likewise."""
    model = Path(shipped_finder())
    shutil.copy(model.with_suffix(".json"), tmp_path)
    return Path(shutil.copy(model, tmp_path))


@pytest.fixture
def bare(tmp_path: Path) -> Callable[..., Path]:
    """A copy of one of the models of `models/` without a card, with such labels beside it."""

    def copy(name: str, *labels: str) -> Path:
        model = Path(shutil.copy(Path(__file__).parent / "models" / f"{name}.tflite", tmp_path))
        if labels:
            model.with_suffix(".txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
        return model

    return copy


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """A copy of one of the models of `models/`, with a card of its own that says it fits, and its contract."""

    def copy(name: str, **contract: Any) -> Path:  # noqa: ANN401  # `Contract`'s own
        model = Path(shutil.copy(Path(__file__).parent / "models" / f"{name}.tflite", tmp_path))
        card = ModelCard(sha256(model.read_bytes()).hexdigest(), *ENDS, contract=Contract(**contract))
        model.with_suffix(".json").write_bytes(msgspec.json.encode(card))
        return model

    return copy
