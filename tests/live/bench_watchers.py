"""What watchers cost the loop: `python -m tests.live.bench_watchers`.

One process reads the shipped clip at a camera's pace through the real reader and the real web output; another one
watches, as so many pages do, and throws away what it gets. Nobody, one and ten watch by turns, many times, and for
comparison the output is left out by turns too: so whatever else runs on the machine slows all of them alike.
"""

import argparse
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import IO
from urllib.parse import urlsplit

import numpy as np

from digitcam.cameras.recorded.clip import find_shipped_clip, open_clip
from digitcam.config import configure
from digitcam.frame import Frame, Grey
from digitcam.outputs.base import Output, ReadFrame
from digitcam.outputs.registry import open_output
from digitcam.outputs.web import WebConfig
from digitcam.recognition.reader import Reader, open_reader
from digitcam.recognition.tracker import Tracker
from digitcam.state.service import ServiceState

NONE, NOBODY, ONE, TEN = "no web output", "nobody watches", "one page", "ten pages"
WATCHING = {NONE: 0, NOBODY: 0, ONE: 1, TEN: 10}
BLOCK, SETTLING = 60, 20  # frames in a turn, and those of them that do not count
PATHS = ("/api/live.mjpg", "/api/stream")  # what a page opens


def watch(address: str) -> None:
    """Keep as many pages open as the newest line on stdin says."""
    host, _, port = address.partition(":")
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    open_sockets: list[socket.socket] = []
    while True:
        ready = [key.fileobj for key, _ in selector.select()]
        if sys.stdin not in ready:
            for each in ready:
                assert isinstance(each, socket.socket)
                each.recv(1 << 20)
            continue
        line = sys.stdin.readline()
        if not line:
            return
        for each in open_sockets:
            selector.unregister(each)
            each.close()
        open_sockets = [socket.create_connection((host, int(port))) for _ in range(int(line)) for _ in PATHS]
        for each, path in zip(open_sockets, cycle(PATHS), strict=False):
            each.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            selector.register(each, selectors.EVENT_READ)


def clip() -> list[Grey]:
    """Every frame of the shipped clip."""
    with open_clip(find_shipped_clip()) as camera:
        return [frame.image for frame in iter(camera.read, None)]


def block(
    reader: Reader, live: ServiceState, output: Output | None, images: Iterator[Grey], number: int, fps: float
) -> list[float]:
    """Milliseconds of each frame of one turn, from taking it up to the end of the outputs."""
    tracker = Tracker(live.config.track)
    ms = []
    for _ in range(BLOCK):
        time.sleep(1 / fps)
        frame = Frame(next(images), time.monotonic_ns(), number)
        number += 1
        reading = reader.read(frame.image)
        tracker.update(reading, frame.time_ns)
        if output:
            output.see(ReadFrame(frame, reading, None))
        ms.append((time.monotonic_ns() - frame.time_ns) / 1e6)
    return ms[SETTLING:]


def ask(watchers: IO[str], many: int) -> None:
    """Have so many pages open."""
    print(many, file=watchers, flush=True)


def main() -> None:
    """Print a table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--watch", metavar="ADDRESS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.watch:
        watch(arguments.watch)
        return
    live = ServiceState(configure(web=WebConfig(enabled=True, port=0)))
    output = open_output("web", live)
    reader = open_reader(live.config)
    frames = clip()
    address = urlsplit(live.health.parts()["web"].text).netloc
    command = ["nice", sys.executable, "-m", "tests.live.bench_watchers", "--watch", address]
    ms: dict[str, list[list[float]]] = {name: [] for name in WATCHING}
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        for turn in range(arguments.rounds):
            # the same frames for each, and another one first each time
            order = list(WATCHING)[turn % len(WATCHING) :] + list(WATCHING)[: turn % len(WATCHING)]
            images = frames[turn * BLOCK % len(frames) :] + frames[: turn * BLOCK % len(frames)]
            for name in order:
                ask(client.stdin, WATCHING[name])
                shown = None if name == NONE else output
                ms[name].append(block(reader, live, shown, cycle(images), turn * BLOCK, arguments.fps))
        client.stdin.close()
    output.close()
    print(f"{'ms a frame':<16}{'median':>9}{'mean':>9}{'p90':>9}")
    for name, blocks in ms.items():
        every = [each for turn in blocks for each in turn]
        print(f"{name:<16}{np.median(every):9.2f}{np.mean(every):9.2f}{np.percentile(every, 90):9.2f}")
    for one, other, most in ((TEN, ONE, "1.3"), (NOBODY, NONE, "1.05")):
        # frame by frame against the same frame of the same round, so that only what came between counts
        ratios = [a / b for x, y in zip(ms[one], ms[other], strict=True) for a, b in zip(x, y, strict=True)]
        print(f"{one} / {other}: {statistics.median(ratios):.3f} (at most {most})")


if __name__ == "__main__":
    main()
