"""The configuration and the model, read again while frames are read."""

from collections.abc import Callable
from pathlib import Path

from digitcam import log, trial
from digitcam.card import read_model
from digitcam.config import Config
from digitcam.errors import DigitcamError, ModelError
from digitcam.live import Live
from digitcam.onelook.reader import Reader as OneLookReader
from digitcam.reader import AnyReader, Reader, open_reader

# What takes effect at once. The others hold devices, connections and files open: they take a restart.
AT_ONCE = ("model", "find", "track", "log")


class Reloader:
    """Gives what is new, or keeps what is old, and says which in `health`.

    A model is opened again only where its file or its settings changed: a Coral cannot be held twice.
    """

    def __init__(self, live: Live, load: Callable[[], Config]) -> None:
        """Open the first reader.

        Args:
            live: its `config` is what the service was started with.
            load: reads the configuration again, or raises `ConfigError`.

        Raises:
            ModelError: the model is missing or damaged or does not fit.
            RuntimeMissingError: no TFLite runtime works here.
        """
        self._live = live
        self._load = load
        self._config = live.config
        self._model = _identity(live.config)
        self.reader = open_reader(live.config)

    def __call__(self) -> tuple[Config, AnyReader] | None:
        """Read again; None where the old settings and model stay."""
        try:
            config = self._load()
            model = _identity(config)
            reader = _set_up(self.reader, config) if model == self._model else _tried(config)
        except DigitcamError as error:
            self._live.health.report("config", "fault", f"not reloaded, what was set before is kept: {error}")
            return None
        self._config, self._model, self.reader = config, model, reader
        log.set_level(config.log.level)
        self.tell_model()
        self._tell_config()
        return config, reader

    def tell_model(self) -> None:
        """Report what reads."""
        runtime = self.reader.classifier.runtime
        note = f" ({runtime.note})" if runtime.note else ""
        text = f"{Path(self._config.model.path).name}, {runtime.name} {runtime.version} on {runtime.device}{note}"
        self._live.health.report("model", "note" if runtime.fallback else "ok", text)

    def _tell_config(self) -> None:
        later = [
            f"[{section}]"
            for section in self._config.__struct_fields__
            if section not in AT_ONCE and getattr(self._config, section) != getattr(self._live.config, section)
        ]
        if later:
            self._live.health.report("config", "note", f"reloaded; {', '.join(later)} changed and takes a restart")
        else:
            self._live.health.report("config", "ok", "reloaded")


def _identity(config: Config) -> tuple[object, ...]:
    """What a loaded model depends on.

    Raises:
        ModelError: the model or its card is missing or damaged.
    """
    _, card = read_model(Path(config.model.path))
    return config.model.path, config.model.threads, config.model.coral, config.find.by, card.sha256


def _set_up(reader: AnyReader, config: Config) -> AnyReader:
    """The same networks with other settings."""
    if isinstance(reader, Reader):
        return Reader(reader.classifier, config.find, config.model.min_confidence)
    return OneLookReader(reader.finder, reader.classifier, config.model.min_confidence)


def _tried(config: Config) -> AnyReader:
    """A reader with a model that was tried in another process first: this one must not end with a bad model."""
    path = Path(config.model.path)
    if fault := trial.fault(path):
        raise ModelError(f"{path}: {fault}")
    return open_reader(config)
