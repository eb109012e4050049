"""A live service for tests: the shipped clip for ever through the real reader into the web output."""

import sys
import threading
from pathlib import Path

import msgspec

from digitcam.cameras.recorded.clip import DEMO_NAME
from digitcam.cameras.recorded.loop import Loop
from digitcam.config import load
from digitcam.outputs.registry import open_output
from digitcam.recognition.reader import open_reader
from digitcam.service import loop
from digitcam.state.health import State
from digitcam.state.service import ServiceState


def main() -> None:
    """Serve as the environment says; print the address; take `STATE PART TEXT` lines on stdin as reports of health."""
    config = load()
    live = ServiceState(config)
    output = open_output("web", live)
    reader = open_reader(config)
    live.health.report("camera", "ok", "demo.mp4, 640x480")
    for part, path, runtime in (
        ("finder", config.model.finder, reader.finder.runtime),
        ("model", config.model.path, reader.classifier.runtime),
    ):
        name, version, device, note, _ = runtime
        live.health.report(part, "ok", f"{Path(path).name}, {name} {version} on {device} ({note})")

    def obey() -> None:
        for line in sys.stdin:
            state, part, text = line.rstrip("\n").split(" ", 2)
            live.health.report(part, msgspec.convert(state, State), text)

    threading.Thread(target=obey, daemon=True).start()
    print(live.health.parts()["web"].text, flush=True)
    with Loop(DEMO_NAME, paced=True) as camera:
        loop.run(live, camera, reader, [output])
    output.close()


if __name__ == "__main__":
    main()
