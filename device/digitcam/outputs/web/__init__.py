"""The page and its HTTP API. What needs Starlette and uvicorn is imported when the output is opened."""

from importlib.util import find_spec

from digitcam.errors import ConfigError
from digitcam.live import Live
from digitcam.outputs.base import Output

NEEDED = ("starlette", "uvicorn", "python_multipart")


def open_output(live: Live) -> Output:
    """Listen on `live.config.web`'s address, and serve from threads of its own until `close`.

    Raises:
        ConfigError: the extra is not installed, nobody can listen on this address, it is open to other machines and
            neither a password nor `open = true` was given, or the password cannot be read.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ConfigError(f"web.enabled: {missing[0]} is not installed; pip install 'digitcam[web]'")
    from digitcam.outputs.web.output import Web

    return Web(live)
