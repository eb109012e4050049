"""Folders of files that together never take more than their share of a disk."""

import errno
import itertools
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitcam.outputs.base import Finding
from digitcam.outputs.record import RecordConfig
from digitcam.outputs.record.ages import Ages, Clock

MB = 1_000_000
BLOCK = 4096  # bytes that a file system keeps together; an entry is counted in these
NAME = re.compile(r"(?P<time>\d{4}-\d\d-\d\d/\d\d-\d\d-\d\d\.\d{3})Z_sure-(?P<sure>\d{3})_[\w+]+(-\d+)?")
UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One folder of it.

    Attributes:
        path: the folder.
        time: when what it shows was taken.
        sure: percent.
        size: bytes that it takes on the disk.
    """

    path: Path
    time: datetime
    sure: int
    size: int


class BoundedFolder:
    """A bounded number of bytes in a folder: the surest go first, of equally sure ones the oldest.

    Nothing else that lies there is touched. For one thread.

    Attributes:
        folder: where.
    """

    def __init__(self, config: RecordConfig) -> None:
        """Make the folder, and take away what a process that was killed has left unfinished in it.

        Raises:
            OutputError: it cannot be made or written to.
        """
        self.folder = Path(config.folder)
        self._config = config
        self._clock = Clock()
        self._entries: list[Entry] | None = None
        self._unfinished = self.folder / f"{UNFINISHED}{os.getpid()}"
        with _named(self.folder):
            if self.folder.exists() and not self.folder.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(self.folder))
            self.folder.mkdir(exist_ok=True)
            for left in self.folder.glob(f"{UNFINISHED}*"):
                if not Path("/proc", left.name.removeprefix(UNFINISHED)).exists():
                    shutil.rmtree(left)
            self._unfinished.mkdir()
            self._unfinished.rmdir()

    def keep(self, label: str, time: datetime, sure: int, files: Mapping[str, bytes]) -> bool:
        """Write files into a folder of their own, whole or not at all, after making room for it.

        Args:
            label: what the folder is called after its time and sureness.
            time: when what it shows was taken, UTC.
            sure: percent.
            files: content by name.

        Returns:
            False where there is no room, since all that is kept is less sure.

        Raises:
            OutputError: the disk is full, has less than `min_free_mb` free, or cannot be written to.
        """
        try:
            with _named(self.folder):
                self.forget()
                size = sum(_on_disk(len(content)) for content in files.values()) + BLOCK
                if not self._make_room(size, sure):
                    return False
                name = f"{time:%H-%M-%S}.{time.microsecond // 1000:03d}Z_sure-{sure:03d}_{label}"
                path = self._write(f"{time:%Y-%m-%d}", name, files)
        except OutputError:
            # whatever happened to the disk, it may hold other things than before
            self._entries = None
            raise
        self._known().append(Entry(path, time, sure, size))
        return True

    def forget(self) -> None:
        """Drop what is older than `max_days`, as far as the clock can tell.

        Raises:
            OutputError: it cannot be dropped.
        """
        with _named(self.folder):
            ages = self._ages()
            limit = timedelta(days=self._config.max_days)
            for entry in [entry for entry in self._known() if ages.age(entry.time) > limit]:
                self._drop(entry)

    @property
    def doubt(self) -> str:
        """Why the clock cannot tell how old some of it is, which is then kept; empty where it can.

        Raises:
            OutputError: the folder cannot be read.
        """
        with _named(self.folder):
            return self._ages().doubt

    def _ages(self) -> Ages:
        return self._clock.ages([entry.time for entry in self._known()])

    def _known(self) -> list[Entry]:
        if self._entries is None:
            self._entries = list(_entries(self.folder))
        return self._entries

    def _make_room(self, size: int, sure: int) -> bool:
        limit, free_limit = self._config.max_mb * MB, self._config.min_free_mb * MB
        while True:
            is_scarce = shutil.disk_usage(self.folder).free - size < free_limit
            if not is_scarce and sum(entry.size for entry in self._known()) + size <= limit:
                return True
            first = min(self._known(), key=lambda entry: (-entry.sure, entry.time), default=None)
            if first is None or first.sure < sure:
                if is_scarce:
                    raise OutputError(
                        f"{self.folder}: the disk is full: less than record.min_free_mb = {self._config.min_free_mb} "
                        "would stay free; make room, or set another limit"
                    )
                return False
            self._drop(first)

    def _write(self, day: str, name: str, files: Mapping[str, bytes]) -> Path:
        try:
            self._unfinished.mkdir()
            for file, content in files.items():
                write_atomically(self._unfinished / file, content)
            (self.folder / day).mkdir(exist_ok=True)
            path = self.folder / day / name
            # a clock that was set back may give a time twice
            for number in itertools.count(2):
                if not path.exists():
                    break
                path = path.with_name(f"{name}-{number}")
            return self._unfinished.rename(path)
        except OSError:
            shutil.rmtree(self._unfinished, ignore_errors=True)
            raise

    def _drop(self, entry: Entry) -> None:
        # out of sight at once, so that nobody meets half of it
        entry.path.rename(self._unfinished)
        shutil.rmtree(self._unfinished)
        with suppress(OSError):  # other entries of that day
            entry.path.parent.rmdir()
        self._known().remove(entry)


def check(config: RecordConfig) -> Finding:
    """Make the folder, and look how much is free there and whether the clock can be trusted.

    Raises:
        OutputError: it cannot be made or written to, or less than `min_free_mb` is free.
    """
    doubt = BoundedFolder(config).doubt
    free = shutil.disk_usage(config.folder).free // MB
    if free < config.min_free_mb:
        raise OutputError(f"{config.folder}: {free} MB free, record.min_free_mb is {config.min_free_mb}")
    return Finding(f"{config.folder} can be written to, {free} MB free", doubt)


def _entries(folder: Path) -> Iterator[Entry]:
    """Find what an earlier run has kept; what has another name is not ours."""
    for path in folder.glob("*/*"):
        named = NAME.fullmatch(f"{path.parent.name}/{path.name}")
        if named and path.is_dir() and not path.is_symlink() and not path.parent.is_symlink():
            with suppress(ValueError):  # no such day or time
                time = datetime.strptime(named["time"], "%Y-%m-%d/%H-%M-%S.%f").replace(tzinfo=UTC)
                size = sum(_on_disk(file.stat().st_size) for file in path.iterdir()) + BLOCK
                yield Entry(path, time, int(named["sure"]), size)


def _on_disk(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Say which folder an error is about."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: cannot keep frames: {error.strerror}") from error
