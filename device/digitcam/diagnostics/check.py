"""What is here, what is wrong and what to do: configuration, runtime, both networks, camera, Coral, outputs."""

import importlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from digitcam.cameras.base import Camera, NoFrameError
from digitcam.cameras.recorded.pictures import PART as PICTURES
from digitcam.cameras.registry import open_camera
from digitcam.config import Config
from digitcam.diagnostics import shipped
from digitcam.diagnostics.check_output import check_output, passwords
from digitcam.diagnostics.exam import READS, WELL, examine
from digitcam.diagnostics.finding import Check, guarded
from digitcam.errors import CameraError, DigitcamError, ModelError, RuntimeMissingError
from digitcam.frame import Frame
from digitcam.model import coral, probe
from digitcam.model.card import ModelCard, read_model
from digitcam.model.runtime import RUNTIMES, installed
from digitcam.outputs.registry import find_output, wanted
from digitcam.recognition.classifier import CLASSES, DIGITS, NO_DIGIT, open_classifier
from digitcam.recognition.finder import open_finder
from digitcam.recognition.look import HEIGHT, WIDTH, Pyramid, Region
from digitcam.redact import legible
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
        return [Check("configuration", "fault", "", str(error)), guarded("runtime", check_runtime)]
    return [
        check_configuration(config),
        guarded("runtime", check_runtime),
        guarded("finder", lambda: check_finder(config)),
        guarded("model", lambda: check_model(config)),
        guarded("camera", lambda: check_camera(config)),
        check_coral(config),
        check_finder_coral(config),
        *(guarded(name, partial(check_output, name, config)) for name in wanted(config) if find_output(name).check),
    ]


def check_configuration(config: Config) -> Check:
    """What was set, and so differs from the defaults."""
    usual, actual = msgspec.to_builtins(type(config)()), msgspec.to_builtins(config)
    changed = [
        f"{section}.{key} = {value!r}"
        for section, settings in actual.items()
        for key, value in settings.items()
        if value != usual[section][key]
    ]
    return Check("configuration", "ok", ", ".join(changed) or "all defaults")


def check_runtime() -> Check:
    """Which runtime is installed, and whether it can be used with the NumPy that is.

    Raises:
        RuntimeMissingError: none is installed, or it does not work.
    """
    runtime = installed()
    found = f"{runtime.name} {runtime.version} with NumPy {np.__version__}"
    # its import works with NumPy 2, and what fails later does not say why
    if runtime.name == "tflite-runtime" and int(np.__version__.partition(".")[0]) > 1:
        raise RuntimeMissingError(f"{found} cannot work; `pip install 'numpy<2'`, or ai-edge-litert in its place")
    try:
        importlib.import_module(RUNTIMES[runtime.name])
    except (ImportError, AttributeError) as error:
        raise RuntimeMissingError(f"{found} cannot be imported: {error}; install digitcam again") from error
    return Check("runtime", "ok", found)


def check_finder(config: Config) -> Check:
    """The finder's hash, its shapes, and one look at bare paper on the CPU.

    Raises:
        ModelError: it is missing or damaged, or no finder.
        RuntimeMissingError: no runtime works here.
    """
    path = Path(config.model.finder)
    said = _described(path)
    finder = open_finder(config.model)
    paper = np.full((HEIGHT, WIDTH), 200, np.uint8)
    look = Pyramid(paper).look(Region(0, 0, WIDTH, HEIGHT))
    began = time.perf_counter()
    finder.find(look)
    ms = 1000 * (time.perf_counter() - began)
    return Check("finder", "ok", f"{said}, first run {ms:.1f} ms")


def check_model(config: Config) -> Check:
    """The model's hash, its shapes, one run on the CPU, and what it reads of the shipped digits.

    Raises:
        ModelError: it is missing or damaged, does not fit, gives nonsense, or reads nothing.
        RuntimeMissingError: no runtime works here.
    """
    path = Path(config.model.path)
    said = _described(path)
    classifier = open_classifier(config.model)
    crops, _ = shipped.digits()
    began = time.perf_counter()
    shares = classifier.classify(crops[:1])[0]
    ms = 1000 * (time.perf_counter() - began)
    # it may take a digit for none, but not for all ten alike
    undecided = np.ptp(shares[:DIGITS]) == 0 and shares[NO_DIGIT] < shares[:DIGITS].sum()
    if not np.isfinite(shares).all() or not shares.any() or undecided or shares.shape != (CLASSES,):
        raise ModelError(f"{path}: gives no probabilities but {shares.tolist()}; make it again with `make train`")
    exam = examine(classifier)
    if exam.share < READS:
        raise ModelError(
            f"{path}: {exam}, shown as its card says ({classifier.contract}); `digitlab card {path}` tries what else "
            "is usual, and writes a card with what reads best"
        )
    found = f"{said}, first run {ms:.1f} ms, {exam}"
    if exam.share < WELL:
        return Check(
            "model", "note", found, f"the shipped one reads nearly all; does `digitlab card {path}` find a way?"
        )
    return Check("model", "ok", found)


def _described(path: Path) -> str:
    """A network's size, hash and shapes, after it was loaded and run once apart: a damaged one ends the process."""
    data, card = read_model(path)
    if fault := probe.fault(path):
        raise ModelError(f"{path}: {fault}")
    return f"{path}: {len(data) / 1000:.1f} kB, SHA-256 {card.sha256[:16]}... as its card says, {_ends(card)}"


def _ends(card: ModelCard) -> str:
    outputs = card.output if isinstance(card.output, tuple) else (card.output,)
    first = outputs[0]
    more = f" and {len(outputs) - 1} more" if len(outputs) > 1 else ""
    return f"{card.input.dtype} {list(card.input.shape)} -> {first.dtype} {list(first.shape)}{more}"


def check_camera(config: Config) -> Check:
    """Whether the camera opens, and shows something.

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
    advice = [*passwords("camera", msgspec.to_builtins(config.camera))]
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


def check_coral(config: Config) -> Check:
    """Whether a Coral is here, works, and is wanted to read digits."""
    return _coral("Coral", "model.coral", config.model.coral, config.model.path, "read")


def check_finder_coral(config: Config) -> Check:
    """Whether a Coral is here, works, and is wanted to find digits."""
    return _coral("finder's Coral", "model.finder_coral", config.model.finder_coral, config.model.finder, "found")


def _coral(name: str, setting: str, wanted: str, path: str, done: str) -> Check:
    if wanted == "off":
        return Check(name, "ok", f"switched off by {setting}; digits are {done} on the CPU")
    library, compiled, note, _ = coral.find(Path(path))
    if library:
        return Check(name, "ok", f"{library} runs {compiled}")
    if wanted == "on":
        return Check(name, "fault", note, f'{setting} is "on"; use "auto" or "off" for the CPU')
    return Check(name, "note", note, f"digits are {done} on the CPU")


def passed(checks: Sequence[Check]) -> bool:
    """Whether there is no fault."""
    return all(check.state != "fault" for check in checks)


def table(checks: Sequence[Check]) -> str:
    """The checks for a terminal."""
    return "\n".join(
        f"{check.state:<6}{check.name:<16}{'; '.join(text for text in (check.found, check.advice) if text)}"
        for check in checks
    )


def as_json(checks: Sequence[Check]) -> str:
    """The checks for a program: `{"ok": whether there is no fault, "checks": [...]}`."""
    told = [{key: legible(text) for key, text in asdict(check).items()} for check in checks]
    return json.dumps({"ok": passed(checks), "checks": told})
