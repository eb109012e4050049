"""The address of a network camera, and the user and password in it."""

import re
import string
from urllib.parse import quote, unquote

from digitcam.config import CameraConfig
from digitcam.config.secret import read_secret
from digitcam.errors import CameraError
from digitcam.redact import redact

# scheme://user:password@host:port/path?query; as FFmpeg and everyone else takes them apart
PARTS = re.compile(r"(?P<scheme>\w+://)((?P<user>[^/?#:]*)(:(?P<password>[^/?#]*))?@)?(?P<rest>.*)", re.DOTALL)


def complete_address(config: CameraConfig) -> str:
    """Complete the URL of `config.source` with the password that `config.password_file` holds, if it names one.

    Raises:
        CameraError: there is no user for that password, or a second one.
        ConfigError: the file cannot be read, or is empty.
    """
    source = _written_out(config.source)
    if not config.password_file:
        return source
    password = quote(read_secret("camera.password_file", config.password_file).text, safe="")
    scheme, user, other, rest = _parts(source)
    if not user or other is not None:
        raise CameraError(
            f"{redact(config.source)}: camera.password_file takes a user in the address, and no password: "
            f"{scheme}USER@HOST..."
        )
    return f"{scheme}{user}:{password}@{rest}"


def _written_out(source: str) -> str:
    """Write an address as it is sent: its scheme in small letters, and what is no sign of one encoded, as blanks."""
    source = source.strip()
    scheme, _, _, rest = _parts(source)
    host, slash, path = rest.partition("/")
    login = source[len(scheme) : len(source) - len(rest)]
    login, path = (quote(part, safe=string.punctuation) for part in (login, path))
    return f"{scheme.lower()}{login}{host}{slash}{path}"


def split_login(url: str) -> tuple[str, str, str]:
    """Split a URL into itself without user and password, and these two as they are; empty where there is none."""
    scheme, user, password, rest = _parts(url)
    return scheme + rest, unquote(user or ""), unquote(password or "")


def advise(url: str) -> str:
    """Say what may be wrong with an address that cannot be opened."""
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
        raise CameraError(f"{redact(url)}: no address; write rtsp://HOST/... or http://HOST/...")
    return found["scheme"], found["user"], found["password"], found["rest"]
