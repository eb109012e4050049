"""The web output: what the loop calls."""

from digitcam.outputs.base import Output, Shot, Update
from digitcam.outputs.web.access.guard import Guard
from digitcam.outputs.web.app import app
from digitcam.outputs.web.live.screen import Screen
from digitcam.outputs.web.live.watchers import Watchers
from digitcam.outputs.web.server import Server
from digitcam.outputs.web.uploads import Uploads
from digitcam.state.shared import Live


class Web(Output):
    """Serves the page and the API, and holds the newest shot for whoever asks."""

    def __init__(self, live: Live) -> None:
        """Start serving.

        Raises:
            ConfigError: the section does not say how this may be served, or nobody can listen on its address.
        """
        guard = Guard(live.config.web)
        watchers = Watchers()
        self._uploads = Uploads(live)
        self._screen = Screen(live, watchers)
        try:
            self._server = Server(live, guard.around(app(live, self._screen, watchers, self._uploads)), watchers)
        except Exception:
            self._screen.close()
            raise
        self.url = self._server.url

    def see(self, shot: Shot) -> None:
        """Hold the newest shot."""
        self._screen.show(shot)

    def publish(self, update: Update) -> None:
        """Hold the newest stable reading."""
        self._screen.tell(update)

    def close(self) -> None:
        """End every stream and the server, in about a second."""
        self._server.close()
        self._screen.close()
        self._uploads.close()
