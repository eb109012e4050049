"""The web output: what the loop calls."""

from digitcam.outputs.base import Output, ReadFrame, Update
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.access.guard import Guard
from digitcam.outputs.web.app import app
from digitcam.outputs.web.server import Server
from digitcam.outputs.web.streaming.screen import Screen
from digitcam.outputs.web.streaming.watchers import Watchers
from digitcam.outputs.web.uploads import Uploads
from digitcam.state.service import ServiceState


class Web(Output):
    """Serves the page and the API, and holds the newest frame for whoever asks."""

    def __init__(self, service: ServiceState, settings: WebConfig) -> None:
        """Start serving.

        Raises:
            ConfigError: the section does not say how this may be served, or nobody can listen on its address.
        """
        guard = Guard(settings)
        watchers = Watchers()
        self._uploads = Uploads(service)
        self._screen = Screen(service, settings, watchers)
        try:
            self._server = Server(
                service.health,
                settings,
                guard.around(app(service, settings, self._screen, watchers, self._uploads)),
                watchers,
            )
        except Exception:
            self._screen.close()
            raise
        self.url = self._server.url

    def see(self, read_frame: ReadFrame) -> None:
        """Hold the newest frame."""
        self._screen.show(read_frame)

    def publish(self, update: Update) -> None:
        """Hold the newest stable reading."""
        self._screen.tell(update)

    def close(self) -> None:
        """End every stream and the server, in about a second."""
        self._server.close()
        self._screen.close()
        self._uploads.close()
