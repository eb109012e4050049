"""SIGINT and SIGTERM as a request to stop, SIGHUP as one to reload, from start-up to the end of shutdown."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Self

from digitcam.state.commands import Control, Reload

STOP = (signal.SIGINT, signal.SIGTERM)


class StoppedError(BaseException):
    """A signal came while it was allowed to cut off; like KeyboardInterrupt, no business of `except Exception`."""


class Signals:
    """Stop requests, obeyed only where `allowed`; a second one ends the process at once.

    The handlers from before come back at the end. Enter it in the main thread, where Python delivers signals.
    """

    def __init__(self, control: Control) -> None:
        """Leave reload requests with `control`."""
        self._control = control
        self._asked = False
        self._allowed = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._stop) for number in STOP}
        # whoever closes a terminal means an end, unless `nohup` was to prevent it; a service has no terminal
        if not _has_terminal():
            self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._reload)
        elif signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let a stop cut off what is within: opening the camera and waiting for a frame, and nothing else."""
        self._allowed = True
        try:
            if self._asked:
                raise StoppedError
            yield
        finally:
            self._allowed = False

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._asked = True
        # the kernel itself obeys the next one, whatever this process is stuck in
        for each in STOP:
            signal.signal(each, signal.SIG_DFL)
        if self._allowed:
            raise StoppedError

    def _reload(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._control.ask(Reload())


def _has_terminal() -> bool:
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return True
    return False
