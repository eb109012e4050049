"""Debian's mosquitto and its clients, as independent witnesses; and a network that can be cut."""

import itertools
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from tests.needs import find, need

PATIENCE_S = 60.0  # on a machine that is busy with other things


def free_port() -> int:
    """One that no outgoing connection gets: on its own machine one may else connect to itself, and occupy it."""
    while True:
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", random.randrange(20000, 30000)))  # noqa: S311  # any will do
            except OSError:
                continue
            return int(tried.getsockname()[1])


def until(holds: Callable[[], object], what: str) -> None:
    """Wait as long as it may take on a busy machine."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.01)


class Mosquitto:
    """A broker with a configuration of its own; stopped at the end, whatever happened to it."""

    def __init__(self, folder: Path, *settings: str, client: Sequence[str] = ()) -> None:
        """Give `settings` to the broker, and `client` to the clients."""
        need("mosquitto")
        self.port = free_port()
        self.client = client
        self._config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", *(settings or ["allow_anonymous true"])]
        self._config.write_text("\n".join([*lines, ""]))
        if os.geteuid() == 0:
            # it gives root up, and must still read its files
            with self._config.open("a") as config:
                config.write("user root\n")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Self:
        self._process = subprocess.Popen([find("mosquitto"), "-c", str(self._config)], stderr=subprocess.DEVNULL)
        until(self._listens, "mosquitto listens")
        return self

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def publish(self, topic: str, payload: str, *more: str) -> None:
        command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), *self.client]
        subprocess.run([*command, "-q", "1", "-t", topic, "-m", payload, *more], check=True, timeout=PATIENCE_S)

    def retained(self, topic: str) -> str:
        """What whoever comes now is told at once."""
        command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), *self.client, "-t", topic]
        once = [*command, "-C", "1", "--retained-only", "-W", str(int(PATIENCE_S))]
        return subprocess.run(once, check=True, capture_output=True, text=True).stdout.rstrip("\n")

    def _listens(self) -> bool:
        assert self._process
        assert self._process.poll() is None, "mosquitto does not start"
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


class Seen(NamedTuple):
    """A message as mosquitto_sub shows it."""

    retained: bool
    qos: int
    topic: str
    payload: bytes


class Watch:
    """A mosquitto_sub that sees everything from now on, and what is retained."""

    _probes = itertools.count()

    def __init__(self, broker: Mosquitto) -> None:
        command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), *broker.client]
        self._process = subprocess.Popen(
            [*command, "-q", "1", "-t", "#", "-F", "%r %q %t %x"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._seen: list[Seen] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        probe = f"probe/{next(self._probes)}"

        def subscribed() -> bool:
            broker.publish(probe, "")
            return any(seen.topic == probe for seen in self.seen())

        until(subscribed, "mosquitto_sub sees what is published")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()

    def seen(self, topic: str = "") -> list[Seen]:
        return [seen for seen in list(self._seen) if seen.topic.endswith(topic)]

    def payloads(self, topic: str) -> list[bytes]:
        return [seen.payload for seen in self.seen(topic)]

    def last(self, topic: str) -> bytes:
        payloads = self.payloads(topic)
        return payloads[-1] if payloads else b""

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                retained, qos, topic, payload = line.decode().rstrip("\n").split(" ")
                self._seen.append(Seen(retained == "1", int(qos), topic, bytes.fromhex(payload)))


class Network:
    """What stands between a client and the broker: it can be cut, and can stop carrying anything."""

    def __init__(self, target: int) -> None:
        """Carry everything to port `target` of this machine."""
        self._target = target
        self._up = threading.Event()
        self._carries = threading.Event()
        self._up.set()
        self._carries.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._carries.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut(self) -> None:
        self._up.clear()
        while self._open:
            _end(self._open.pop())

    def mend(self) -> None:
        self._up.set()
        self._carries.set()

    def stall(self) -> None:
        self._carries.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target)) if self._up.is_set() else None
            except OSError:
                far = None
            if far is None:
                near.close()
                continue
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._carries.wait()
                sink.sendall(data)
        _end(source)
        _end(sink)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
