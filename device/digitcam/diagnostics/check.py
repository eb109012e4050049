"""What is here, what is wrong and what to do: configuration, runtime, both networks, camera, Coral, outputs."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial

import msgspec
import numpy as np

from digitcam.cameras.base import Camera, NoFrameError
from digitcam.cameras.recorded.pictures import PART as PICTURES
from digitcam.cameras.registry import open_camera
from digitcam.config import Config
from digitcam.diagnostics.check_networks import (
    check_coral,
    check_finder,
    check_finder_coral,
    check_model,
    check_runtime,
)
from digitcam.diagnostics.check_output import check_output, check_passwords
from digitcam.diagnostics.finding import Check, guard
from digitcam.errors import CameraError, DigitcamError
from digitcam.frame import Frame
from digitcam.outputs.registry import find_output, list_wanted
from digitcam.redact import make_legible
from digitcam.state.health import Health

EVEN = 8  # grey levels; a frame that spans no more shows nothing


def run(load: Callable[[], Config]) -> list[Check]:
    """Look at everything; without a valid configuration, at what does not depend on it.

    Args:
        load: gives the configuration, or raises `ConfigError`.
    """
    try:
        config = load()
    except DigitcamError as error:
        return [Check("configuration", "fault", "", str(error)), guard("runtime", partial(check_runtime, "auto"))]
    return [
        check_configuration(config),
        guard("runtime", partial(check_runtime, config.model.runtime)),
        guard("finder", partial(check_finder, config)),
        guard("model", partial(check_model, config)),
        guard("camera", partial(check_camera, config)),
        check_coral(config),
        check_finder_coral(config),
        *(guard(name, partial(check_output, name, config)) for name in list_wanted(config) if find_output(name).check),
    ]


def check_configuration(config: Config) -> Check:
    """Tell what was set, and so differs from the defaults."""
    usual, actual = msgspec.to_builtins(type(config)()), msgspec.to_builtins(config)
    changed = [
        f"{section}.{key} = {value!r}"
        for section, settings in actual.items()
        for key, value in settings.items()
        if value != usual[section][key]
    ]
    return Check("configuration", "ok", ", ".join(changed) or "all defaults")


def check_camera(config: Config) -> Check:
    """Tell whether the camera opens, and shows something.

    Raises:
        CameraError: it does not open, or gives no frame or an empty one.
        ImageError: it is one picture that cannot be read, or there are no such pictures.
    """
    health = Health()
    with open_camera(config.camera, health, settings=config) as camera:
        frame = _first_frame(camera, health)
        found = camera.describe()
    if frame is None or frame.image.size == 0:
        raise CameraError(f"{found}: gives no frame; try another camera.source, `digitcam cameras` lists what is there")
    height, width = frame.image.shape
    found += f"; first frame {width}x{height}"
    advice = [*check_passwords("camera", msgspec.to_builtins(config.camera))]
    if np.ptp(frame.image) <= EVEN:
        advice.append(f"it shows nothing but grey level {int(frame.image.mean())}: is the lens covered?")
    if skipped := health.parts().get(PICTURES):
        advice.append(skipped.text)
    return Check("camera", "note" if advice else "ok", found, "; ".join(advice))


def _first_frame(camera: Camera, health: Health) -> Frame | None:
    while True:
        try:
            return camera.read()
        except NoFrameError as error:
            # a live camera waits for what is wrong to end, and this does not
            for fault in health.faults().values():
                raise CameraError(fault.text) from error


def passed(checks: Sequence[Check]) -> bool:
    """Tell whether there is no fault."""
    return all(check.state != "fault" for check in checks)


def table(checks: Sequence[Check]) -> str:
    """Show the checks for a terminal."""
    return "\n".join(
        f"{check.state:<6}{check.name:<16}{'; '.join(text for text in (check.found, check.advice) if text)}"
        for check in checks
    )


def as_json(checks: Sequence[Check]) -> str:
    """Show the checks for a program: `{"ok": whether there is no fault, "checks": [...]}`."""
    told = [{key: make_legible(text) for key, text in asdict(check).items()} for check in checks]
    return json.dumps({"ok": passed(checks), "checks": told})
