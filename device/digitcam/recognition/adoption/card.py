"""The card of a model that has none: tensors as the file tells, and the way in which it reads best."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from digitcam.config import Runtime
from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.model import probe
from digitcam.model.card import ModelCard, card_json, card_path, has_card, load_card, read_file, read_labels
from digitcam.model.ends import describe
from digitcam.model.runtime import installed, open_interpreter
from digitcam.recognition.adoption.contract import find_contract, known, read_range
from digitcam.recognition.adoption.exam import READS, Exam, examine
from digitcam.recognition.classifier import Classifier


class Derived(NamedTuple):
    """What was found out of a model.

    Attributes:
        data: the file's content.
        card: what its card should say.
        exam: what it reads so of the shipped digits; None where it knows none of them.
        said: the way in which it reads, and how well: one line.
    """

    data: bytes
    card: ModelCard
    exam: Exam | None
    said: str


def derive(model: Path, runtime: Runtime = "auto") -> Derived:
    """Find out what the card of a model should say; takes seconds on a Pi.

    Args:
        model: a .tflite file; a labels file may lie beside it, or a card, of which its labels are kept and, where it is
            this very model's, what it says for people.
        runtime: that runs it.

    Raises:
        ModelError: it cannot be read or loaded, or it is no model that reads; the message says what to do.
        RuntimeMissingError: no TFLite runtime works here.
    """
    data, before = read_file(model), _card_before(model)
    labels = read_labels(model) or (before.labels if before else ())
    if wrong := probe.find_fault(model, runtime=runtime):
        raise ModelError(f"{model}: {wrong}")
    used, interpreter = installed(runtime), open_interpreter(data, runtime=runtime)
    try:
        taken, given = describe(interpreter)
        contract = find_contract(interpreter, used, labels)
        classifier = Classifier(interpreter, used, contract or read_range(taken), labels)
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from error
    card = ModelCard(hashlib.sha256(data).hexdigest(), taken, given, contract=classifier.contract, labels=labels)
    if before and before.sha256 == card.sha256:
        card = replace(card, accuracy=before.accuracy, about=before.about)
    exam = examine(classifier) if len(known(classifier.labels)[0]) else None
    if exam:
        said = f"shown {classifier.contract}, it {exam}"
    elif contract:
        said = f"shown {contract}, it takes digits for the letters that look like them"
    else:
        said = f"it is shown {classifier.contract}, untried, since what is shipped shows none of its labels"
    return Derived(data, card, exam, said)


def _card_before(model: Path) -> ModelCard | None:
    """Read the card that is there; None where that is none or a damaged one, which is written anew."""
    try:
        return load_card(model) if has_card(model) else None
    except ModelError:
        return None


def write_card(model: Path, runtime: Runtime = "auto") -> Derived:
    """Write what `derive` finds beside the model.

    Raises:
        ModelError: as `derive`; or it reads in none of the usual ways, and its card, which is written, waits for the
            right one.
        RuntimeMissingError: no TFLite runtime works here.
        OutputError: the card cannot be written.
    """
    derived = derive(model, runtime)
    path = card_path(model)
    write_atomically(path, card_json(derived.card))
    if derived.exam and derived.exam.share < READS:
        raise ModelError(
            f"{path}: written, but in none of the usual ways the model reads: {derived.said}; put how it wants its "
            "digits, bright ink on black, into its contract (docs/models.md), and see what `digitcam check` says"
        )
    return derived


def without_card(model: Path, runtime: Runtime) -> tuple[bytes, ModelCard, str]:
    """Find out what to read a model without a card with: its content, its card, and a line that says so.

    Raises:
        ModelError: as `derive`; or it reads in none of the usual ways.
        RuntimeMissingError: no TFLite runtime works here.
    """
    data, card, exam, said = derive(model, runtime)
    if exam and exam.share < READS:
        raise ModelError(
            f"{model}: has no card, and reads in none of the usual ways: {said}; `digitcam card {model}` writes one to "
            "be set right"
        )
    return data, card, f"{model}: has no card; {said}; `digitcam card {model}` keeps that"
