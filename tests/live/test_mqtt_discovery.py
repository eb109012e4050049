"""What Home Assistant is told, against what it documents; and its templates, filled with what is really published.

`DOCUMENTED` holds the keys that Home Assistant's own pages list, without those that every entity shares.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jinja2
import numpy as np
import pytest

from digitcam.config import Config
from digitcam.outputs.base import Update
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.command import parse
from digitcam.outputs.mqtt.discovery import MOST_DIGITS, MOST_LINES, describe
from digitcam.outputs.mqtt.reports import describe_state
from digitcam.outputs.mqtt.topics import topics_of
from digitcam.reading import Box, Digit, Reading
from digitcam.state.describe import describe_health, describe_stats
from digitcam.state.service import ServiceState
from digitcam.wire import BrokerStats, Published, ReadingEvent, to_json

TOPICS = topics_of(MqttConfig(name="pi"))

# https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
ROOT = {"device", "origin", "components", "availability", "availability_mode", "availability_template"}
ROOT |= {"availability_topic", "payload_available", "payload_not_available"}
ROOT |= {"command_topic", "state_topic", "qos", "encoding"}
# the same page, "Adding information about the origin of a discovery message"
ORIGIN = {"name", "sw_version", "support_url"}
# key `device` on each of the pages below
DEVICE = {"configuration_url", "connections", "hw_version", "identifiers", "manufacturer", "model", "model_id", "name"}
DEVICE |= {"serial_number", "suggested_area", "sw_version", "via_device"}
# key `availability` on each of the pages below
AVAILABILITY = {"topic", "payload_available", "payload_not_available", "value_template"}
# on each of the pages below
SHARED = {"availability", "availability_mode", "availability_template", "availability_topic", "default_entity_id"}
SHARED |= {"device", "enabled_by_default", "encoding", "entity_category", "entity_picture", "icon", "name", "platform"}
SHARED |= {"json_attributes_template", "json_attributes_topic", "payload_available", "payload_not_available"}
SHARED |= {"qos", "unique_id"}

# platform: what is required, what else there is
DOCUMENTED: Mapping[str, tuple[set[str], set[str]]] = {
    # https://www.home-assistant.io/integrations/sensor.mqtt/
    "sensor": (
        {"state_topic"},
        {"device_class", "expire_after", "force_update", "last_reset_value_template", "options", "state_class"}
        | {"suggested_display_precision", "unit_of_measurement", "value_template"},
    ),
    # https://www.home-assistant.io/integrations/binary_sensor.mqtt/
    "binary_sensor": (
        {"state_topic"},
        {"device_class", "expire_after", "force_update", "off_delay", "payload_off", "payload_on", "value_template"},
    ),
    # https://www.home-assistant.io/integrations/event.mqtt/
    "event": ({"state_topic", "event_types"}, {"device_class", "value_template"}),
    # https://www.home-assistant.io/integrations/image.mqtt/
    "image": (set(), {"content_type", "image_encoding", "image_topic", "url_template", "url_topic"}),
    # https://www.home-assistant.io/integrations/switch.mqtt/
    "switch": (
        {"command_topic"},
        {"command_template", "device_class", "optimistic", "payload_off", "payload_on", "retain", "state_off"}
        | {"state_on", "state_topic", "value_template"},
    ),
    # https://www.home-assistant.io/integrations/button.mqtt/
    "button": ({"command_topic"}, {"command_template", "device_class", "payload_press", "retain"}),
    # https://www.home-assistant.io/integrations/number.mqtt/
    "number": (
        {"command_topic"},
        {"command_template", "device_class", "max", "min", "mode", "optimistic", "payload_reset", "retain"}
        | {"state_topic", "step", "unit_of_measurement", "value_template"},
    ),
}
MESSAGE = describe(TOPICS, lines=2, url="http://raspberrypi.local:8000")
COMPONENTS: Mapping[str, Mapping[str, Any]] = MESSAGE["components"]


def told() -> dict[str, Any]:
    """The message as it arrives."""
    content: dict[str, Any] = json.loads(json.dumps(MESSAGE))
    return content


def test_the_topic_is_that_of_a_devices_discovery() -> None:
    # https://www.home-assistant.io/integrations/mqtt/#discovery-topic
    assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", TOPICS.discovery)
    assert TOPICS.birth == "homeassistant/status"


def test_the_message_has_what_is_mandatory_and_nothing_unknown() -> None:
    message = told()
    assert {"device", "origin", "components"} <= set(message) <= ROOT
    assert {"name"} <= set(message["origin"]) <= ORIGIN
    assert set(message["device"]) <= DEVICE
    assert message["device"]["identifiers"]
    assert message["qos"] in (0, 1, 2)
    assert all({"topic"} <= set(entry) <= AVAILABILITY for entry in message["availability"])
    assert message["device"]["configuration_url"] == "http://raspberrypi.local:8000"
    assert "configuration_url" not in describe(TOPICS)["device"]
    assert len(json.dumps(describe(TOPICS, lines=MOST_LINES))) < 16000  # what small brokers take


def test_each_entity_is_told_apart() -> None:
    identities = [entity["unique_id"] for entity in COMPONENTS.values()]
    assert len(set(identities)) == len(identities) == len(COMPONENTS)
    assert all(identity.startswith("digitcam-pi_") for identity in identities)
    names = [entity["name"] for entity in COMPONENTS.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("key", COMPONENTS)
def test_an_entity_has_what_its_page_requires_and_nothing_that_it_does_not_list(key: str) -> None:
    check_entity(COMPONENTS[key])


def check_entity(entity: Mapping[str, Any]) -> None:
    """Hold an entity against its page."""
    required, others = DOCUMENTED[entity["platform"]]
    assert required | {"platform", "unique_id"} <= set(entity) <= required | others | SHARED
    for name, value in entity.items():
        if name.endswith("_topic"):
            assert value in (TOPICS.state, TOPICS.stats, TOPICS.health, TOPICS.event, TOPICS.snapshot, TOPICS.command)
        elif name in ("min", "max", "step"):
            assert isinstance(value, int | float)
        elif name == "suggested_display_precision":
            assert isinstance(value, int)
        elif name == "event_types":
            assert value == [json.loads(to_json(update().to_wire(ReadingEvent)))["event_type"]]
        else:
            assert isinstance(value, str)
    # the sensor's page: of categories only this one; the others': config where something is set
    assert entity.get("entity_category") in {
        "sensor": (None, "diagnostic"),
        "binary_sensor": (None, "diagnostic"),
        "number": (None, "config"),
    }.get(entity["platform"], (None,))


def test_an_image_comes_from_one_place_and_a_number_has_a_range() -> None:
    assert {"image_topic", "url_topic"} & set(COMPONENTS["picture"]) == {"image_topic"}
    number = COMPONENTS["threshold"]
    assert (number["min"], number["max"], number["mode"]) == (0, 1, "slider")
    assert number["step"] >= 0.001


# templates


def update(text: str = "46273\n59081") -> Update:
    digits = [
        Digit(value, 0.98765, np.zeros(10, np.float32), Box(0, 0, 1, 1), np.zeros((28, 28), np.uint8), line)
        for line, digits in enumerate(text.split("\n"))
        for value in digits
    ]
    return Update(Reading(digits, [], {}), datetime.now(UTC), 1, 0)


def filled(template: str, content: Any) -> str:  # noqa: ANN401  # whatever JSON holds
    """As Home Assistant does: https://www.home-assistant.io/docs/configuration/templating/#using-templates-with-the-mqtt-integration."""
    values = {
        "value_json": json.loads(to_json(content) if isinstance(content, Published) else json.dumps(content)),
        "value": content,
    }
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(template).render(values)  # noqa: S701  # no HTML


