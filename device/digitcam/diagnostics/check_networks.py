"""Whether runtime, networks and Coral work: each is tried as it would be used."""

import importlib
import time
from pathlib import Path

import numpy as np

from digitcam.config import Config, Runtime
from digitcam.diagnostics.finding import Check
from digitcam.errors import ModelError, RuntimeMissingError
from digitcam.model import coral, probe
from digitcam.model.card import ModelCard, has_card, read_file, read_model
from digitcam.model.runtime import RUNTIMES, installed
from digitcam.recognition.adoption import shipped
from digitcam.recognition.adoption.contract import known
from digitcam.recognition.adoption.exam import READS, WELL, examine
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.recognition.finder import open_finder
from digitcam.recognition.look import HEIGHT, WIDTH, Pyramid, Region


def check_runtime(wanted: Runtime) -> Check:
    """Tell which runtime is used, and whether it can be used with the NumPy that is.

    Raises:
        RuntimeMissingError: it is not installed, or does not work.
    """
    runtime = installed(wanted)
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
    """Give the finder's hash, its shapes, and one look at bare paper on the CPU.

    Raises:
        ModelError: it is missing or damaged, or no finder.
        RuntimeMissingError: no runtime works here.
    """
    path = Path(config.model.finder)
    said = _described(path, config.model.runtime)
    finder = open_finder(config.model)
    paper = np.full((HEIGHT, WIDTH), 200, np.uint8)
    look = Pyramid(paper).look(Region(0, 0, WIDTH, HEIGHT))
    began = time.perf_counter()
    finder.find(look)
    ms = 1000 * (time.perf_counter() - began)
    return Check("finder", "ok", f"{said}, first run {ms:.1f} ms")


def check_model(config: Config) -> Check:
    """Give the model's hash, its shapes, one run on the CPU, and what it reads of the shipped digits that it knows.

    Raises:
        ModelError: it is missing or damaged, does not fit, gives nonsense, or reads nothing.
        RuntimeMissingError: no runtime works here.
    """
    path = Path(config.model.path)
    said = _described(path, config.model.runtime)
    classifier = open_classifier(config.model)
    crops, _ = shipped.read_digits()
    crop = classifier.fitted(crops[:1])
    began = time.perf_counter()
    shares = classifier.classify(crop)[0]
    ms = 1000 * (time.perf_counter() - began)
    # it may take a digit for none, but not for all of its labels alike
    undecided = np.ptp(shares[:-1]) == 0 and shares[-1] < shares[:-1].sum()
    if not np.isfinite(shares).all() or not shares.any() or undecided:
        raise ModelError(f"{path}: gives no probabilities but {shares.tolist()}; make it again with `make train`")
    said += f", first run {ms:.1f} ms"
    notes = list(classifier.notes)
    if not len(known(classifier.labels)[0]):
        said += f", reads {len(classifier.labels.texts)} labels, of which nothing shipped shows one"
        return Check("model", "note" if notes else "ok", said, "; ".join(notes))
    exam = examine(classifier)
    if exam.share < READS:
        raise ModelError(
            f"{path}: {exam}, shown as its card says ({classifier.contract}); `digitcam card {path}` tries what else "
            "is usual, and writes a card with what reads best"
        )
    if exam.share < WELL:
        notes.append(f"the shipped one reads nearly all; does `digitcam card {path}` find a way?")
    return Check("model", "note" if notes else "ok", f"{said}, {exam}", "; ".join(notes))


def _described(path: Path, runtime: Runtime) -> str:
    """Describe a network's size, hash and shapes, after it ran once apart: a damaged one ends the process."""
    data, card = read_model(path) if has_card(path) else (read_file(path), None)
    if fault := probe.find_fault(path, runtime=runtime):
        raise ModelError(f"{path}: {fault}")
    said = f"{path}: {len(data) / 1000:.1f} kB"
    return f"{said}, SHA-256 {card.sha256[:16]}... as its card says, {_ends(card)}" if card else f"{said}, no card"


def _ends(card: ModelCard) -> str:
    outputs = card.output if isinstance(card.output, tuple) else (card.output,)
    first = outputs[0]
    more = f" and {len(outputs) - 1} more" if len(outputs) > 1 else ""
    return f"{card.input.dtype} {list(card.input.shape)} -> {first.dtype} {list(first.shape)}{more}"


def check_coral(config: Config) -> Check:
    """Tell whether a Coral is here, works, and is wanted to read digits."""
    model = config.model
    return _coral("Coral", "model.coral", model.coral, model.path, "read", model.runtime)


def check_finder_coral(config: Config) -> Check:
    """Tell whether a Coral is here, works, and is wanted to find digits."""
    model = config.model
    return _coral("finder's Coral", "model.finder_coral", model.finder_coral, model.finder, "found", model.runtime)


def _coral(name: str, setting: str, wanted: str, path: str, done: str, runtime: Runtime) -> Check:
    if wanted == "off":
        return Check(name, "ok", f"switched off by {setting}; digits are {done} on the CPU")
    library, compiled, note, _ = coral.find(Path(path), runtime=runtime)
    if library:
        return Check(name, "ok", f"{library} runs {compiled}")
    if wanted == "on":
        return Check(name, "fault", note, f'{setting} is "on"; use "auto" or "off" for the CPU')
    return Check(name, "note", note, f"digits are {done} on the CPU")
