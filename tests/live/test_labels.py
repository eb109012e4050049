"""Labels other than digits reach the page, its API and MQTT as text."""

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from tests.live.brokers import Mosquitto, Watch
from tests.live.brokers import until as soon
from tests.live.browser import browser
from tests.live.serving import Service, Site, next_event, stream_of, until
from tests.live.test_mqtt import live_at
from tests.needs import need

from digitcam.config import Config, ModelConfig, configure
from digitcam.frame import Grey
from digitcam.model.card import card_path, labels_path
from digitcam.outputs.base import Update
from digitcam.outputs.registry import open_output
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.output import Web
from digitcam.recognition.adoption.card import write_card
from digitcam.recognition.reader import open_reader
from digitcam.state.service import ServiceState
from digitcam.wire import StableReading

TINY = Path(__file__).parents[1] / "device/models/zero-to-255.tflite"
LETTERS = [*"CDEFGHJKLM"]
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

Made = Callable[[Sequence[str]], Path]


@pytest.fixture
def model(tmp_path: Path) -> Made:
    """Make a model that reads such labels in place of the ten digits."""

    def make(labels: Sequence[str]) -> Path:
        made = Path(shutil.copy(TINY, tmp_path))
        labels_path(made).write_text("\n".join(labels) + "\n")
        write_card(made)
        card = json.loads(card_path(made).read_text())
        card["contract"] |= {"scale": 255.0}
        card_path(made).write_text(json.dumps(card))
        return made

    return make


@pytest.mark.parametrize("labels", [LETTERS, WORDS])
def test_the_api_tells_labels_as_text(labels: list[str], model: Made, page: Grey) -> None:
    web = WebConfig(enabled=True, port=0, fps=60.0)
    config = configure(model=ModelConfig(path=str(model(labels))), web=web)
    reading = open_reader(config).read(page)
    live = ServiceState(config)
    with closing(Web(live, web)) as output:
        site = Site(live, output, reading, page)
        update = site.publish()
        answer = site.ask("/api/reading").json
        assert answer == msgspec.to_builtins(update.to_wire(StableReading))
        assert {place["label"] for place in answer["digits"]} <= set(labels)
        assert answer["text"].split() == reading.text.split()
        with stream_of(site, "/api/stream") as stream:
            site.show()
            _, frame = next_event(stream, "frame")
        assert frame["labels"] == labels
        assert len(frame["digits"][0]["probabilities"]) == len(labels)
        schemas = site.ask("/api/openapi.json").json["components"]["schemas"]
        assert set(frame["digits"][0]) <= set(schemas["DigitRecord"]["properties"])
        assert "labels" in schemas["FrameReading"]["properties"]


def test_the_page_shows_letters(model: Made) -> None:
    need("browser")
    settings = {"DIGITCAM_MODEL_PATH": str(model(LETTERS)), "DIGITCAM_MODEL_MIN_CONFIDENCE": "0.3"}
    with browser() as chrome, Service(0, **settings) as service:
        chrome.get(service.url)

        def read() -> bool:
            shown = chrome.execute_script(
                "const all = (s) => [...document.querySelectorAll(s)];"
                "return {tags: all('#boxes .tag').map((t) => t.textContent),"
                " cells: all('.cell .verdict').map((v) => v.firstChild.data),"
                " best: all('.cell').map((c) => c.querySelector('.best')?.textContent),"
                " names: all('.cell:first-child .bars span').map((b) => b.textContent),"
                " reading: document.getElementById('reading').textContent,"
                " count: document.getElementById('sureness').textContent}"
            )
            same = shown["tags"] == shown["cells"] == shown["best"] and set(shown["tags"]) <= set(LETTERS)
            known = shown["names"] == [*LETTERS, "\u2013"] and set(shown["reading"]) & set(LETTERS)
            return bool(shown["tags"] and same and known and " sign" in shown["count"])

        until(read, "the same letters in boxes, crops and bars")


@pytest.mark.parametrize(("labels", "joined"), [(LETTERS, ""), (WORDS, " ")])
def test_an_event_tells_labels_as_text(labels: list[str], joined: str, model: Made, page: Grey, tmp_path: Path) -> None:
    reading = open_reader(Config(model=ModelConfig(path=str(model(labels))))).read(page)
    assert reading.digits
    (tmp_path / "broker").mkdir()
    with Mosquitto(tmp_path / "broker") as broker, Watch(broker) as watch:
        with closing(open_output("mqtt", live_at(broker.port))) as output:
            output.publish(Update(reading, datetime.now(UTC), 1, 0))
            soon(lambda: watch.payloads("pi/event"), "the event is there")
            soon(lambda: json.loads(watch.last("pi/state"))["text"] == reading.text, "the state is there")
        event = json.loads(watch.payloads("pi/event")[0])
    first = [place["label"] for place in event["digits"] if place["line"] == 0]
    assert event["text"].split("\n")[0] == joined.join(first)
    assert set(first) <= set(labels)
