"""Who is let in, and what every answer tells the browser."""

import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digitcam.errors import ConfigError
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.access.password import Password
from digitcam.outputs.web.access.rate_limit import RateLimiter
from digitcam.outputs.web.address import find_ip_address, is_loopback
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
# What a proxy on this machine adds, for whom its client is asking; and one that adds nothing speaks HTTP 1.0.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
WRONG_AT_ONCE, WRONG_A_MINUTE = 10, 10.0  # wrong passwords of one client


class Guard:
    """Checks each request before anything else sees it."""

    def __init__(self, config: WebConfig) -> None:
        """Take the rules from the configuration.

        Raises:
            ConfigError: other machines could get in unasked, or the password cannot be read.
        """
        self._password = Password(config.password_file) if config.password_file else None
        self._is_for_others = not is_loopback(config.host)
        if self._is_for_others and not (self._password or config.open):
            raise ConfigError(
                f"web.host: {config.host} is open to other machines: give a web.password_file, "
                "or say web.open = true if everyone there may watch"
            )
        name = socket.gethostname().lower()
        given = {host.strip().lower() for host in config.hosts.split(",") if host.strip()}
        self._names = {"localhost", config.host.lower(), name, f"{name}.local"} | given
        self._wrong = RateLimiter(WRONG_AT_ONCE, WRONG_A_MINUTE)

    def around(self, app: ASGIApp) -> ASGIApp:
        """Guard an app."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            headers = Headers(scope=scope)
            refusal = self._refusal(scope, headers) if scope["type"] == "http" else None
            await (refusal or app)(scope, receive, _with_headers(self._while_let_in(scope, headers, send)))

        return guarded

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        host = headers.get("host", "")
        if not self._is_known(host):
            # a foreign page may have its name point here (DNS rebinding), and would then pass for this one
            return failed(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"{host[:100]!r} is no name of this machine; use its address, or add the name to web.hosts",
            )
        if password := self._asked_of(scope, headers):
            client = _client(scope)
            given = headers.get("authorization", "")
            if given and not self._wrong.left(client):
                return failed(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong passwords; wait a minute", retry_s=60)
            if not password.fits(given):
                if given:
                    self._wrong.take(client)
                challenge = {"www-authenticate": 'Basic realm="digitcam", charset="UTF-8"'}
                return failed(HTTPStatus.UNAUTHORIZED, "a password is needed, with any user name", headers=challenge)
        if scope["method"] not in READING and not _is_own_page(headers, host):
            return failed(HTTPStatus.FORBIDDEN, "another site's page may not ask for this")
        return None

    def _asked_of(self, scope: Scope, headers: Headers) -> Password | None:
        """Give the password, where it is asked for: not of who sits at a machine that serves others, too.

        A proxy there that hides for whom it asks would pass for such a person; behind one, `web.host` is this machine
        alone, and everyone is asked.
        """
        sits_here = (
            self._is_for_others
            and is_loopback(_client(scope))
            and is_loopback(_name_of(headers.get("host", "")))
            and scope.get("http_version") == "1.1"
            and not any(name in headers for name in FORWARDED)
        )
        return None if sits_here else self._password

    def _while_let_in(self, scope: Scope, headers: Headers, send: Send) -> Send:
        """End an answer that goes on when the password has changed."""
        password = self._asked_of(scope, headers)
        given = headers.get("authorization", "")
        ended = False

        async def sending(message: Message) -> None:
            nonlocal ended
            if ended:
                return
            if password and message.get("more_body") and not password.fits(given):
                ended = True
                message = {**message, "body": b"", "more_body": False}
            await send(message)

        return sending

    def _is_known(self, host: str) -> bool:
        """Tell whether a `Host` header is an address, which cannot be rebound, or a name of this machine."""
        name = _name_of(host)
        return name in self._names or find_ip_address(name) is not None


def _name_of(host: str) -> str:
    """Give the name or address in a `Host` header, without its port."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name.strip("[]").lower().removesuffix(".")


def _client(scope: Scope) -> str:
    client, _ = scope.get("client") or ("", 0)
    return str(client)


def _is_own_page(headers: Headers, host: str) -> bool:
    """Tell whether a request comes from our own page or from none; browsers say which, and pages cannot lie."""
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
