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
from digitcam.state.service import ServiceState


def run(arguments: argparse.Namespace) -> int:
    """Read until the source ends or a signal comes; whatever ends it, the outputs are closed.

    It has failed where pictures could not be read.
    """
    use_one_arena()
    with nothing_to_lose():
        config = config_of(arguments)
        log.configure(config.log.level)
        service = ServiceState(config)
        stdout = section_of(config, "stdout", StdoutConfig)
        reloader = Reloader(service, lambda: config_of(arguments))
    with Signals(service.control) as signals, ExitStack() as opened:
        try:
            with signals.allowed():
                camera = open_camera(config.camera, service.health, settings=config)
            opened.enter_context(camera)
        except StoppedError:
            return 0
        if "camera" not in service.health.parts():
            service.health.report("camera", "ok", camera.describe())
        reloader.tell_model()
        outputs = opened.enter_context(open_outputs(service))
        try:
            loop.run(service, camera, reloader.reader, outputs, signals=signals, reload=reloader)
        finally:
            _tell_summary(service, to_stderr=stdout.format != "text")
    return FAILED if PICTURES in service.health.parts() else 0


def _tell_summary(service: ServiceState, *, to_stderr: bool) -> None:
    table = service.stats.summary().table()
    if to_stderr:
        streams.tell(table)
    else:
        show("\n" + table)
