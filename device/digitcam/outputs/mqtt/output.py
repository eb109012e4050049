"""What the loop hands over for the broker, and what the broker's users ask for."""

import logging
import math
import threading
import time

import cv2

from digitcam.annotate import draw
from digitcam.outputs.base import Output, ReadFrame, Update
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.access import Access
from digitcam.outputs.mqtt.broker_thread import BrokerThread
from digitcam.outputs.mqtt.command import CommandError, Snapshot, parse
from digitcam.outputs.mqtt.outbox import Message, Outbox
from digitcam.outputs.mqtt.reports import Reports
from digitcam.outputs.mqtt.topics import topics_of
from digitcam.state.service import ServiceState
from digitcam.wire import ReadingEvent, to_json

JPEG_QUALITY = 80  # a page of ten digits: 150 kB
log = logging.getLogger(__name__)


class Mqtt(Output):
    """Publishes readings, and obeys; whatever the broker does, `see` and `publish` return at once."""

    def __init__(self, service: ServiceState, settings: MqttConfig, access: Access) -> None:
        """Begin to connect to the broker."""
        self._control = service.control
        self._topics = topics_of(settings)
        self._outbox = Outbox()
        self._reports = Reports(service, settings, self._topics, self._outbox)
        self._asked = threading.Event()
        self._is_new = False  # whether a reading has come of which no picture was handed over
        self._every_s = settings.picture
        self._drawn_at = -math.inf
        self._read_frame: ReadFrame | None = None
        self._is_urgent = False
        self._broker = BrokerThread(
            service.health, settings, self._topics, access, self._reports, self._outbox, self._take_picture, self._obey
        )

    def see(self, read_frame: ReadFrame) -> None:
        """Hand over a frame if a picture of one was asked for, or if it has settled a reading."""
        is_asked = self._asked.is_set()
        if is_asked or self._is_new:
            self._is_new = False
            self._read_frame = read_frame
            if is_asked:
                self._asked.clear()
                self._is_urgent = True
            self._broker.wake()

    def publish(self, update: Update) -> None:
        """Hand over a new stable reading."""
        self._reports.newest = update
        self._is_new = self._every_s > 0
        self._outbox.add(Message(self._topics.event, to_json(update.to_wire(ReadingEvent))))
        self._broker.wake()

    def close(self) -> None:
        """Send what is left, and `stopped`, within some seconds."""
        self._broker.stop()

    def _take_picture(self) -> None:
        """Draw and encode the frame that was handed over, once that is due; on the broker's thread."""
        now = time.monotonic()
        if not self._read_frame or not (self._is_urgent or now - self._drawn_at >= self._every_s):
            return
        self._is_urgent = False
        read_frame, self._read_frame = self._read_frame, None
        self._drawn_at = now
        picture = draw(read_frame.frame.image, read_frame.reading)
        jpeg = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))[1].tobytes()
        self._outbox.replace(Message(self._topics.snapshot, jpeg, retain=True))

    def _obey(self, payload: bytes) -> None:
        """Do what came to the command topic; on the broker's thread."""
        try:
            command = parse(payload)
        except CommandError as error:
            log.warning("mqtt: %s: %s", self._topics.command, error)
            return
        log.info("mqtt: asked for %s", command)
        if isinstance(command, Snapshot):
            self._asked.set()
        else:
            self._control.ask(command)
