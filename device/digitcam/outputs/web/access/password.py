"""One password, in a file, that any user name goes with."""

import base64
import binascii
import hmac
import logging
from hashlib import sha256

from digitcam.config.secret import make_secret, read_secret, secret_path
from digitcam.errors import ConfigError, OutputError

SCHEME = "basic"  # https://www.rfc-editor.org/rfc/rfc7617
SETTING = "web.password_file"

log = logging.getLogger(__name__)


class Password:
    """What the file's first line is by now; it is kept as its digest only, so that nothing can show it."""

    def __init__(self, name: str) -> None:
        """Read it; where the file is missing, make it, with a new password.

        Args:
            name: a path, or the bare name of a credential that systemd gave this service, which must be there.

        Raises:
            ConfigError: it cannot be read or made, or is empty.
        """
        self._name = name
        self._path = secret_path(name)
        if "/" in name and self._state() is None:
            try:
                make_secret(self._path)
            except OutputError as error:
                raise ConfigError(f"{SETTING}: {error}") from error
            log.info("web: a new password stands in %s: `sudo digitcam password` shows it", self._path)
        self._seen = self._state()
        self._digest = self._read()

    def fits(self, authorization: str) -> bool:
        """Tell whether an `Authorization` header holds it; how long that takes says nothing about the password."""
        self._keep_up()
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != SCHEME:
            return False
        try:
            _, _, given = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(_digest(given), self._digest)

    def _keep_up(self) -> None:
        """Take a changed one; one that cannot be read leaves the one before."""
        state = self._state()
        if state in (self._seen, None):
            return
        self._seen = state
        try:
            self._digest = self._read()
        except ConfigError as error:
            log.warning("%s; the password is the one before", error)
        else:
            log.info("web: the password has changed")

    def _state(self) -> tuple[int, ...] | None:
        """Tell what differs when the file was written anew; None where it is not there."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> bytes:
        return _digest(read_secret(SETTING, self._name).text.encode())


def _digest(secret: bytes) -> bytes:
    return sha256(secret).digest()
