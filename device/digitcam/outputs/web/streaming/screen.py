"""What watchers are shown: made once for all of them, on a thread of its own, and only while somebody watches."""

import threading
import time

import cv2

from digitcam.frame import Frame
from digitcam.outputs.base import ReadFrame, Update
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.streaming.messages import frame_to_wire
from digitcam.outputs.web.streaming.watchers import Kind, Watchers
from digitcam.state.describe import describe_health, describe_stats
from digitcam.state.service import ServiceState
from digitcam.wire import Published, StableReading, Stats, to_json

TICK_S = 1.0  # between two messages of counts and health
LARGEST = 1280  # pixels on the longer side of a picture; a larger frame is shrunk to it
BOUNDARY = "frame"


class Screen:
    """Holds the newest frame, and turns it into messages."""

    def __init__(self, service: ServiceState, settings: WebConfig, watchers: Watchers) -> None:
        self._service = service
        self._settings = settings
        self._watchers = watchers
        self._read_frame: ReadFrame | None = None
        self._update: Update | None = None
        self._news = threading.Event()
        self._joined = False
        self._closing = threading.Event()
        self._encoding = threading.Lock()
        self._encoded: tuple[Frame, bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="web-screen", daemon=True)
        self._thread.start()

    def show(self, read_frame: ReadFrame) -> None:
        """Take the newest frame; that it was there is all that happens while nobody watches."""
        self._read_frame = read_frame
        if self._watchers.wanted:
            self._news.set()

    def tell(self, update: Update) -> None:
        """Take the newest stable reading."""
        self._update = update
        if self._watchers.wanted:
            self._news.set()

    @property
    def update(self) -> Update | None:
        """The newest stable reading."""
        return self._update

    def join(self) -> None:
        """Show what is there, news or not, since somebody began to watch."""
        self._joined = True
        self._news.set()

    def picture(self) -> tuple[Frame, bytes] | None:
        """Give the newest frame and its JPEG file; None before the first. Takes milliseconds, once a frame."""
        with self._encoding:
            if not self._read_frame:
                return None
            frame = self._read_frame.frame
            if not self._encoded or self._encoded[0] is not frame:
                self._encoded = frame, _jpeg(frame, self._settings.quality)
            return self._encoded

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._news.set()
        self._thread.join()

    def _run(self) -> None:
        read_frame: ReadFrame | None = None
        update: Update | None = None
        ticked = 0.0
        while not self._closing.is_set():
            self._news.wait(TICK_S if self._watchers.wanted else None)
            self._news.clear()
            began = time.monotonic()
            if self._joined:
                self._joined, read_frame, update, ticked = False, None, None, 0.0
            shown: dict[Kind, bytes] = {}
            if self._read_frame is not read_frame:
                read_frame = self._read_frame
                shown |= self._frame()
            if self._update is not update:
                update = self._update
                shown |= self._reading()
            if began - ticked >= TICK_S:
                ticked = began
                shown |= self._tick()
            self._watchers.post(shown)
            # frames come no faster than was asked for; what comes meanwhile is the next one's turn
            self._closing.wait(max(0.0, began + 1 / self._settings.fps - time.monotonic()))

    def _frame(self) -> dict[Kind, bytes]:
        """Give picture and reading of one and the same frame, as far as anyone wants them."""
        shown: dict[Kind, bytes] = {}
        read_frame = self._read_frame
        if read_frame and "frame" in self._watchers.wanted:
            shown["frame"] = _event("frame", frame_to_wire(read_frame))
        if "jpeg" in self._watchers.wanted and (picture := self.picture()):
            shown["jpeg"] = _part(*picture)
        return shown

    def _reading(self) -> dict[Kind, bytes]:
        return {"reading": _event("reading", self._update.to_wire(StableReading))} if self._update else {}

    def _tick(self) -> dict[Kind, bytes]:
        if "stats" not in self._watchers.wanted:
            return {}
        return {
            "stats": _event("stats", describe_stats(self._service, Stats)),
            "health": _event("health", describe_health(self._service)),
        }


def _jpeg(frame: Frame, quality: int) -> bytes:
    image = frame.image
    if max(image.shape) > LARGEST:
        scale = LARGEST / max(image.shape)
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    _, encoded = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return encoded.tobytes()


def _part(frame: Frame, jpeg: bytes) -> bytes:
    """Give one part of a multipart stream, up to the next boundary: browsers show a part when they see its end."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\nX-Sequence: {frame.sequence}\r\n\r\n"
    return head.encode() + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()


def _event(kind: str, values: Published) -> bytes:
    """Write an event: https://html.spec.whatwg.org/multipage/server-sent-events.html."""
    return b"event: " + kind.encode() + b"\ndata: " + to_json(values) + b"\n\n"
