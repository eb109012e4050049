"""A network, its card, and what runs it: the CPU, or a Coral where that is asked for and works."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from digitcam.config import ModelConfig, Runtime
from digitcam.errors import ModelError
from digitcam.model import coral
from digitcam.model.card import ModelCard, Tensor
from digitcam.model.coral import Coral
from digitcam.model.runtime import Interpreter, RuntimeInfo, installed, open_interpreter

Ends = tuple[Tensor, Tensor | tuple[Tensor, ...]]
"""A network's input, and its output or outputs."""
EDGE_TPU = "Edge TPU"


class Network(NamedTuple):
    """A loaded network."""

    interpreter: Interpreter
    runtime: RuntimeInfo
    card: ModelCard


def find_accelerator(
    path: Path, setting: str, wanted: Literal["auto", "on", "off"], *, runtime: Runtime = "auto", held: bool = False
) -> Coral:
    """Find what a network is to run on besides the CPU.

    Where both networks may run on a Coral, this comes before either is opened: it is tried by another process, and only
    one at a time can have it.

    Args:
        path: a .tflite.
        setting: that says whether it runs on a Coral, for messages.
        wanted: what that is set to.
        runtime: that is to use it.
        held: whether this process has a network on it already.

    Raises:
        ModelError: it is asked for and cannot be used.
    """
    found = coral.find(path, runtime=runtime, held=held) if wanted != "off" else coral.OFF
    if wanted == "on" and not found.library:
        raise ModelError(f'{setting} is "on", but {found.note}; use "auto" or "off" to read on the CPU')
    return found


def open_network(
    path: Path,
    known: tuple[bytes, ModelCard],
    config: ModelConfig,
    describe: Callable[[Interpreter], Ends],
    accelerator: Coral,
) -> Network:
    """Load a network.

    Args:
        path: a .tflite.
        known: its content and its card.
        config: which runtime, and how many threads on the CPU.
        accelerator: what it is to run on.
        describe: gives its input and outputs; raises ModelError where it is another kind of network.

    Raises:
        ModelError: it is damaged, of the wrong shape, or not what its card says.
        RuntimeMissingError: no TFLite runtime works here.
    """
    data, card = known
    model = accelerator.model or path
    try:
        # compiled, it has the same tensors, and no card of its own
        data = model.read_bytes() if accelerator.model else data
        interpreter = open_interpreter(
            data, threads=config.threads, delegate=accelerator.library, runtime=config.runtime
        )
        ends = describe(interpreter)
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from error
    except OSError as error:
        raise ModelError(f"{model}: cannot read: {error.strerror}; compile it again") from error
    said = card.input, card.output
    if ends != said:
        raise ModelError(f"{model}: input and output are {_brief(ends)}, its card says {_brief(said)}")
    device = EDGE_TPU if accelerator.library else "CPU"
    fallback = accelerator.present and not accelerator.library
    runtime = installed(config.runtime)._replace(device=device, note=accelerator.note, fallback=fallback)
    return Network(interpreter, runtime, card)


def describe_tensor(details: dict[str, Any]) -> Tensor:
    """Describe an input or output by what a runtime says of it."""
    scale, zero_point = details["quantization"]
    shape = tuple(int(n) for n in details["shape"])
    return Tensor(shape, np.dtype(details["dtype"]).name, float(scale), int(zero_point))


def _brief(ends: Ends) -> str:
    inputs, outputs = ends
    return " -> ".join(
        ", ".join(f"{end.dtype}{list(end.shape)} x {end.scale:.6g} + {end.zero_point}" for end in part)
        for part in ((inputs,), outputs if isinstance(outputs, tuple) else (outputs,))
    )
