"""One password, read from a file, that any user name goes with."""

import base64
import binascii
import hmac
from hashlib import sha256

from digitcam.config.secret import read_secret

SCHEME = "basic"  # https://www.rfc-editor.org/rfc/rfc7617


class Password:
    """A password to compare with; it is kept as its digest only, so that nothing can show it."""

    def __init__(self, password: str) -> None:
        self._digest = _digest(password.encode())

    def fits(self, authorization: str) -> bool:
        """Whether an `Authorization` header holds it; how long that takes says nothing about the password."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != SCHEME:
            return False
        try:
            _, _, given = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(_digest(given), self._digest)


def read_password(name: str) -> Password:
    """Read the first line of a file.

    Args:
        name: a path, or the bare name of a credential that systemd gave this service.

    Raises:
        ConfigError: it cannot be read, or is empty.
    """
    return Password(read_secret("web.password_file", name).text)


def _digest(secret: bytes) -> bytes:
    return sha256(secret).digest()
