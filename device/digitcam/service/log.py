"""Log lines: on journald's levels under systemd, else `digitcam: ...` for a person."""

import logging
import os
import sys
from collections.abc import Mapping
from typing import Literal, TextIO

from digitcam.redact import redact

Level = Literal["debug", "info", "warning", "error"]

# sd-daemon(3): a line that starts with <N> is kept under syslog's level N
SYSLOG = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


def configure(level: Level, stream: TextIO | None = None) -> None:
    """Send log lines to `stream`, stderr if None: digitcam's from `level` up, those of others from warning up."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(journal=is_journal(stream)))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    set_level(level)


def set_level(level: Level) -> None:
    """Let digitcam's lines through from `level` up."""
    logging.getLogger("digitcam").setLevel(level.upper())


class LineFormatter(logging.Formatter):
    """One line for each message, without passwords."""

    def __init__(self, *, journal: bool) -> None:
        """Write levels as journald reads them, or for a person."""
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; an exception's traceback is part of it, since journald has a level for each line."""
        text = super().format(record)
        return line(record.levelno, text, journal=self._journal)


def line(level: int, text: str, *, journal: bool) -> str:
    """Give one line, whatever the text holds."""
    return (
        f"{f'<{SYSLOG.get(level, SYSLOG[logging.INFO])}>' if journal else 'digitcam: '}{redact(' '.join(text.split()))}"
    )


def is_journal(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the stream is what systemd connected to the journal: `JOURNAL_STREAM` is its device:inode.

    https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#%24JOURNAL_STREAM
    """
    told = environ.get("JOURNAL_STREAM", "")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # no file, or a closed one
        return False
    return told == f"{status.st_dev}:{status.st_ino}"
