"""The TFLite runtime that is installed: tflite-runtime, or its successor LiteRT where that no longer installs."""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from digitcam.errors import ModelError, RuntimeMissingError

# distribution -> module with the Interpreter class
RUNTIMES = {"tflite-runtime": "tflite_runtime.interpreter", "ai-edge-litert": "ai_edge_litert.interpreter"}


class Interpreter(Protocol):
    """The part of both runtimes' interpreter that we use."""

    def allocate_tensors(self) -> None:
        """Make it ready to run."""

    def get_input_details(self) -> list[dict[str, Any]]:
        """Index, shape, dtype and quantization of each input."""

    def get_output_details(self) -> list[dict[str, Any]]:
        """Index, shape, dtype and quantization of each output."""

    def set_tensor(self, tensor_index: int, value: Any) -> None:  # noqa: ANN401  # any array
        """Copy an input in."""

    def get_tensor(self, tensor_index: int) -> Any:  # noqa: ANN401  # any array
        """Copy an output out."""

    def invoke(self) -> None:
        """Run once."""


class RuntimeInfo(NamedTuple):
    """What reads the digits.

    Attributes:
        name: the distribution, `tflite-runtime` or `ai-edge-litert`.
        version: its version.
        device: `CPU` or `Edge TPU`.
        note: why it is not the Edge TPU, else empty.
        fallback: whether a Coral is plugged in and yet not used.
    """

    name: str
    version: str
    device: str = "CPU"
    note: str = ""
    fallback: bool = False


def installed() -> RuntimeInfo:
    """Which runtime is installed.

    Raises:
        RuntimeMissingError: none is.
    """
    for name in RUNTIMES:
        try:
            return RuntimeInfo(name, version(name))
        except PackageNotFoundError:
            continue
    raise RuntimeMissingError(
        "no TFLite runtime is installed; install digitcam with pip, which picks the one for this Python "
        "(tflite-runtime up to Python 3.11, ai-edge-litert from 3.12)"
    )


def open_interpreter(model: bytes, *, threads: int = 1, delegate: str | None = None) -> Interpreter:
    """Make an interpreter ready to run.

    Args:
        model: the content of a .tflite file.
        threads: used on the CPU.
        delegate: a shared library to run the model on, `libedgetpu.so.1`; None for the CPU.

    Raises:
        RuntimeMissingError: no runtime is installed, or it does not work with the installed NumPy.
        ModelError: the runtime cannot load the model, or the delegate.
    """
    module = _import(installed())
    try:
        with muted():  # LiteRT tells on stderr that it works
            delegates = [module.load_delegate(delegate)] if delegate else []
            interpreter: Interpreter = module.Interpreter(
                model_content=model, num_threads=threads, experimental_delegates=delegates
            )
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError, OSError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ModelError(f"{installed().name} {installed().version} cannot load the model: {reason}") from error
    return interpreter


def _import(runtime: RuntimeInfo) -> ModuleType:
    try:
        return importlib.import_module(RUNTIMES[runtime.name])
    except (ImportError, AttributeError) as error:
        raise RuntimeMissingError(
            f"{runtime.name} {runtime.version} does not work here: {error}; tflite-runtime needs NumPy < 2"
        ) from error


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Drop what native code prints on stdout and stderr; errors come as exceptions, which pass."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {stream: os.dup(stream) for stream in (1, 2)}
    with Path(os.devnull).open("wb") as nowhere:
        try:
            for stream in kept:
                os.dup2(nowhere.fileno(), stream)
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for stream, copy in kept.items():
                os.dup2(copy, stream)
                os.close(copy)
