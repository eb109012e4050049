"""What commands share: their exit status, the settings they were given, and how they speak."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from digitcam import streams
from digitcam.service import log

if TYPE_CHECKING:
    from digitcam.config import Config

INSTALLED = Path("/etc/digitcam.toml")  # the settings of this machine's service
FAILED = 1
RUNTIMES = Path()  # what `bench --compare` is given that names no model
INTERRUPTED = 130  # what a shell gives for SIGINT, and
PIPE_CLOSED = 141  # for SIGPIPE


def config_of(arguments: argparse.Namespace) -> "Config":
    """Give everything that was set: by flag, else in the environment, else in the file."""
    from digitcam import config

    flags = {name: value for name, value in vars(arguments).items() if name.startswith(config.PREFIX) and value}
    return config.load(arguments.config, {**os.environ, **flags})


def installed_config_of(arguments: argparse.Namespace) -> "tuple[Config, Path]":
    """Tell what this machine's service was told, and in which file, where no other is named."""
    path = arguments.config or INSTALLED
    return config_of(argparse.Namespace(**{**vars(arguments), "config": path})), path


@contextmanager
def nothing_to_lose() -> Iterator[None]:
    """Let Ctrl-C end the process at once: an import that KeyboardInterrupt cuts off fails as anything else."""
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def complain(error: Exception) -> None:
    """Say on stderr, in one line, what is wrong."""
    streams.tell(log.line(logging.ERROR, str(error), journal=log.is_journal(sys.stderr)))


def show(text: str, end: str = "\n") -> None:
    """Print on stdout at once, so that what cannot be written is known here.

    Raises:
        OutputError: it cannot be written.
        BrokenPipeError: nobody reads it any more.
    """
    streams.write(f"{text}{end}", sys.stdout)
