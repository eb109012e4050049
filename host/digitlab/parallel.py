"""Independent jobs on all cores, with progress."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from digitcam.errors import DigitcamError

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_parallel(
    work: Callable[[Job], Result], jobs: Sequence[Job], title: str, processes: int | None = None
) -> Iterator[Result]:
    """Do jobs in processes of their own.

    Args:
        work: a function at the top of a module, or a `partial` of one.
        jobs: what it is called with.
        title: what the progress bar says.
        processes: how many at a time; None for one a core.

    Returns:
        What it gave, in the jobs' order.

    Raises:
        DigitcamError: a process was ended from outside, as happens to them where memory runs out.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # in what is started here: the cores have work
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        ProcessPoolExecutor(processes or os.cpu_count(), multiprocessing.get_context("spawn")) as pool,
    ):
        try:
            with interrupts_held_back():
                # not `map`, which cancels what is left: the pool's own thread would stumble over that when workers end
                futures = [pool.submit(work, job) for job in jobs]
            for future in progress.track(futures, description=title):
                yield future.result()
        except BrokenProcessPool as error:
            raise DigitcamError(f"{title}: a process was ended; is there memory enough?") from error
        except BaseException:
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Let processes that are started here inherit that Ctrl-C, which reaches all at the terminal, is not for them.

    It is blocked, which they inherit; but another thread of this process may still get it, so it is noted, and acted
    upon when all processes are started.
    """
    resource_tracker.ensure_running()  # it would unblock it, were it started below
    noted: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: noted.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if noted:
        signal.raise_signal(signal.SIGINT)


def chunked(count: int, size: int) -> list[range]:
    """Split the numbers below `count` into jobs of `size`, the last of what is left."""
    return [range(first, min(first + size, count)) for first in range(0, count, size)]
