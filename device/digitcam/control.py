"""What others ask of the loop: a person by MQTT or the page, systemd by a signal. The loop obeys between two frames."""

import queue
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    """Take frames, and read none, until `Resume`."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Read again."""


@dataclass(frozen=True, slots=True)
class SetThreshold:
    """Reject blobs whose likeliest digit is less sure than this, 0 to 1, until the service starts anew."""

    min_confidence: float


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration again, and the model; keep the old ones if the new ones are bad, and say so."""


Command = Pause | Resume | SetThreshold | Reload


class Control:
    """A queue of commands; any thread, and a signal handler, may ask.

    Attributes:
        paused: whether nothing is read; the loop sets it when it has obeyed, any thread may look.
        min_confidence: the threshold in force, likewise; None while it is still the configured one.
    """

    def __init__(self) -> None:
        self.paused = False
        self.min_confidence: float | None = None
        # SimpleQueue.put may be called from a signal handler, Queue.put may not
        self._asked: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def ask(self, command: Command) -> None:
        """Ask for it; returns at once."""
        self._asked.put(command)

    def pending(self) -> list[Command]:
        """Take what was asked since, oldest first."""
        commands = []
        while True:
            try:
                commands.append(self._asked.get_nowait())
            except queue.Empty:
                return commands
