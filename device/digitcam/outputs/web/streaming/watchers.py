"""Who watches: open streams that are sent the newest of everything, and never all of it."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

Kind = Literal["jpeg", "frame", "reading", "stats", "health"]

MOST = 32  # streams at once: pages of a class, and some to spare


class Watcher:
    """One open stream: of each kind it wants the newest message, so that a slow one misses some and holds up nobody."""

    def __init__(self, kinds: frozenset[Kind]) -> None:
        self.kinds = kinds
        self._waiting: dict[Kind, bytes] = {}
        self._news = asyncio.Event()
        self._closed = False

    def offer(self, messages: Mapping[Kind, bytes]) -> None:
        """Leave messages; those of the same kind that still wait are replaced."""
        wanted = {kind: message for kind, message in messages.items() if kind in self.kinds}
        if wanted:
            self._waiting |= wanted
            self._news.set()

    def close(self) -> None:
        """End the stream."""
        self._closed = True
        self._news.set()

    async def next(self) -> bytes:
        """Give what came since the last call; wait for something to come; empty at the end of the stream."""
        await self._news.wait()
        self._news.clear()
        waiting, self._waiting = self._waiting, {}
        return b"" if self._closed else b"".join(waiting.values())


class Watchers:
    """All open streams. They live in the server's event loop; `wanted` and `post` are for any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[Watcher] = set()
        self._lock = threading.Lock()
        self._posted: dict[Kind, bytes] = {}
        self._closed = False
        self.wanted: frozenset[Kind] = frozenset()

    def __len__(self) -> int:
        return len(self._open)

    @property
    def full(self) -> bool:
        """Whether no other may watch."""
        return len(self._open) >= MOST

    @contextmanager
    def watching(self, kinds: frozenset[Kind]) -> Iterator[Watcher]:
        """Be sent these kinds of messages, within the event loop."""
        watcher = Watcher(kinds)
        if self._closed:
            watcher.close()
        self._loop = asyncio.get_running_loop()
        self._open.add(watcher)
        self._count()
        try:
            yield watcher
        finally:
            self._open.discard(watcher)
            self._count()

    def post(self, messages: Mapping[Kind, bytes]) -> None:
        """Give everyone these; what an event loop that lags has not yet taken is replaced."""
        if self._loop is None or not messages:
            return
        with self._lock:
            first = not self._posted
            self._posted |= messages
        if first:
            self._loop.call_soon_threadsafe(self._deliver)

    def close(self) -> None:
        """End every stream, and any that begins later; within the event loop."""
        self._closed = True
        for watcher in self._open:
            watcher.close()

    def _deliver(self) -> None:
        with self._lock:
            posted, self._posted = self._posted, {}
        for watcher in self._open:
            watcher.offer(posted)

    def _count(self) -> None:
        self.wanted = frozenset().union(*(watcher.kinds for watcher in self._open))
