"""Ends a wait for the network."""

import os
from contextlib import suppress


class Wake:
    """A descriptor to wait on, which any thread makes readable."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def fileno(self) -> int:
        """Give the descriptor, for `select`."""
        return self._descriptor

    def set(self) -> None:
        """Make it readable; returns at once."""
        os.eventfd_write(self._descriptor, 1)

    def clear(self) -> None:
        """Make it unreadable."""
        with suppress(BlockingIOError):
            os.eventfd_read(self._descriptor)

    def close(self) -> None:
        """Let the descriptor go."""
        os.close(self._descriptor)
