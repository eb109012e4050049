"""The configured model, ready to read."""

from pathlib import Path

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.model.card import has_card, read_model
from digitcam.model.coral import OFF, Coral
from digitcam.model.ends import describe
from digitcam.model.network import open_network
from digitcam.recognition.adoption.card import without_card
from digitcam.recognition.classifier import Classifier

UNREJECTING = (
    "has no class for what is {none}, so brackets, letters and smudges that look like one are read: give it a class "
    "`none` (docs/models.md)"
)


def open_classifier(config: ModelConfig, accelerator: Coral = OFF) -> Classifier:
    """Load the configured model; for one without a card, find out what that would say.

    Args:
        config: which.
        accelerator: what it is to run on; the CPU where not given.

    Raises:
        ModelError: the model or its card is missing, damaged or of a shape that is not understood.
        RuntimeMissingError: no TFLite runtime works here.
    """
    path = Path(config.path)
    notes: list[str] = []
    if has_card(path):
        data, card = read_model(path)
    else:
        data, card, note = without_card(path, config.runtime)
        notes.append(note)
    network = open_network(path, (data, card), config, describe, accelerator)
    try:
        classifier = Classifier(network.interpreter, network.runtime, card.contract, card.labels)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    if not classifier.knows_none:
        notes.append(f"{path}: {UNREJECTING.format(none=classifier.labels.none)}")
    classifier.notes = tuple(notes)
    return classifier
