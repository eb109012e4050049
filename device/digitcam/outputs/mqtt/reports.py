"""What is published of the service besides its events: availability, discovery, state, health, stats."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from digitcam.config import section_of
from digitcam.outputs.base import Update
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.discovery import MOST_LINES, describe
from digitcam.outputs.mqtt.outbox import Message, Outbox
from digitcam.outputs.mqtt.topics import Topics
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.address import is_loopback, list_addresses
from digitcam.state.describe import describe_health, describe_stats
from digitcam.state.service import ServiceState
from digitcam.wire import BrokerState, BrokerStats, Health, Published, rfc3339, to_json


class Reports:
    """Puts into the outbox what has changed, and what is due."""

    def __init__(self, service: ServiceState, settings: MqttConfig, topics: Topics, outbox: Outbox) -> None:
        """Report on `service`."""
        self._service = service
        self._settings = settings
        self._topics = topics
        self._outbox = outbox
        self._state: BrokerState | None = None
        self._health: Health | None = None
        self._state_at = 0.0
        self._stats_at: float | None = None
        # that have an entity of their own by now: those of the reading with the most, where it has several
        self._lines = 0
        self.newest: Update | None = None

    def everything(self) -> None:
        """Send all of it, to a broker that may know nothing, and for a Home Assistant that has just started."""
        topics = self._topics
        self._outbox.replace(Message(topics.availability, b"online", retain=True))
        self._announce()
        self._state = self._health = None
        self._stats_at = None
        self.due()

    def due(self) -> None:
        """Send what differs from what was said last, and what is said from time to time."""
        now = time.monotonic()
        state = describe_state(self._service, self.newest)
        lines = min(len(state.lines), MOST_LINES)
        if lines > max(1, self._lines):
            self._lines = lines
            self._announce()
        if state != self._state or now - self._state_at >= self._settings.heartbeat:
            self._state, self._state_at = state, now
            self._replace(self._topics.state, structs.replace(state, sent=rfc3339(datetime.now(UTC))))
        health = describe_health(self._service)
        if health != self._health:
            self._health = health
            self._replace(self._topics.health, health)
        if self._stats_at is None or now - self._stats_at >= self._settings.stats:
            self._stats_at = now
            self._replace(
                self._topics.stats,
                describe_stats(self._service, BrokerStats, events_dropped=self._outbox.dropped),
                qos=0,
            )

    def stopped(self) -> None:
        """Say the last word."""
        self._outbox.replace(Message(self._topics.availability, b"stopped", retain=True))

    def _announce(self) -> None:
        """Tell Home Assistant of this camera, and of the page where others reach it."""
        topics, web = self._topics, section_of(self._service.config, "web", WebConfig)
        if topics.discovery:
            is_reached = web.enabled and web.port and not is_loopback(web.host)
            self._replace(topics.discovery, describe(topics, self._lines, list_addresses(web)[0] if is_reached else ""))

    def _replace(self, topic: str, content: Published | Mapping[str, Any], *, qos: int = 1) -> None:
        # retained: Home Assistant listens to these only once it has taken in the discovery
        self._outbox.replace(Message(topic, to_json(content), qos, retain=True))


def describe_state(service: ServiceState, newest: Update | None) -> BrokerState:
    """Tell what stands there now, in few words, and how the service was told to work."""
    reading = newest.reading if newest else None
    return BrokerState(
        text=reading.text if reading else None,
        lines=reading.text.split("\n") if reading and reading.digits else [],
        confidence=min((round(digit.confidence, 4) for digit in reading.digits), default=None) if reading else None,
        rejected=len(reading.rejected) if reading else None,
        time=rfc3339(newest.time) if newest else None,
        sequence=newest.sequence if newest else None,
        paused=service.control.paused,
        min_confidence=service.control.min_confidence,
    )
