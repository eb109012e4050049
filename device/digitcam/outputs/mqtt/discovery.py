"""What Home Assistant learns this camera from: one message that describes the device and its entities.

https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload; the entities' keys stand on the pages that
each is linked to below.
"""

from collections.abc import Mapping
from typing import Any

from digitcam import __version__
from digitcam.outputs.mqtt.topics import Topics, client_id

Entity = Mapping[str, Any]
LONGEST = 250  # characters; Home Assistant takes no state of more than 255
MOST_LINES = 8  # with an entity of their own
MOST_DIGITS = 15  # of a number; Home Assistant keeps statistics as floating point, which holds no more


def describe(topics: Topics, lines: int = 0, url: str = "") -> dict[str, Any]:
    """Give the content of the discovery message.

    Args:
        topics: this camera's.
        lines: how many lines have an entity of their own.
        url: of the page; empty where there is none for others.
    """
    own = client_id(topics.name)
    entities = _shown(topics) | {f"line_{n}": _line(topics, n) for n in range(1, lines + 1)} | _asked(topics)
    return {
        "device": {
            "identifiers": [own],
            "name": f"digitcam {topics.name}",
            "manufacturer": "digitcam",
            "model": "digitcam",
            "sw_version": __version__,
            **({"configuration_url": url} if url else {}),
        },
        "origin": {"name": "digitcam", "sw_version": __version__},
        # "stopped" is neither of the two that Home Assistant knows, and would be ignored
        "availability": [
            {
                "topic": topics.availability,
                "value_template": "{{ 'online' if value == 'online' else 'offline' }}",
            }
        ],
        "qos": 1,
        "components": {key: {"unique_id": f"{own}_{key}", **entity} for key, entity in entities.items()},
    }


def _shown(topics: Topics) -> dict[str, Entity]:
    """Describe the entities that tell something."""
    return {
        # https://www.home-assistant.io/integrations/sensor.mqtt/
        "reading": {
            "platform": "sensor",
            "name": "Reading",
            "icon": "mdi:numeric",
            "state_topic": topics.state,
            "value_template": "{{ None if value_json.text is none else "
            f"(value_json.text | replace('\\n', ' / '))[:{LONGEST}] }}}}",
            "json_attributes_topic": topics.state,
        },
        # for graphs and for automations that compare
        "number": _number(topics, "Number", 0, "== 1"),
        "confidence": {
            "platform": "sensor",
            "name": "Confidence",
            "icon": "mdi:percent",
            "state_topic": topics.state,
            "value_template": "{{ None if value_json.confidence is none else "
            "(100 * value_json.confidence) | round(2) }}",
            "unit_of_measurement": "%",
            "state_class": "measurement",
            "suggested_display_precision": 1,
        },
        "rate": {
            "platform": "sensor",
            "name": "Rate",
            "icon": "mdi:speedometer",
            "state_topic": topics.stats,
            "value_template": "{{ value_json.rate }}",
            "unit_of_measurement": "frames/s",
            "state_class": "measurement",
            "suggested_display_precision": 1,
            "entity_category": "diagnostic",
        },
        "latency": {
            "platform": "sensor",
            "name": "Latency",
            "icon": "mdi:timer-outline",
            "state_topic": topics.stats,
            "value_template": "{{ value_json.latency.total.p50 if 'total' in value_json.latency else None }}",
            "unit_of_measurement": "ms",
            "state_class": "measurement",
            "suggested_display_precision": 1,
            "entity_category": "diagnostic",
            "json_attributes_topic": topics.stats,
        },
        # https://www.home-assistant.io/integrations/binary_sensor.mqtt/
        "problem": {
            "platform": "binary_sensor",
            "name": "Problem",
            "device_class": "problem",
            "state_topic": topics.health,
            "value_template": "{{ 'OFF' if value_json.ok else 'ON' }}",
            "entity_category": "diagnostic",
            "json_attributes_topic": topics.health,
        },
        # https://www.home-assistant.io/integrations/event.mqtt/
        "new_reading": {
            "platform": "event",
            "name": "New reading",
            "icon": "mdi:numeric",
            "state_topic": topics.event,
            "event_types": ["reading"],
        },
        # https://www.home-assistant.io/integrations/image.mqtt/
        "picture": {
            "platform": "image",
            "name": "Picture",
            "image_topic": topics.snapshot,
            "content_type": "image/jpeg",
        },
    }


def _line(topics: Topics, n: int) -> Entity:
    """Give the number in line `n`, from 1."""
    return _number(topics, f"Line {n}", n - 1, f">= {n}")


def _number(topics: Topics, name: str, line: int, wanted: str) -> Entity:
    """Give the number in a line, from 0, where the count of lines is as `wanted`."""
    its = f"value_json.lines[{line}]"
    return {
        "platform": "sensor",
        "name": name,
        "icon": "mdi:counter",
        "state_topic": topics.state,
        "value_template": f"{{{{ {its} | int if value_json.lines | length {wanted} "
        f"and {its} | length <= {MOST_DIGITS} else None }}}}",
        # with it Home Assistant draws a graph and keeps statistics
        "state_class": "measurement",
    }


def _asked(topics: Topics) -> dict[str, Entity]:
    """Describe the entities by which the camera is told something."""
    return {
        # https://www.home-assistant.io/integrations/switch.mqtt/
        "read": {
            "platform": "switch",
            "name": "Read",
            "icon": "mdi:eye",
            "state_topic": topics.state,
            "value_template": "{{ 'OFF' if value_json.paused else 'ON' }}",
            "state_on": "ON",
            "state_off": "OFF",
            "command_topic": topics.command,
            "payload_on": "resume",
            "payload_off": "pause",
        },
        # https://www.home-assistant.io/integrations/button.mqtt/
        "snapshot": {
            "platform": "button",
            "name": "Take a snapshot",
            "icon": "mdi:camera",
            "command_topic": topics.command,
            "payload_press": "snapshot",
        },
        # https://www.home-assistant.io/integrations/number.mqtt/
        "threshold": {
            "platform": "number",
            "name": "Threshold",
            "icon": "mdi:tune",
            "state_topic": topics.state,
            "value_template": "{{ value_json.min_confidence }}",
            "command_topic": topics.command,
            "command_template": "threshold {{ value }}",
            "min": 0,
            "max": 1,
            "step": 0.01,
            "mode": "slider",
            "entity_category": "config",
        },
    }
