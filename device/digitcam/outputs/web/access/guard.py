"""Who is let in, and what every answer tells the browser."""

import ipaddress
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digitcam.config import WebConfig
from digitcam.errors import ConfigError
from digitcam.outputs.web.access.password import read_password
from digitcam.outputs.web.access.rate_limit import Limiter
from digitcam.outputs.web.answers import failed

# https://owasp.org/www-project-secure-headers/
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
READING = {"GET", "HEAD"}
WRONG_AT_ONCE, WRONG_A_MINUTE = 10, 10.0  # wrong passwords of one client


class Guard:
    """Checks each request before anything else sees it."""

    def __init__(self, config: WebConfig) -> None:
        """Take the rules from the configuration.

        Raises:
            ConfigError: other machines could get in unasked, or the password cannot be read.
        """
        self._password = read_password(config.password_file) if config.password_file else None
        if not (self._password or config.open or _is_own(config.host)):
            raise ConfigError(
                f"web.host: {config.host} is open to other machines: give a web.password_file, "
                "or say web.open = true if everyone there may watch"
            )
        name = socket.gethostname().lower()
        given = {host.strip().lower() for host in config.hosts.split(",") if host.strip()}
        self._names = {"localhost", config.host.lower(), name, f"{name}.local"} | given
        self._wrong = Limiter(WRONG_AT_ONCE, WRONG_A_MINUTE)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The app, guarded."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            headers = Headers(scope=scope)
            refusal = self._refusal(scope, headers) if scope["type"] == "http" else None
            await (refusal or app)(scope, receive, _with_headers(send))

        return guarded

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        host = headers.get("host", "")
        if not self._is_known(host):
            # a foreign page may have its name point here (DNS rebinding), and would then pass for this one
            return failed(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"{host[:100]!r} is no name of this machine; use its address, or add the name to web.hosts",
            )
        if self._password:
            client, _ = scope["client"] or ("", 0)
            given = headers.get("authorization", "")
            if given and not self._wrong.left(client):
                return failed(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong passwords; wait a minute", retry_s=60)
            if not self._password.fits(given):
                if given:
                    self._wrong.take(client)
                challenge = {"www-authenticate": 'Basic realm="digitcam", charset="UTF-8"'}
                return failed(HTTPStatus.UNAUTHORIZED, "a password is needed, with any user name", headers=challenge)
        if scope["method"] not in READING and not _is_own_page(headers, host):
            return failed(HTTPStatus.FORBIDDEN, "another site's page may not ask for this")
        return None

    def _is_known(self, host: str) -> bool:
        """Whether a `Host` header is an address, which cannot be rebound, or a name of this machine."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        return name.lower().removesuffix(".") in self._names or _address(name.strip("[]")) is not None


def _is_own(host: str) -> bool:
    """Whether only this machine reaches an address."""
    address = _address(host)
    return address.is_loopback if address else host.lower() == "localhost"


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_own_page(headers: Headers, host: str) -> bool:
    """Whether a request comes from our own page or from no page at all; browsers say which, and pages cannot lie."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == host


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sending
