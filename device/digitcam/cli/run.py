"""`digitcam run`: the service, from start-up to shutdown."""

import argparse
from contextlib import ExitStack

from digitcam import streams
from digitcam.cameras.recorded.pictures import PART as PICTURES
from digitcam.cameras.registry import open_camera
from digitcam.cli.terminal import FAILED, config_of, nothing_to_lose, show
from digitcam.config import section_of
from digitcam.outputs.registry import open_outputs
from digitcam.outputs.stdout import StdoutConfig
from digitcam.service import log, loop
from digitcam.service.memory import use_one_arena
from digitcam.service.reload import Reloader
from digitcam.service.signals import Signals, StoppedError
from digitcam.state.shared import Live


def run(arguments: argparse.Namespace) -> int:
    """Read until the source ends or a signal comes; whatever ends it, the outputs are closed.

    It has failed where pictures could not be read.
    """
    use_one_arena()
    with nothing_to_lose():
        config = config_of(arguments)
        log.configure(config.log.level)
        live = Live(config)
        stdout = section_of(config, "stdout", StdoutConfig)
        reloader = Reloader(live, lambda: config_of(arguments))
    with Signals(live.control) as signals, ExitStack() as opened:
        try:
            with signals.allowed():
                camera = open_camera(config.camera, live.health, settings=config)
            opened.enter_context(camera)
        except StoppedError:
            return 0
        if "camera" not in live.health.parts():
            live.health.report("camera", "ok", camera.describe())
        reloader.tell_model()
        outputs = opened.enter_context(open_outputs(live))
        try:
            loop.run(live, camera, reloader.reader, outputs, signals=signals, reload=reloader)
        finally:
            _tell_summary(live, to_stderr=stdout.format != "text")
    return FAILED if PICTURES in live.health.parts() else 0


def _tell_summary(live: Live, *, to_stderr: bool) -> None:
    table = live.stats.summary().table()
    if to_stderr:
        streams.tell(table)
    else:
        show("\n" + table)
