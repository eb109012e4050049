"""What Home Assistant gets from a real broker: every entity as documented, and what each shows of what is read."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import jinja2
import numpy as np
import pytest
from tests.live.brokers import Mosquitto, Watch, until
from tests.live.test_mqtt import read_frame
from tests.live.test_mqtt_discovery import check_entity, filled, update

from digitcam.config import configure
from digitcam.outputs.base import Output
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.registry import open_output
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.address import list_addresses
from digitcam.state.service import ServiceState

WEB = WebConfig(enabled=True, host="0.0.0.0", open=True)  # noqa: S104


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as mosquitto:
        yield mosquitto


@pytest.fixture
def output(broker: Mosquitto) -> Iterator[Output]:
    mqtt = MqttConfig(host="127.0.0.1", port=broker.port, name="pi", retry=0.2)
    live = ServiceState(configure(mqtt=mqtt, web=WEB))
    live.stats.latency({"total": 12.5})
    live.health.report("camera", "ok", "there")
    with closing(open_output("mqtt", live)) as opened:
        yield opened


@pytest.fixture
def watch(broker: Mosquitto) -> Iterator[Watch]:
    with Watch(broker) as watching:
        yield watching


def kept(watch: Watch, topic: str) -> Any:  # noqa: ANN401  # whatever JSON holds
    """What the broker hands whoever comes now."""
    (payload,) = {seen.payload for seen in watch.seen(topic) if seen.retained}
    return json.loads(payload)


def test_every_entity_is_documented_and_shows_what_was_read(broker: Mosquitto, watch: Watch, output: Output) -> None:
    read(watch, output, "46273\n59081")
    with Watch(broker) as home_assistant:
        message = kept(home_assistant, "homeassistant/device/digitcam-pi/config")
        assert message["device"]["configuration_url"] == list_addresses(WEB)[0]
        shown = {}
        for key, entity in message["components"].items():
            check_entity(entity)
            if "value_template" in entity:
                shown[key] = filled(entity["value_template"], kept(home_assistant, entity["state_topic"]))
        image = message["components"]["picture"]
        (jpeg,) = (seen.payload for seen in home_assistant.seen(image["image_topic"]) if seen.retained)
    assert image["content_type"] == "image/jpeg"
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) is not None
    assert {key: shown[key] for key in ("reading", "number", "line_1", "line_2", "confidence", "problem", "read")} == {
        "reading": "46273 / 59081",
        "number": "None",
        "line_1": "46273",
        "line_2": "59081",
        "confidence": "98.77",
        "problem": "OFF",
        "read": "ON",
    }


def test_the_number_of_a_meter_is_a_series_of_numbers(broker: Mosquitto, watch: Watch, output: Output) -> None:
    for text in ("0017", "0018", "0020", "0031"):
        read(watch, output, text)
    with Watch(broker) as home_assistant:
        number = kept(home_assistant, "homeassistant/device/digitcam-pi/config")["components"]["number"]
    states = [filled(number["value_template"], json.loads(payload)) for payload in watch.payloads("pi/state")]
    assert list(dict.fromkeys(states)) in (["None", "17", "18", "20", "31"], ["17", "18", "20", "31"])
    assert number["state_class"] == "measurement"


def read(watch: Watch, output: Output, text: str) -> None:
    """Have a text read, and wait until the broker has been told."""
    what = update(text)
    output.publish(what)
    output.see(read_frame(what))
    until(lambda: json.loads(watch.last("pi/state") or b'{"text": ""}')["text"] == text, "the state is told")
    until(lambda: watch.payloads("pi/snapshot"), "a picture is there")


def test_the_meter_of_the_docs_takes_what_can_be_and_nothing_else() -> None:
    page = (Path(__file__).parents[2] / "docs" / "home-assistant.md").read_text(encoding="utf-8")
    (template,) = re.findall(r"state: >\n(.*?)```", page, re.DOTALL)

    def told(new: str, old: str) -> float:
        state = {"trigger": {"to_state": {"state": new}}, "this": {"state": old}}
        return float(jinja2.Environment(autoescape=True).from_string(template).render(state))

    assert told("12345", "unknown") == 12.345
    assert told("12350", "12.345") == 12.35
    for misread in ("92350", "12000", "unknown", "unavailable"):
        assert told(misread, "12.345") == 12.345, misread
