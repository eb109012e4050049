"""The topics of one camera."""

import re
import socket
from dataclasses import dataclass

from digitcam.outputs.mqtt import MqttConfig


@dataclass(frozen=True, slots=True)
class Topics:
    """What is published where; only `command` and `birth` are listened to.

    Attributes:
        name: what this camera is called, `[A-Za-z0-9_-]+`.
        availability: `online`, `offline` (the last will) or `stopped`; retained.
        state: what stands there now, as JSON; retained.
        event: each new stable reading with all that is known of it, as JSON.
        stats: rate, counts and latencies, as JSON; retained.
        health: every part of the service, as JSON; retained.
        snapshot: the last frame that settled a reading, or was asked for, annotated, as a JPEG file; retained.
        command: words of `digitcam.outputs.mqtt.command`.
        discovery: what Home Assistant learns this camera from; retained; empty where it is not announced.
        birth: where Home Assistant says that it is there; empty where it is not listened to.
    """

    name: str
    availability: str
    state: str
    event: str
    stats: str
    health: str
    snapshot: str
    command: str
    discovery: str
    birth: str


def topics_of(config: MqttConfig) -> Topics:
    """Give the topics that were configured; the name is the machine's where none was."""
    name = config.name or re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname().partition(".")[0]) or "camera"
    own = ("availability", "state", "event", "stats", "health", "snapshot", "command")
    base = f"{config.topic}/{name}"
    prefix = config.discovery
    return Topics(
        name=name,
        **{topic: f"{base}/{topic}" for topic in own},
        # https://www.home-assistant.io/integrations/mqtt/#discovery-topic, #birth-and-last-will-messages
        discovery=f"{prefix}/device/{client_id(name)}/config" if prefix else "",
        birth=f"{prefix}/status" if prefix else "",
    )


def client_id(name: str) -> str:
    """Tell what brokers and Home Assistant tell this camera from others by."""
    return f"digitcam-{name}"
