"""What watchers are sent, and what they cost."""

import http.client
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from msgspec import to_builtins
from tests.live.serving import Site, next_event, next_part, stream_of, until

from digitcam.frame import Grey
from digitcam.outputs.web import server
from digitcam.outputs.web.streaming import watchers
from digitcam.wire import StableReading


def watching(site: Site) -> int:
    """How many watch, as the metrics say."""
    lines = site.ask("/metrics").body.decode().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("digitcam_watchers ")))


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each JPEG picture that is made, while the real encoder makes it."""
    made: list[int] = []
    encode = cv2.imencode

    def counting(*arguments: Any) -> Any:  # noqa: ANN401
        made.append(1)
        return encode(*arguments)

    monkeypatch.setattr(cv2, "imencode", counting)
    return made


def level(value: int) -> Grey:
    return np.full((48, 64), value, np.uint8)


def shade(jpeg: bytes) -> int:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return round(float(image.mean()))


def test_whoever_comes_is_told_everything_at_once(site: Site) -> None:
    site.show()
    update = site.publish()
    with stream_of(site, "/api/stream") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        told = dict(next_event(stream) for _ in range(4))
    assert list(told) == ["frame", "reading", "stats", "health"]
    assert told["reading"] == to_builtins(update.to_wire(StableReading))
    assert told["frame"]["text"] == site.reading.text
    assert told["frame"]["size"] == [640, 480]
    assert len(told["frame"]["digits"][0]["crop"]) == 1048
    assert told["health"]["parts"]["web"]["state"] == "ok"
    assert set(told["stats"]) >= {"frames", "rate", "latency", "temperature_c"}


def test_news_come_as_they_happen(site: Site) -> None:
    with stream_of(site, "/api/stream") as stream:
        assert next_event(stream)[0] == "stats"
        site.show()
        assert next_event(stream, "frame")[1]["sequence"] == 0
        site.show()
        assert next_event(stream, "frame")[1]["sequence"] == 1
        site.publish()
        assert next_event(stream, "reading")[1]["text"] == site.reading.text
        site.live.health.report("camera", "fault", "unplugged")
        until(lambda: not next_event(stream, "health")[1]["ok"], "the fault is told")


def test_frames_come_with_their_numbers(site: Site) -> None:
    site.show(level(50))
    with stream_of(site, "/api/live.mjpg") as stream:
        assert stream.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=frame"
        for number, value in enumerate((50, 150, 250)):
            sequence, jpeg = next_part(stream)
            assert sequence == number
            assert abs(shade(jpeg) - value) < 3
            site.show(level(value + 100 if value < 250 else 0))


def test_nothing_is_encoded_while_nobody_watches(site: Site, encoded: list[int]) -> None:
    for _ in range(20):
        site.show()
    with stream_of(site, "/api/stream") as stream:
        next_event(stream, "frame")
        assert encoded == []  # events need no picture
    until(lambda: watching(site) == 0, "the watcher is forgotten")
    for _ in range(20):
        site.show()
    assert site.ask("/api/reading").status == 503
    assert encoded == []


def test_a_frame_is_encoded_once_for_all(site: Site, encoded: list[int]) -> None:
    connections = [http.client.HTTPConnection(site.address, timeout=60) for _ in range(6)]
    try:
        streams = []
        for connection in connections:
            connection.request("GET", "/api/live.mjpg")
            streams.append(connection.getresponse())
        until(lambda: watching(site) == 6, "six watch")
        for value in (50, 100, 150):
            site.show(level(value))
            assert {next_part(stream)[0] for stream in streams} == {site.sent}
        assert site.ask("/api/frame.jpg").headers["x-sequence"] == "2"
        assert len(encoded) == 3
    finally:
        for stream, connection in zip(streams, connections, strict=True):
            stream.close()
            connection.close()


def test_frames_come_no_faster_than_was_asked_for(site_with: Callable[..., Site], encoded: list[int]) -> None:
    site = site_with(fps=0.5)
    site.show()
    with stream_of(site, "/api/live.mjpg") as stream:
        next_part(stream)
        for _ in range(50):
            site.show()
        # two seconds later the newest of them, and none between
        assert next_part(stream)[0] == site.sent
    assert len(encoded) == 2


def memory_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


def never_reads(site: Site) -> socket.socket:
    """A client that asks for frames and takes none."""
    host, _, port = site.address.partition(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((host, int(port)))
    client.sendall(b"GET /api/live.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


def test_a_watcher_that_never_reads_holds_up_nobody_and_is_let_go(
    site_with: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STUCK_MS", 3000)
    site = site_with(quality=100)
    # noise is what JPEG makes the least of: 400 kB a frame
    noise = np.random.default_rng(1).integers(0, 256, (480, 640), dtype=np.uint8)
    with never_reads(site), stream_of(site, "/api/live.mjpg") as stream:
        until(lambda: watching(site) == 2, "both watch")
        seen = []
        before = 0.0
        for number in range(150):
            site.show(noise)
            seen.append(next_part(stream)[0])
            if number == 50:
                before = memory_mb()
        assert seen == list(range(150))
        # a hundred frames of 400 kB went by that it did not take
        assert memory_mb() - before < 10

        def gone() -> bool:
            site.show(noise)
            next_part(stream)
            return watching(site) == 1

        until(gone, "the one that never reads is let go")


def test_only_so_many_may_watch(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchers, "MOST", 1)
    with stream_of(site, "/api/live.mjpg"):
        until(lambda: watching(site) == 1, "one watches")
        answer = site.ask("/api/stream")
        assert (answer.status, answer.error) == (503, "too many watch already; close a page")
    until(lambda: watching(site) == 0, "it has left")
    with stream_of(site, "/api/stream") as stream:
        assert next_event(stream)


def test_the_end_of_the_service_ends_streams_and_threads_and_frees_the_port(site_with: Callable[..., Site]) -> None:
    site = site_with()
    port = int(site.address.rpartition(":")[2])
    with stream_of(site, "/api/stream") as stream, never_reads(site):
        next_event(stream)
        until(lambda: watching(site) == 2, "both watch")
        site.output.close()
        site.output.close()
        while stream.readline():
            pass
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("web")]
    again = site_with(port=port)
    assert again.ask("/api/health").status == 200
    site.output.see(site.show())  # a frame in hand may still come
