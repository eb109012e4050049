"""What is still to be sent."""

import threading
from collections import deque
from dataclasses import dataclass

LONGEST = 256  # events, of about 1 kB each for a page of ten digits: minutes of a page that changes all the time


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message.

    Attributes:
        topic: where it goes.
        payload: what it says.
        qos: 0: sent once; 1: sent until the broker has it.
        retain: whether the broker keeps it for whoever comes later.
    """

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False


class Outbox:
    """Messages on their way, one of them in flight; any thread may put some in.

    Of what replaces itself only the newest is kept. Of events every one is, up to `LONGEST`: then the oldest go, and
    are counted.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: dict[str, Message] = {}
        self._events: deque[Message] = deque()
        self._flying: tuple[Message, bool] | None = None
        self._dropped = 0

    def replace(self, message: Message) -> None:
        """Put in the newest message of its topic, in place of one that has not gone yet."""
        with self._lock:
            self._newest[message.topic] = message

    def add(self, event: Message) -> None:
        """Put in a message that follows those before it."""
        with self._lock:
            self._events.append(event)
            self._bound()

    def take(self) -> Message | None:
        """Give what to send next; None while another is in flight, and where nothing is left."""
        with self._lock:
            if self._flying:
                return None
            if self._newest:
                self._flying = self._newest.pop(next(iter(self._newest))), False
            elif self._events:
                self._flying = self._events.popleft(), True
            return self._flying[0] if self._flying else None

    def arrived(self) -> None:
        """Take note that what was in flight has arrived."""
        with self._lock:
            self._flying = None

    def lost(self) -> None:
        """Send what was in flight again, since it may not have arrived, unless a newer one replaces it."""
        with self._lock:
            if self._flying:
                message, is_event = self._flying
                if is_event:
                    self._events.appendleft(message)
                    self._bound()
                else:
                    self._newest.setdefault(message.topic, message)
            self._flying = None

    @property
    def empty(self) -> bool:
        """Whether all has arrived."""
        with self._lock:
            return not (self._flying or self._newest or self._events)

    @property
    def dropped(self) -> int:
        """How many events were dropped, since the broker was away for too long."""
        with self._lock:
            return self._dropped

    def _bound(self) -> None:
        while len(self._events) > LONGEST:
            self._events.popleft()
            self._dropped += 1