def shown(key: str, content: Any) -> str:  # noqa: ANN401  # whatever JSON holds
    return filled(COMPONENTS[key]["value_template"], content)


def test_templates_show_a_reading_and_none_where_there_is_none_yet() -> None:
    live = ServiceState(Config())
    nothing, something = describe_state(live, None), describe_state(live, update())
    assert (shown("reading", nothing), shown("confidence", nothing)) == ("None", "None")
    assert (shown("reading", something), shown("confidence", something)) == ("46273 / 59081", "98.77")
    emptied = describe_state(live, update(""))
    assert (shown("reading", emptied), shown("confidence", emptied)) == ("", "None")


@pytest.mark.parametrize(
    ("text", "number", "lines"),
    [
        ("42", "42", ["42", "None"]),
        ("0042", "42", ["42", "None"]),
        ("42\n7", "None", ["42", "7"]),
        ("42\n7\n1", "None", ["42", "7"]),
        ("", "None", ["None", "None"]),
        ("9" * MOST_DIGITS, "9" * MOST_DIGITS, ["9" * MOST_DIGITS, "None"]),
        # statistics could not hold it
        ("9" * (MOST_DIGITS + 1), "None", ["None", "None"]),
    ],
)
def test_a_line_that_stands_alone_is_a_number_and_so_is_each_of_several(
    text: str, number: str, lines: list[str]
) -> None:
    state = describe_state(ServiceState(Config()), update(text))
    assert (shown("number", state), [shown(f"line_{n}", state) for n in (1, 2)]) == (number, lines)
    assert shown("number", describe_state(ServiceState(Config()), None)) == "None"


