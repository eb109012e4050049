"""What is published of the service besides its events: availability, discovery, state, health, stats."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from digitcam.outputs.base import Update
from digitcam.outputs.mqtt.discovery import MOST_LINES, describe
from digitcam.outputs.mqtt.outbox import Message, Outbox
from digitcam.outputs.mqtt.topics import Topics
from digitcam.page_address import addresses, is_loopback
from digitcam.state.shared import Live


class Reports:
    """Puts into the outbox what has changed, and what is due."""

    def __init__(self, live: Live, topics: Topics, outbox: Outbox) -> None:
        """Report on `live`."""
        self._live = live
        self._topics = topics
        self._outbox = outbox
        self._state: Mapping[str, Any] = {}
        self._health: Mapping[str, Any] = {}
        self._state_at = 0.0
        self._stats_at: float | None = None
        self._lines = (
            0  # that have an entity of their own by now: those of the reading with the most, where it has several
        )
        self.newest: Update | None = None

    def everything(self) -> None:
        """For a broker that may know nothing, and for a Home Assistant that has just started."""
        topics = self._topics
        self._outbox.replace(Message(topics.availability, b"online", retain=True))
        self._announce()
        self._state = self._health = {}
        self._stats_at = None
        self.due()

    def due(self) -> None:
        """What differs from what was said last, and what is said from time to time."""
        now = time.monotonic()
        state = state_of(self._live, self.newest)
        lines = min(len(state["lines"]), MOST_LINES)
        if lines > max(1, self._lines):
            self._lines = lines
            self._announce()
        if state != self._state or now - self._state_at >= self._live.config.mqtt.heartbeat:
            self._state, self._state_at = state, now
            self._replace(self._topics.state, {**state, "sent": rfc3339(datetime.now(UTC))})
        health = health_of(self._live)
        if health != self._health:
            self._health = health
            self._replace(self._topics.health, health)
        if self._stats_at is None or now - self._stats_at >= self._live.config.mqtt.stats:
            self._stats_at = now
            self._replace(self._topics.stats, stats_of(self._live, self._outbox.dropped), qos=0)

    def stopped(self) -> None:
        """The last word."""
        self._outbox.replace(Message(self._topics.availability, b"stopped", retain=True))

    def _announce(self) -> None:
        """Tell Home Assistant of this camera, and of the page where others reach it."""
        topics, web = self._topics, self._live.config.web
        if topics.discovery:
            is_reached = web.enabled and web.port and not is_loopback(web.host)
            self._replace(topics.discovery, describe(topics, self._lines, addresses(web)[0] if is_reached else ""))

    def _replace(self, topic: str, content: Mapping[str, Any], *, qos: int = 1) -> None:
        # retained: Home Assistant listens to these only once it has taken in the discovery
        self._outbox.replace(Message(topic, msgspec.json.encode(content), qos, retain=True))


def event_of(update: Update) -> dict[str, Any]:
    """A stable reading with all that is known of it; `event_type` is what Home Assistant's events are told by."""
    return {"event_type": "reading", **update.as_dict()}


def state_of(live: Live, newest: Update | None) -> dict[str, Any]:
    """What stands there now, in few words, and how the service was told to work; None where nothing was read yet."""
    state: dict[str, Any] = {
        "text": None,
        "lines": [],
        "confidence": None,
        "rejected": None,
        "time": None,
        "sequence": None,
        "paused": live.control.paused,
        "threshold": live.control.min_confidence,
    }
    if newest:
        reading = newest.reading
        state |= {
            "text": reading.text,
            "lines": reading.text.split("\n") if reading.digits else [],
            # of the least sure digit
            "confidence": min((round(digit.confidence, 4) for digit in reading.digits), default=None),
            "rejected": len(reading.rejected),
            "time": rfc3339(newest.time),
            "sequence": newest.sequence,
        }
    return state


def health_of(live: Live) -> dict[str, Any]:
    """Every part as it was reported, and whether one of them does not work."""
    parts = live.health.parts()
    return {
        "problem": any(part.state == "fault" for part in parts.values()),
        "faults": [f"{name}: {part.text}" for name, part in parts.items() if part.state == "fault"],
        "parts": {
            name: {"state": part.state, "text": part.text, "since": rfc3339(part.since)} for name, part in parts.items()
        },
    }


def stats_of(live: Live, dropped: int) -> dict[str, Any]:
    """Rate, counts, and the median and the 90th percentile of every stage, in milliseconds."""
    summary = live.stats.summary()
    return {
        "rate": round(summary.rate, 2),
        "frames": summary.frames,
        "skipped": summary.skipped,
        "published": summary.published,
        "seconds": round(summary.seconds, 1),
        "latency": {stage: {"p50": round(ms.p50, 2), "p90": round(ms.p90, 2)} for stage, ms in summary.latency.items()},
        "events_dropped": dropped,
    }


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
