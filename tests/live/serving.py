"""Real servers, asked over real HTTP: one within the test, or a whole service."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from digitcam.frame import Frame, Grey
from digitcam.outputs.base import ReadFrame, Update
from digitcam.outputs.web.output import Web
from digitcam.reading import Reading
from digitcam.state.service import ServiceState

SERVICE = Path(__file__).parent / "service.py"
SAME_CODE = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
PATIENCE_S = 60.0  # for what happens at once on a machine that has nothing else to do


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The one line that every error is."""
        assert self.headers["content-type"] == "application/json"
        values = self.json
        assert set(values) == {"error"}
        assert "\n" not in values["error"]
        return str(values["error"])


class Site:
    """A server, and what the loop would do to it."""

    def __init__(self, live: ServiceState, output: Web, reading: Reading, image: Grey) -> None:
        self.live = live
        self.output = output
        self.reading = reading
        self.image = image
        self.address = urlsplit(output.url).netloc
        self.sent = -1

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        return ask(self.address, path, method, body, **headers)

    def show(self, image: Grey | None = None) -> ReadFrame:
        """One more frame, as the loop sees it."""
        self.sent += 1
        shown = self.image if image is None else image
        read_frame = ReadFrame(Frame(shown, time.monotonic_ns(), self.sent), self.reading, None)
        self.output.see(read_frame)
        return read_frame

    def publish(self) -> Update:
        update = Update(self.reading, datetime.now(UTC), max(self.sent, 0), skipped=3)
        self.output.publish(update)
        return update


def ask(address: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """One request; `content_type="x"` is the header Content-Type."""
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read())
    finally:
        connection.close()


def until(true: Callable[[], object], what: str) -> None:
    """Wait for something to become so."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


class Service:
    """A whole process: the shipped clip for ever through the real reader."""

    def __init__(self, port: int = 0, **settings: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SERVICE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"DIGITCAM_WEB_PORT": str(port), "PATH": "/usr/bin:/bin", **SAME_CODE, **settings},
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        self.address = urlsplit(self.url).netloc

    def report(self, state: str, part: str, text: str) -> None:
        assert self._process.stdin is not None
        print(state, part, text, file=self._process.stdin, flush=True)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


@contextmanager
def stream_of(site: Site, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
    """An open stream, read as it comes."""
    connection = http.client.HTTPConnection(site.address, timeout=PATIENCE_S)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200
        yield answer
    finally:
        # the response holds the socket open until it is closed too
        answer.close()
        connection.close()


def next_event(stream: http.client.HTTPResponse, kind: str | None = None) -> tuple[str, Any]:
    """The next event, or the next of one kind: its name and its values."""
    while True:
        lines = []
        while line := stream.readline().decode().rstrip("\n"):
            lines.append(line)
        fields = dict(line.split(": ", 1) for line in lines)
        if "event" in fields and kind in {None, fields["event"]}:
            return fields["event"], json.loads(fields["data"])


def next_part(stream: http.client.HTTPResponse) -> tuple[int, bytes]:
    """The next picture of motion JPEG: its number and the file."""
    assert stream.readline() == b"--frame\r\n"
    headers = {}
    while line := stream.readline().decode().strip():
        name, value = line.split(": ")
        headers[name] = value
    jpeg = stream.read(int(headers["Content-Length"]))
    assert stream.readline() == b"\r\n"
    return int(headers["X-Sequence"]), jpeg
