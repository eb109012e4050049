"""The TFLite runtime: tflite-runtime, or its successor LiteRT, which is the only one from Python 3.12 on."""

import contextlib
import importlib
import os
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from digitcam.config import Runtime
from digitcam.errors import ModelError, RuntimeMissingError

# distribution -> module with the Interpreter class
RUNTIMES = {"tflite-runtime": "tflite_runtime.interpreter", "ai-edge-litert": "ai_edge_litert.interpreter"}

NAMES: dict[Runtime, str] = {"tflite-runtime": "tflite-runtime", "litert": "ai-edge-litert"}
UNKNOWN_OPERATION = re.compile(r"Didn't find op for builtin opcode '(\w+)' version '(\d+)'")
FOREIGN_OPERATION = re.compile(r"Select TensorFlow op|custom op", re.IGNORECASE)
REMEDY = "convert it, or copy it here, again"  # for a damaged file


class Interpreter(Protocol):
    """The part of both runtimes' interpreter that we use."""

    def allocate_tensors(self) -> None:
        """Make it ready to run."""

    def get_input_details(self) -> list[dict[str, Any]]:
        """Give index, shape, dtype and quantization of each input."""

    def get_output_details(self) -> list[dict[str, Any]]:
        """Give index, shape, dtype and quantization of each output."""

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


def installed(wanted: Runtime = "auto") -> RuntimeInfo:
    """Find the runtime that is used: the one that is wanted, or else the first of `RUNTIMES` that is installed.

    Raises:
        RuntimeMissingError: it is not installed, or none is, or what is installed does not work.
    """
    for name in RUNTIMES if wanted == "auto" else (NAMES[wanted],):
        package = RUNTIMES[name].partition(".")[0]
        found = find_spec(package)
        if found and found.origin:  # a folder that was left behind has none
            # importlib.metadata tells the version, too, and takes a twentieth of a start
            return RuntimeInfo(name, _import(package, name).__version__)
    if wanted == "auto":
        raise RuntimeMissingError(
            "no TFLite runtime is installed; install digitcam with pip, which picks the one for this Python "
            "(tflite-runtime up to Python 3.11, ai-edge-litert from 3.12)"
        )
    raise RuntimeMissingError(f'model.runtime is "{wanted}", but {_absent(wanted)}; or set it to "auto"')


def _absent(wanted: Runtime) -> str:
    """Say why a runtime is not there, and what puts it there."""
    if wanted == "litert":
        return f"ai-edge-litert is not installed; {sys.executable} -m pip install ai-edge-litert"
    if sys.version_info >= (3, 12):
        return "tflite-runtime ends at Python 3.11; use LiteRT here"
    return f"it is not installed; {sys.executable} -m pip install tflite-runtime 'numpy<2'"


def open_interpreter(
    model: bytes, *, threads: int = 1, delegate: str | None = None, runtime: Runtime = "auto"
) -> Interpreter:
    """Make an interpreter ready to run.

    Args:
        model: the content of a .tflite file.
        threads: used on the CPU.
        delegate: a shared library to run the model on, `libedgetpu.so.1`; None for the CPU.
        runtime: which; one process can use but one of them.

    Raises:
        RuntimeMissingError: no such runtime is installed, or it does not work with the installed NumPy.
        ModelError: the runtime cannot load the model, or the delegate; the message says what can.
    """
    used = installed(runtime)
    module = _import(RUNTIMES[used.name], f"{used.name} {used.version}")
    try:
        with muted():  # LiteRT tells on stderr that it works
            delegates = [module.load_delegate(delegate)] if delegate else []
            interpreter: Interpreter = module.Interpreter(
                model_content=model, num_threads=threads, experimental_delegates=delegates
            )
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError, OSError) as error:
        remedy = "" if delegate else f"; if the file is damaged, {REMEDY}"
        raise ModelError(f"{used.name} {used.version} {_refusal(str(error), used, remedy)}") from error
    return interpreter


def _refusal(said: str, used: RuntimeInfo, remedy: str) -> str:
    """Say why a runtime does not load a model, and what would; `remedy` is for what is not known to have another."""
    if found := UNKNOWN_OPERATION.search(said):
        operation, number = found.groups()
        newer = f"cannot load the model: it does not know {operation} version {number}"
        if used.name == "tflite-runtime":
            return (
                f"{newer}, which converting with dynamic range gives; convert it to int8, or read with LiteRT "
                '(Python 3.12, or the extra `litert` and model.runtime = "litert")'
            )
        return f"{newer}; convert it with an older TensorFlow, or install a newer ai-edge-litert"
    if FOREIGN_OPERATION.search(said):
        return (
            "cannot load the model: it has operations of TensorFlow's own; convert it with "
            "`supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]`"
        )
    return f"cannot load the model: {' '.join(said.split())[:200].rstrip('.') or 'it does not say why'}{remedy}"


def _import(module: str, runtime: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except (ImportError, AttributeError) as error:
        raise RuntimeMissingError(f"{runtime} does not work here: {error}; tflite-runtime needs NumPy < 2") from error


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
