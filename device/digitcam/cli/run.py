"""`digitcam run`: the service, from start-up to shutdown."""

import argparse
import sys
from contextlib import ExitStack

from digitcam import streams
from digitcam.cameras import open_camera
from digitcam.cameras.recorded.pictures import PART as PICTURES
from digitcam.cli.terminal import FAILED, check_folder, config_of, nothing_to_lose, show
from digitcam.outputs import Human, Json, LastPicture, Output, open_outputs
from digitcam.redact import legible
from digitcam.service import log, loop
from digitcam.service.memory import use_one_arena
from digitcam.service.reload import Reloader
from digitcam.service.signals import Signals, StoppedError
from digitcam.state.shared import Live


def run(arguments: argparse.Namespace) -> int:
    """Read until the source ends or a signal comes; whatever ends it, the outputs are closed.

    It has failed where pictures could not be read.
    """
    if arguments.annotate:
        check_folder(arguments.annotate)
    use_one_arena()
    with nothing_to_lose():
        config = config_of(arguments)
        log.configure(config.log.level)
        live = Live(config)
        reloader = Reloader(live, lambda: config_of(arguments))
    with Signals(live.control) as signals, ExitStack() as opened:
        try:
            with signals.allowed():
                camera = open_camera(config.camera, live.health)
            opened.enter_context(camera)
        except StoppedError:
            return 0
        if "camera" not in live.health.parts():
            live.health.report("camera", "ok", camera.describe())
        reloader.tell_model()
        outputs: list[Output] = [Json(sys.stdout) if arguments.json else Human(sys.stdout)]
        picture = LastPicture(arguments.annotate) if arguments.annotate else None
        if picture:
            outputs.append(picture)
        for output in open_outputs(live):
            opened.callback(output.close)
            outputs.append(output)
        try:
            loop.run(live, camera, reloader.reader, outputs, signals=signals, reload=reloader)
        finally:
            _tell_summary(live, to_stderr=arguments.json)
        if picture:
            picture.close()
            streams.tell(legible(f"digitcam: {arguments.annotate} shows the last stable reading"))
    return FAILED if PICTURES in live.health.parts() else 0


def _tell_summary(live: Live, *, to_stderr: bool) -> None:
    table = live.stats.summary().table()
    if to_stderr:
        streams.tell(table)
    else:
        show("\n" + table)
