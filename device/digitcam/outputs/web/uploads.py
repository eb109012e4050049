"""Pictures that somebody sends to be read."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from digitcam.pictures import image_file
from digitcam.reading import Reading
from digitcam.recognition.reader import Reader, open_reader
from digitcam.state.service import ServiceState

WAITING = 4  # pictures at once, the one being read among them; each may take 100 MB


class Uploads:
    """Reads pictures one after another on a thread of its own, with a reader of its own, as the loop would read them.

    A TFLite interpreter may be used by one thread only, and the loop's must not wait.
    """

    def __init__(self, service: ServiceState) -> None:
        """Open nothing yet; `service` tells with what the loop reads now."""
        self._service = service
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="web-upload")
        self._opened: tuple[tuple[object, ...], Reader] | None = None
        self._waiting = 0

    @property
    def full(self) -> bool:
        """Whether no other picture is taken for now."""
        return self._waiting >= WAITING

    async def read(self, data: bytes) -> tuple[Reading, int]:
        """Read a picture file; which of its pages, from 1, or 0 where it has no other, follows the reading.

        Raises:
            ImageError: it is no picture, or too small or too large.
            ModelError: a network has gone or was damaged since the start.
            RuntimeMissingError: so has the runtime.
        """
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, self._read, data)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Finish the picture in hand, and read no other."""
        self._worker.shutdown(cancel_futures=True)

    def _read(self, data: bytes) -> tuple[Reading, int]:
        page = image_file.decode(data, "picture")
        return self._reader().read_colours(page.image, page.hues), page.origin.page

    def _reader(self) -> Reader:
        """Give a reader like the loop's, opened again where settings or a network are others by now."""
        config = self._service.in_force
        # a Coral serves one reader, and that is the loop's
        on_cpu = msgspec.structs.replace(config.model, coral="off", finder_coral="off")
        paths = (Path(on_cpu.finder), Path(on_cpu.path))
        depends = (on_cpu, config.find, *(path.stat().st_mtime_ns if path.exists() else 0 for path in paths))
        if self._opened is None or self._opened[0] != depends:
            self._opened = depends, open_reader(msgspec.structs.replace(config, model=on_cpu))
        reader = self._opened[1]
        reader.min_confidence = self._service.control.min_confidence
        return reader
