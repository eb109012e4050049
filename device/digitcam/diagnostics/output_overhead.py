"""What the outputs cost the loop while nobody watches: the shipped clip with them and without, in turns."""

import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from digitcam import streams
from digitcam.cameras.base import Camera
from digitcam.cameras.recorded.clip import DEMO_NAME
from digitcam.cameras.recorded.loop import Loop
from digitcam.config import Config, merge
from digitcam.errors import ConfigError
from digitcam.frame import Frame
from digitcam.outputs.last_picture import PictureConfig
from digitcam.outputs.registry import list_wanted, open_outputs
from digitcam.outputs.stdout import StdoutConfig
from digitcam.recognition.reader import Reader, open_reader
from digitcam.service import loop
from digitcam.state.service import ServiceState

BLOCK = 256  # frames in a row with or without: long enough to be steady, short enough that both see the same machine


def run(config: Config, frames: int) -> dict[str, Any]:
    """Measure the loop's latency, from capture to the last output.

    Args:
        config: its outputs are opened; its camera is not used.
        frames: how many with them at least, and as many without.

    Returns:
        JSON-ready values: `outputs`, `frames`, `ms` (medians `without` and `with`), `ratio` of the two.

    Raises:
        ConfigError: no output is switched on, or one cannot work.
        ModelError: the model is missing or does not fit.
        OutputError: an output cannot be opened.
    """
    # these are written by the run itself, wherever it is measured
    config = merge(config, stdout=StdoutConfig(format="off"), picture=PictureConfig())
    names = list_wanted(config)
    if not names:
        raise ConfigError("no output is switched on; set web.enabled, mqtt.host or record.folder")
    reader = open_reader(config)
    ms: dict[str, list[float]] = {"without": [], "with": []}
    blocks = -(-frames // BLOCK)
    streams.tell(f"digitcam: {2 * blocks} times {BLOCK} frames, without and with {', '.join(names)} ...")
    _block(config, reader, with_outputs=True)  # the first frames are slower than all that follow
    for number in range(2 * blocks):
        # without, with, with, without: what drifts in between hits both
        is_with = number % 4 in {1, 2}
        ms["with" if is_with else "without"].append(_block(config, reader, with_outputs=is_with))
    without, with_ = (statistics.median(values) for values in ms.values())
    return {
        "outputs": names,
        "frames": blocks * BLOCK,
        "ms": {"without": round(without, 3), "with": round(with_, 3)},
        "ratio": round(with_ / without, 3),
    }


def table(result: Mapping[str, Any]) -> str:
    """Give the measurement for a terminal."""
    ms = result["ms"]
    return (
        f"{result['frames']} frames without outputs: {ms['without']:.3f} ms each, "
        f"with {', '.join(result['outputs'])}: {ms['with']:.3f} ms, {result['ratio']:.3f} times that"
    )


class _First(Camera):
    """The first frames of the shipped clip, played for ever."""

    live = False

    def __init__(self, frames: int) -> None:
        self._clip = Loop(DEMO_NAME, paced=False)
        self._left = frames

    def describe(self) -> str:
        return self._clip.describe()

    def read(self) -> Frame | None:
        self._left -= 1
        return self._clip.read() if self._left >= 0 else None

    def close(self) -> None:
        self._clip.close()


def _block(config: Config, reader: Reader, *, with_outputs: bool) -> float:
    """Give the median latency of one block, milliseconds."""
    service = ServiceState(config)
    with ExitStack() as opened:
        camera = opened.enter_context(_First(BLOCK))
        outputs = opened.enter_context(open_outputs(service)) if with_outputs else []
        summary = loop.run(service, camera, reader, outputs)
    if summary.frames < BLOCK:
        raise KeyboardInterrupt
    return summary.latency["total"].p50
