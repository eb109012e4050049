"""Independent jobs on all cores, with progress."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def in_parallel(work: Callable[[Any], Any], jobs: Sequence[Any], title: str) -> Iterator[Any]:
    """Do jobs on all cores, with progress; the results come in the jobs' order."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    # Ctrl-C reaches every process at the terminal; this one ends the others
    quiet = (signal.SIGINT, signal.SIG_IGN)
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), signal.signal, quiet) as pool,
    ):
        try:
            yield from progress.track(pool.map(work, jobs), len(jobs), description=title)
        except BaseException:
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
