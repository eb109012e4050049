"""What breaks around a running service, and how it is put right again."""

import os
import shutil
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from digitcam.config import shipped_model
from digitcam.errors import DigitcamError

CONFIG = """\
[camera]
source = "replay:demo"

[model]
path = "{model}"
"""


class Place:
    """The folder that a service runs in.

    Attributes:
        folder: holds all of its files.
        config: its configuration.
        model: a copy of the shipped model.
        process: the service, once it runs.
    """

    process: subprocess.Popen[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "digitcam.toml"
        shipped = Path(shipped_model())
        shutil.copy(shipped.with_suffix(".json"), folder)
        self.model = Path(shutil.copy(shipped, folder))

    def write_config(self, faults: Sequence["Fault"]) -> None:
        """Write the configuration that these faults break."""
        sections = dict.fromkeys(fault.settings for fault in faults if fault.settings)
        self.config.write_text("\n".join([CONFIG.format(model=self.model), *sections]))

    def reload(self) -> None:
        """Ask the service to read its configuration again."""
        self.process.send_signal(signal.SIGHUP)


class Fault(ABC):
    """One thing that breaks and is put right.

    Attributes:
        name: in words.
        output: which output it needs; empty: none.
        settings: the section of the configuration that switches this output on.
    """

    name: ClassVar[str]
    output: ClassVar[str] = ""
    settings: str = ""

    def __init__(self, place: Place) -> None:
        self.place = place

    @abstractmethod
    def inject(self) -> None:
        """Break it."""

    @abstractmethod
    def heal(self) -> None:
        """Put it right."""

    def close(self) -> None:  # noqa: B027  # most hold nothing
        """Let go of what was opened for it."""


class BrokenConfig(Fault):
    """The configuration is broken when it is read again."""

    name = "configuration broken at reload"

    def inject(self) -> None:
        """Write nonsense."""
        self._whole = self.place.config.read_text()
        self.place.config.write_text("[camera\n")
        self.place.reload()

    def heal(self) -> None:
        """Write it again."""
        self.place.config.write_text(self._whole)
        self.place.reload()


class DamagedModel(Fault):
    """The model is damaged under the service, and read again."""

    name = "model damaged at reload"

    def inject(self) -> None:
        """Cut it short."""
        self._whole = self.place.model.read_bytes()
        self.place.model.write_bytes(self._whole[:1000])
        self.place.reload()

    def heal(self) -> None:
        """Write it again."""
        self.place.model.write_bytes(self._whole)
        self.place.reload()


class DiskAway(Fault):
    """The disk that frames are kept on goes away."""

    name = "disk gone"
    output = "record"

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._folder = place.folder / "kept"
        self.settings = f'[record]\nfolder = "{self._folder}"\nmax_mb = 5\nmin_free_mb = 0\nmax_per_minute = 600\n'

    def inject(self) -> None:
        """Rename it."""
        self._folder.rename(self.place.folder / "away")

    def heal(self) -> None:
        """Name it as it was."""
        (self.place.folder / "away").rename(self._folder)


class BrokerDown(Fault):
    """The MQTT broker stops."""

    name = "broker down"
    output = "mqtt"

    def __init__(self, place: Place) -> None:
        """Start a broker.

        Raises:
            DigitcamError: mosquitto is not installed.
        """
        super().__init__(place)
        program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
        if not program:
            raise DigitcamError("the soak's broker is not installed; `sudo apt install mosquitto`")
        self._program = program
        self._port = _free_port()
        self.settings = f'[mqtt]\nhost = "127.0.0.1"\nport = {self._port}\nretry = 1\n'
        self._broker: subprocess.Popen[bytes] | None = None
        self.heal()

    def inject(self) -> None:
        """Kill it."""
        if self._broker:
            self._broker.kill()
            self._broker.wait()

    def heal(self) -> None:
        """Start it again."""
        self._broker = subprocess.Popen(  # noqa: S603  # found on PATH
            [self._program, "-p", str(self._port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def close(self) -> None:
        """Stop it."""
        self.inject()


class StuckWatcher(Fault):
    """Watchers of the page never read what they are sent."""

    name = "watchers that never read"
    output = "web"
    watchers = 10

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._port = _free_port()
        self.settings = f"[web]\nenabled = true\nport = {self._port}\n"
        self._sockets: list[socket.socket] = []

    def inject(self) -> None:
        """Ask for the live picture and the stream of readings, and leave them be."""
        for number in range(self.watchers):
            path = "/api/live.mjpg" if number % 2 else "/api/stream"
            opened = socket.create_connection(("127.0.0.1", self._port), 10)
            opened.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n\r\n".encode())
            self._sockets.append(opened)

    def heal(self) -> None:
        """Go away without a word."""
        for opened in self._sockets:
            opened.close()
        self._sockets.clear()

    def close(self) -> None:
        """Go away."""
        self.heal()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


FAULTS: tuple[type[Fault], ...] = (BrokenConfig, DamagedModel, DiskAway, BrokerDown, StuckWatcher)
