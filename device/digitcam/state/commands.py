"""What others ask of the loop: a person by MQTT or the page, systemd by a signal. The loop obeys between two frames."""

import queue
from dataclasses import dataclass

from digitcam.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Pause:
    """Take frames, and read none, until `Resume`; a recording waits meanwhile."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Read again."""


@dataclass(frozen=True, slots=True)
class SetThreshold:
    """Reject places whose likeliest digit is less sure than this, 0 to 1, until the configuration is read again.

    Raises:
        ConfigError: it is not from 0 to 1.
    """

    min_confidence: float

    def __post_init__(self) -> None:
        if not 0 <= self.min_confidence <= 1:
            raise ConfigError(f"threshold {self.min_confidence}: expected a number from 0 to 1")


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration again, and the model; keep the old ones if the new ones are bad, and say so."""


Command = Pause | Resume | SetThreshold | Reload


class Control:
    """A queue of commands; any thread, and a signal handler, may ask.

    Attributes:
        paused: whether nothing is read; the loop sets it when it has obeyed, any thread may look.
        min_confidence: the threshold in force, 0 to 1, likewise.
    """

    def __init__(self, min_confidence: float) -> None:
        """Begin with the configured threshold."""
        self.paused = False
        self.min_confidence = min_confidence
        # SimpleQueue.put may be called from a signal handler, Queue.put may not
        self._asked: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def ask(self, command: Command) -> None:
        """Ask for it; returns at once."""
        self._asked.put(command)

    def pending(self, wait_s: float = 0.0) -> list[Command]:
        """Take what was asked since, oldest first.

        Args:
            wait_s: seconds to wait for the first one where there is none yet.
        """
        commands = []
        try:
            commands.append(self._asked.get(timeout=wait_s) if wait_s else self._asked.get_nowait())
            while True:
                commands.append(self._asked.get_nowait())
        except queue.Empty:
            return commands
