"""uvicorn on a thread of its own, on a socket that was opened before it."""

import asyncio
import contextlib
import logging
import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from digitcam.errors import ConfigError
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.streaming.watchers import Watchers
from digitcam.state.health import Health

CONNECTIONS = 128  # at once; further ones are answered 503
GRACE_S = 1  # for what is being answered when the service ends
JOIN_S = 5.0
# A client that takes nothing for so long is cut off by the kernel, and what waits for it is bounded: asyncio's 64 kB,
# one message, and this. https://man7.org/linux/man-pages/man7/tcp.7.html
STUCK_MS = 20_000
SEND_BUFFER = 256 * 1024
# seconds until the kernel asks a silent client whether it is still there
SILENT_S = 60


class Server:
    """Serves from its construction until `close`."""

    def __init__(self, health: Health, settings: WebConfig, app: ASGIApp, watchers: Watchers) -> None:
        """Open the socket, then serve.

        Raises:
            ConfigError: nobody can listen there.
        """
        self._health = health
        self._watchers = watchers
        self._socket = _listen(settings)
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        # logging is the service's own business; what goes wrong in an answer is told by the app
        serving = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=logging.CRITICAL,
            access_log=False,
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = uvicorn.Server(serving)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        health.report("web", "ok", self.url)
        self._thread.start()

    def close(self) -> None:
        """End streams, answers and the thread. A second call does nothing."""
        self._server.should_exit = True
        if self._loop:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._watchers.close)
        self._thread.join(JOIN_S)
        self._socket.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001  # whatever it is, the page is gone and the loop goes on
            self._health.report("web", "fault", f"{self.url} is no longer served: {error}; start digitcam again")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._socket])
        for connection in list(self._server.server_state.connections):
            # a client that never reads would be waited for
            connection.transport.abort()


def _listen(config: WebConfig) -> socket.socket:
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"web.host: {config.host}: no such address: {error.strerror}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # every connection inherits these
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENT_S)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MS)
        if family == socket.AF_INET6:
            # `::` is every address of this machine, the old ones too
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        where = f"web.port: {config.host} port {config.port}"
        raise ConfigError(f"{where}: cannot listen: {error.strerror}; give another web.port or web.host") from error
    return listener
