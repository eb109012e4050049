"""The pages and the API."""

import asyncio
import logging
from http import HTTPStatus

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from digitcam.errors import ImageError, ModelError, RuntimeMissingError
from digitcam.outputs.web import WebConfig, metrics
from digitcam.outputs.web.access.rate_limit import RateLimiter
from digitcam.outputs.web.answers import failed, told
from digitcam.outputs.web.body import read_body, read_picture
from digitcam.outputs.web.openapi import make_document
from digitcam.outputs.web.pages import Pages
from digitcam.outputs.web.streaming.messages import DETAILED
from digitcam.outputs.web.streaming.screen import BOUNDARY, Screen
from digitcam.outputs.web.streaming.streams import StreamResponse
from digitcam.outputs.web.streaming.watchers import Kind, Watchers
from digitcam.outputs.web.uploads import Uploads
from digitcam.state.commands import Command, Pause, Resume, SetThreshold
from digitcam.state.describe import describe_health
from digitcam.state.service import ServiceState
from digitcam.wire import DetailedReading, StableReading, Threshold, to_wire

PICTURES_AT_ONCE, PICTURES_A_MINUTE = 10, 30.0  # of one client
COMMAND_BYTES = 64_000

log = logging.getLogger(__name__)


def app(service: ServiceState, settings: WebConfig, screen: Screen, watchers: Watchers, uploads: Uploads) -> Starlette:
    """Route everything that is answered, without any guard."""
    api = _Api(service, settings, screen, watchers, uploads)
    pages = Pages()
    routes = [
        *(Route(path, pages.answer) for path in pages.paths),
        Route("/api/openapi.json", api.openapi),
        Route("/api/reading", api.reading),
        Route("/api/stream", api.stream),
        Route("/api/frame.jpg", api.frame),
        Route("/api/live.mjpg", api.video),
        Route("/api/health", api.health),
        Route("/api/read", api.read, methods=["POST"]),
        Route("/api/pause", api.pause, methods=["POST"]),
        Route("/api/resume", api.resume, methods=["POST"]),
        Route("/api/threshold", api.threshold, methods=["POST"]),
        Route("/metrics", api.metrics),
    ]
    made = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _refused, ClientDisconnect: _refused, Exception: _broken},
    )
    made.router.redirect_slashes = False
    return made


class _Api:
    """One method for each operation of the OpenAPI document."""

    def __init__(
        self, service: ServiceState, settings: WebConfig, screen: Screen, watchers: Watchers, uploads: Uploads
    ) -> None:
        self._service = service
        self._settings = settings
        self._screen = screen
        self._watchers = watchers
        self._uploads = uploads
        self._pictures = RateLimiter(PICTURES_AT_ONCE, PICTURES_A_MINUTE)
        self._document = make_document(settings)

    async def openapi(self, request: Request) -> Response:
        del request
        return told(self._document)

    async def reading(self, request: Request) -> Response:
        del request
        update = self._screen.update
        if update is None:
            return failed(HTTPStatus.SERVICE_UNAVAILABLE, "nothing was read steadily yet; ask again", retry_s=1)
        return told(update.to_wire(StableReading))

    async def stream(self, request: Request) -> Response:
        del request
        kinds: frozenset[Kind] = frozenset(("frame", "reading", "stats", "health"))
        return self._streamed(
            StreamResponse(self._watchers, kinds, "text/event-stream", b"retry: 1000\n\n", self._screen.join)
        )

    async def video(self, request: Request) -> Response:
        del request
        kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        head = f"--{BOUNDARY}\r\n".encode()
        return self._streamed(StreamResponse(self._watchers, frozenset(("jpeg",)), kind, head, self._screen.join))

    def _streamed(self, stream: StreamResponse) -> Response:
        if self._watchers.full:
            return failed(HTTPStatus.SERVICE_UNAVAILABLE, "too many watch already; close a page", retry_s=10)
        return stream

    async def frame(self, request: Request) -> Response:
        del request
        picture = await asyncio.to_thread(self._screen.picture)
        if picture is None:
            return failed(HTTPStatus.SERVICE_UNAVAILABLE, "no frame came yet; ask again", retry_s=1)
        frame, jpeg = picture
        return Response(jpeg, headers={"x-sequence": str(frame.sequence)}, media_type="image/jpeg")

    async def health(self, request: Request) -> Response:
        del request
        values = describe_health(self._service)
        return told(values, HTTPStatus.OK if values.ok else HTTPStatus.SERVICE_UNAVAILABLE)

    async def metrics(self, request: Request) -> Response:
        del request
        text = await asyncio.to_thread(metrics.write_metrics, self._service, len(self._watchers))
        return Response(text, headers={"content-type": metrics.CONTENT_TYPE})

    async def read(self, request: Request) -> Response:
        client = request.client.host if request.client else ""
        if not self._pictures.left(client):
            return failed(HTTPStatus.TOO_MANY_REQUESTS, "too many pictures; wait a few seconds", retry_s=5)
        self._pictures.take(client)
        if self._uploads.full:
            return failed(HTTPStatus.SERVICE_UNAVAILABLE, "other pictures are being read; send it again", retry_s=2)
        data = await read_picture(request, round(self._settings.upload_mb * 1e6))
        try:
            reading, page = await self._uploads.read(data)
        except ImageError as error:
            return failed(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        except (ModelError, RuntimeMissingError) as error:
            return failed(HTTPStatus.SERVICE_UNAVAILABLE, str(error), retry_s=10)
        return told(to_wire(DetailedReading, reading, detailed=DETAILED, page=page or msgspec.UNSET))

    async def pause(self, request: Request) -> Response:
        del request
        return self._ask(Pause())

    async def resume(self, request: Request) -> Response:
        del request
        return self._ask(Resume())

    async def threshold(self, request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await read_body(request, COMMAND_BYTES), type=Threshold)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return failed(HTTPStatus.UNPROCESSABLE_ENTITY, f'send {{"min_confidence": 0.7}}: {error}')
        return self._ask(SetThreshold(asked.min_confidence))

    def _ask(self, command: Command) -> Response:
        self._service.control.ask(command)
        return Response(status_code=HTTPStatus.ACCEPTED)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    if isinstance(error, HTTPException):
        return failed(HTTPStatus(error.status_code), error.detail, headers=error.headers)
    # nobody is there to read this
    return failed(HTTPStatus.BAD_REQUEST, "the picture did not arrive whole")


async def _broken(request: Request, error: Exception) -> Response:
    log.error("web: %s %s failed: %r", request.method, request.url.path, error)
    return failed(HTTPStatus.INTERNAL_SERVER_ERROR, "digitcam has a fault of its own here; its log says which")
