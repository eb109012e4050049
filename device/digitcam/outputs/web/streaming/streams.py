"""Answers that do not end."""

import asyncio
import contextlib
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from digitcam.outputs.web.streaming.watchers import Kind, Watchers


class StreamResponse(Response):
    """What a watcher is sent, until it leaves or the service ends."""

    def __init__(
        self, watchers: Watchers, kinds: frozenset[Kind], media_type: str, head: bytes, joined: Callable[[], None]
    ) -> None:
        """Send `head`, call `joined`, then send the newest messages of these kinds."""
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._watchers = watchers
        self._kinds = kinds
        self._head = head
        self._joined = joined

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body"})
            return
        sending = asyncio.create_task(self._send(send))
        try:
            # it comes when the client leaves, and when all was sent
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending

    async def _send(self, send: Send) -> None:
        with self._watchers.watching(self._kinds) as watcher:
            await send({"type": "http.response.body", "body": self._head, "more_body": True})
            self._joined()
            # uvicorn's send waits until the client has taken most of what was sent before
            while message := await watcher.next():
                await send({"type": "http.response.body", "body": message, "more_body": True})
        await send({"type": "http.response.body"})