@pytest.mark.parametrize("key", ["number", "line_1", "line_2", "confidence"])
def test_what_is_a_number_makes_a_graph(key: str) -> None:
    # https://developers.home-assistant.io/docs/core/entity/sensor#long-term-statistics
    assert COMPONENTS[key]["state_class"] == "measurement"
    assert "device_class" not in COMPONENTS[key]


def test_a_long_text_is_no_longer_than_home_assistant_takes() -> None:
    assert len(shown("reading", describe_state(ServiceState(Config()), update("1" * 2000)))) <= 255


def test_templates_show_rate_latency_and_problems() -> None:
    live = ServiceState(Config())
    assert (
        shown("rate", describe_stats(live, BrokerStats, events_dropped=0)),
        shown("latency", describe_stats(live, BrokerStats, events_dropped=0)),
    ) == ("0.0", "None")
    live.stats.latency({"total": 12.5})
    assert shown("latency", describe_stats(live, BrokerStats, events_dropped=0)) == "12.5"
    assert shown("problem", describe_health(live)) == "OFF"
    live.health.report("camera", "fault", "unplugged")
    assert shown("problem", describe_health(live)) == "ON"


def test_the_switch_and_the_number_show_what_is_and_send_commands() -> None:
    live = ServiceState(Config())
    assert (shown("read", describe_state(live, None)), shown("threshold", describe_state(live, None))) == ("ON", "0.7")
    live.control.paused, live.control.min_confidence = True, 0.75
    assert (shown("read", describe_state(live, None)), shown("threshold", describe_state(live, None))) == (
        "OFF",
        "0.75",
    )
    switch = COMPONENTS["read"]
    sent = [switch["payload_on"], switch["payload_off"], COMPONENTS["snapshot"]["payload_press"]]
    sent += [filled(COMPONENTS["threshold"]["command_template"], value) for value in (0, 0.07, 0.6, 1, 1.0)]
    for payload in sent:
        parse(payload.encode())


@pytest.mark.parametrize(("said", "seen"), [("online", "online"), ("offline", "offline"), ("stopped", "offline")])
def test_what_is_stopped_on_purpose_is_not_available_either(said: str, seen: str) -> None:
    assert filled(told()["availability"][0]["value_template"], said) == seen
