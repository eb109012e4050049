"""docs/mqtt.md says what is so."""

import json
import re
import tomllib
from dataclasses import fields
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from tests.live.test_mqtt_discovery import COMPONENTS, update

from digitcam.config import configure, load, section_of
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.command import parse
from digitcam.outputs.mqtt.discovery import MOST_DIGITS, MOST_LINES
from digitcam.outputs.mqtt.outbox import LONGEST, Message, Outbox
from digitcam.outputs.mqtt.reports import Reports
from digitcam.outputs.mqtt.topics import Topics, topics_of
from digitcam.state.service import ServiceState
from digitcam.wire import ReadingEvent

PAGE = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text(encoding="utf-8")
TOPICS = topics_of(MqttConfig(name="NAME"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its own two lines."""
    lines = PAGE.partition(f"\n## {heading}\n")[2].splitlines()
    rows = takewhile(lambda line: line.startswith("|"), dropwhile(lambda line: not line.startswith("|"), lines))
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows][2:]


def everything() -> dict[str, Message]:
    """What a broker gets that knows nothing yet, by topic."""
    settings = MqttConfig(name="NAME")
    live, outbox = ServiceState(configure(mqtt=settings)), Outbox()
    live.health.report("camera", "ok", "there")
    live.stats.latency({"find": 1.0, "total": 2.0})
    reports = Reports(live, settings, TOPICS, outbox)
    reports.newest = update()
    reports.everything()
    messages = {}
    while message := outbox.take():
        messages[message.topic] = message
        outbox.arrived()
    return messages


def test_the_topics_are_those_of_the_code() -> None:
    rows = {row[0].strip("`"): row for row in table("Topics")}
    own = {topic.removeprefix("digitcam/NAME/") for topic in _all(TOPICS)}
    assert set(rows) == own
    for topic, message in everything().items():
        _, direction, qos, retained, _ = rows[topic.removeprefix("digitcam/NAME/")]
        assert (direction, int(qos), retained == "yes") == ("out", message.qos, message.retain)


def _all(topics: Topics) -> list[str]:
    return [getattr(topics, field.name) for field in fields(topics) if field.name != "name"]


@pytest.mark.parametrize("topic", ["state", "event", "stats", "health"])
def test_the_examples_have_the_keys_of_what_is_published(topic: str) -> None:
    published = {name.rpartition("/")[2]: message for name, message in everything().items()}
    actual: dict[str, Any] = (
        to_builtins(update().to_wire(ReadingEvent)) if topic == "event" else json.loads(published[topic].payload)
    )
    examples = [json.loads(block) for block in blocks("json")]
    assert len(examples) == 4
    assert [example for example in examples if list(example) == list(actual)]


def test_the_commands_are_commands() -> None:
    row = next(row for row in table("Topics") if row[0] == "`command`")
    commands = re.findall(r"`([^`]+)`", row[4])
    assert len(commands) == 4
    for command in commands:
        parse(command.encode())


def test_the_settings_are_settings(tmp_path: Path) -> None:
    examples = blocks("toml")
    assert examples
    for example in examples:
        path = tmp_path / "digitcam.toml"
        path.write_text(example)
        assert section_of(load(path, {}), "mqtt", MqttConfig).host == tomllib.loads(example)["mqtt"]["host"]


def test_the_numbers_are_those_of_the_code() -> None:
    usual = MqttConfig()
    for said in (
        f"each `heartbeat` ({usual.heartbeat:g} s)",
        f"each `stats` ({usual.stats:g} s)",
        f"each `retry` ({usual.retry:g} s)",
        f"each `picture` ({usual.picture:g} s)",
        f"{MOST_LINES} at most",
        f"more than {MOST_DIGITS} digits",
        f"twice `keepalive` ({2 * usual.keepalive} s)",
        f"{LONGEST} of them",
    ):
        assert said in PAGE


def test_the_entities_are_those_of_the_discovery() -> None:
    named = {name for row in table("Home Assistant") for name in row[0].split(", ")}
    assert named == {entity["name"] for entity in COMPONENTS.values()}
