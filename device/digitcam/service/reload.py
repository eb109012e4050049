"""The configuration and both networks, read again while frames are read."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from digitcam.config import Config, Runtime, differing
from digitcam.errors import DigitcamError, ModelError
from digitcam.model import probe
from digitcam.model.card import has_card, read_file, read_labels, read_model
from digitcam.model.network import EDGE_TPU
from digitcam.model.runtime import RuntimeInfo
from digitcam.recognition.reader import Reader, open_reader
from digitcam.service import log
from digitcam.state.service import ServiceState

# What takes effect at once. The others hold devices, connections and files open: they take a restart.
AT_ONCE = ("model", "find", "track", "log")


class Reloader:
    """Gives what is new, or keeps what is old, and says which in `health`.

    A network is opened again only where its file or its settings changed.
    """

    def __init__(self, service: ServiceState, load: Callable[[], Config]) -> None:
        """Open the first reader.

        Args:
            service: its `config` is what the service was started with.
            load: reads the configuration again, or raises `ConfigError`.

        Raises:
            ModelError: a network is missing or damaged or does not fit.
            RuntimeMissingError: no TFLite runtime works here.
        """
        self._service = service
        self._load = load
        self._config = service.config
        self._finder, self._model = _finder_of(service.config), _model_of(service.config)
        self.reader = open_reader(service.config)

    def __call__(self) -> tuple[Config, Reader] | None:
        """Read again; None where the old settings and networks stay."""
        try:
            config = self._load()
            finder, model = _finder_of(config), _model_of(config)
            # both are tried before one is opened
            for path, is_new in (
                (config.model.finder, finder != self._finder),
                (config.model.path, model != self._model),
            ):
                if is_new:
                    _try(Path(path), config.model.runtime)
            old = self.reader
            reader = open_reader(
                config,
                old.finder if finder == self._finder else None,
                old.classifier if model == self._model else None,
                held=EDGE_TPU in {old.finder.runtime.device, old.classifier.runtime.device},
            )
        except DigitcamError as error:
            self._service.health.report("config", "fault", f"not reloaded, what was set before is kept: {error}")
            return None
        self._config, self._finder, self._model, self.reader = config, finder, model, reader
        self._service.in_force = msgspec.structs.replace(
            self._service.config, **{section: getattr(config, section) for section in AT_ONCE}
        )
        log.set_level(config.log.level)
        self.tell_model()
        self._tell_config()
        return config, reader

    def tell_model(self) -> None:
        """Report what finds and what reads."""
        settings = self._config.model
        classifier = self.reader.classifier
        if classifier.labels.are_digits:
            self._tell("finder", settings.finder, self.reader.finder.runtime)
        else:
            self._service.health.report("finder", "ok", "not asked: labels other than digits are found by their ink")
        self._tell("model", settings.path, classifier.runtime, classifier.notes)

    def _tell(self, part: str, path: str, runtime: RuntimeInfo, notes: Sequence[str] = ()) -> None:
        note = f" ({runtime.note})" if runtime.note else ""
        text = f"{Path(path).name}, {runtime.name} {runtime.version} on {runtime.device}{note}"
        self._service.health.report(part, "note" if runtime.fallback or notes else "ok", "; ".join([text, *notes]))

    def _tell_config(self) -> None:
        changed = differing(self._config, self._service.config)
        later = [f"[{section}]" for section in changed if section not in AT_ONCE]
        if later:
            self._service.health.report("config", "note", f"reloaded; {', '.join(later)} changed and takes a restart")
        else:
            self._service.health.report("config", "ok", "reloaded")


def _finder_of(config: Config) -> tuple[object, ...]:
    """Tell what the loaded finder depends on.

    Raises:
        ModelError: it or its card is missing or damaged.
    """
    return config.model.finder_coral, *_identity(config.model.finder, config)


def _model_of(config: Config) -> tuple[object, ...]:
    """Tell what the loaded model depends on, likewise."""
    return config.model.coral, *_identity(config.model.path, config)


def _identity(path: str, config: Config) -> tuple[object, ...]:
    model, settings = Path(path), config.model
    if has_card(model):
        _, card = read_model(model)
        found: tuple[object, ...] = card.sha256, card.contract, card.labels
    else:
        found = sha256(read_file(model)).hexdigest(), read_labels(model)
    return path, settings.threads, settings.runtime, *found


def _try(path: Path, runtime: Runtime) -> None:
    """Load a network in another process first: this one must not end with a bad one."""
    if fault := probe.find_fault(path, runtime=runtime):
        raise ModelError(f"{path}: {fault}")
