"""The page and its HTTP API. Needs the extra `web`."""

from digitcam.outputs.base import Output
from digitcam.outputs.web.output import Web
from digitcam.state.shared import Live


def open_output(live: Live) -> Output:
    """Listen on `live.config.web`'s address, and serve from threads of its own until `close`.

    Raises:
        ConfigError: nobody can listen on this address, it is open to other machines and neither a password nor
            `open = true` was given, or the password cannot be read.
    """
    return Web(live)
