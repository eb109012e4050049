"""The address of a network camera, and the user and password in it."""

import re
from urllib.parse import quote, unquote

from digitcam.config import CameraConfig
from digitcam.config.secret import read_secret
from digitcam.errors import CameraError
from digitcam.redact import mask

SCHEMES = ("rtsp", "rtsps", "http", "https")
# scheme://user:password@host:port/path?query; as FFmpeg and everyone else takes them apart
PARTS = re.compile(r"(?P<scheme>\w+://)((?P<user>[^/?#:]*)(:(?P<password>[^/?#]*))?@)?(?P<rest>.*)", re.DOTALL)


def address(config: CameraConfig) -> str:
    """The URL of `config.source`, with the password that `config.password_file` holds, if it names one.

    Raises:
        CameraError: there is no user for that password, or a second one.
        ConfigError: the file cannot be read, or is empty.
    """
    if not config.password_file:
        return config.source
    password = quote(read_secret("camera.password_file", config.password_file).text, safe="")
    scheme, user, other, rest = _parts(config.source)
    if not user or other is not None:
        raise CameraError(
            f"{mask(config.source)}: camera.password_file takes a user in the address, and no password: "
            f"{scheme}USER@HOST..."
        )
    return f"{scheme}{user}:{password}@{rest}"


def login(url: str) -> tuple[str, str, str]:
    """A URL without user and password, and these two as they are; empty where there is none."""
    scheme, user, password, rest = _parts(url)
    return scheme + rest, unquote(user or ""), unquote(password or "")


def advice(url: str) -> str:
    """What may be wrong with an address that cannot be opened."""
    place = url.partition("://")[2]
    user, at, _ = place.rpartition("@")
    if at and re.search("[@/#?]", user):
        return (
            "an @, #, / or ? in a password must be percent-encoded, as %40, %23, %2F or %3F; better leave the password "
            "out and name a file that holds it in camera.password_file"
        )
    return "check address, user and password, and that it gives video"


def _parts(url: str) -> tuple[str, str | None, str | None, str]:
    found = PARTS.fullmatch(url)
    if not found:
        raise CameraError(f"{mask(url)}: no address; write rtsp://HOST/... or http://HOST/...")
    return found["scheme"], found["user"], found["password"], found["rest"]
