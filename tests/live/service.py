"""A live service for tests: the shipped clip for ever through the real reader into the web output."""

import sys
import threading
import time
from itertools import count
from pathlib import Path

import msgspec

from digitcam import daemon
from digitcam.cameras.base import Camera
from digitcam.cameras.clip import Video
from digitcam.config import load
from digitcam.frame import Frame
from digitcam.health import State
from digitcam.live import Live
from digitcam.outputs.web import open_output
from digitcam.reader import open_reader

CLIP = Path(daemon.__file__).parent / "samples" / "demo.mp4"


class Looping(Camera):
    """Plays a clip for ever, as a live camera of some frames a second would; prints what is asked of the loop."""

    live = True

    def __init__(self, path: Path, fps: float, live: Live) -> None:
        self._control = live.control
        self._path = path
        self._pause_s = 1 / fps
        self._video = Video(path)
        self._numbers = count()

    def describe(self) -> str:
        return f"{self._path.name}, again and again"

    def read(self) -> Frame | None:
        time.sleep(self._pause_s)
        for command in self._control.pending():
            print(command, flush=True)
        frame = self._video.read()
        if frame is None:
            self._video.close()
            self._video = Video(self._path)
            return self.read()
        return Frame(frame.image, time.monotonic_ns(), next(self._numbers))

    def close(self) -> None:
        self._video.close()


def main() -> None:
    """Serve as the environment says; print the address; take `STATE PART TEXT` lines on stdin as reports of health."""
    config = load()
    live = Live(config)
    output = open_output(live)
    reader = open_reader(config)
    name, version, device, note, _ = reader.classifier.runtime
    live.health.report("camera", "ok", "demo.mp4, 640x480")
    live.health.report("model", "ok", f"{Path(config.model.path).name}, {name} {version} on {device} ({note})")

    def obey() -> None:
        for line in sys.stdin:
            state, part, text = line.rstrip("\n").split(" ", 2)
            live.health.report(part, msgspec.convert(state, State), text)

    threading.Thread(target=obey, daemon=True).start()
    print(live.health.parts()["web"].text, flush=True)
    with Looping(CLIP, config.camera.fps, live) as camera:
        daemon.run(live, camera, reader, [output])
    output.close()


if __name__ == "__main__":
    main()
