"""How long each stage of a reading takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Times stages one after another.

    Attributes:
        ms: of each stage, milliseconds, in the order in which they began.
    """

    def __init__(self) -> None:
        """Begin with no stage."""
        self.ms: dict[str, float] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time what is done in this context, and add it to the stage's."""
        start = time.perf_counter_ns()
        yield
        self.ms[stage] = self.ms.get(stage, 0.0) + (time.perf_counter_ns() - start) / 1e6
