"""A camera's frame on its way to the MQTT message: how many modules it goes through, and in how many hops."""

import re
import time
from collections.abc import Collection
from pathlib import Path

import numpy as np
from tests.device.test_rooms import PASSED
from tests.device.tracing import traced
from tests.live.brokers import Mosquitto, Watch, until

from digitcam.cameras.base import Camera
from digitcam.config import TrackConfig, configure
from digitcam.frame import Frame, Grey
from digitcam.outputs.base import ReadFrame, Update
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.outbox import Message
from digitcam.outputs.registry import open_outputs
from digitcam.outputs.stdout import StdoutConfig
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.recognition.finder import Found
from digitcam.recognition.look import Look, Pyramid
from digitcam.recognition.reader import open_reader
from digitcam.service import loop
from digitcam.state.service import ServiceState
from digitcam.wire import ReadingEvent

ROOMS, HOPS = 16, 20
DRAWING = Path(__file__).parents[2] / "docs" / "architecture.md"
# What a frame becomes, one after the other, up to the message.
BECOMES = (Frame, np.ndarray, Pyramid, Look, Found, Box, Digit, Reject, Reading, Update, ReadFrame, ReadingEvent)
# And which of that are types that know of themselves what they are asked, and are no rooms.
HANDED_ON = PASSED | {
    "digitcam.frame.Frame",
    "digitcam.reading.Digit",
    "digitcam.reading.Reject",
    "digitcam.reading.Reading",
    "digitcam.outputs.base.Update",
    "digitcam.outputs.base.ReadFrame",
    "digitcam.outputs.mqtt.outbox.Message",
}


class Still(Camera):
    """A live camera that shows one page."""

    live = True

    def __init__(self, image: Grey, frames: int) -> None:
        self._image, self._left = image, frames

    def describe(self) -> str:
        return "a page"

    def read(self) -> Frame | None:
        self._left -= 1
        if self._left < 0:
            return None
        return Frame(self._image, time.monotonic_ns(), -self._left)

    def close(self) -> None: ...


def carries(value: object, topic: str) -> bool:
    """Whether something is the frame, or what became of it, up to the message that goes to the topic."""
    if isinstance(value, Message):
        return value.topic == topic
    if isinstance(value, BECOMES):
        return True
    return (
        isinstance(value, Collection) and not isinstance(value, str | bytes) and any(carries(v, topic) for v in value)
    )


def test_a_frame_becomes_a_message_in_few_rooms_and_few_hops(page: Grey, tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Watch(broker) as watch:
        mqtt = MqttConfig(host="127.0.0.1", port=broker.port, name="pi", picture=0)
        service = ServiceState(
            configure(mqtt=mqtt, stdout=StdoutConfig(format="off"), track=TrackConfig(window=0, settle=0, frames=2))
        )
        reader = open_reader(service.config)
        with traced(HANDED_ON) as calls, open_outputs(service) as outputs:
            loop.run(service, Still(page, 5), reader, outputs)
        until(lambda: watch.last("digitcam/pi/event"), "the reading has come")
    hops = {call[:2] for call in calls if call.caller and any(carries(v, "digitcam/pi/event") for v in call.values)}
    rooms = {room.removeprefix("digitcam.") for hop in hops for room in hop}
    assert len(rooms) <= ROOMS, sorted(rooms)
    assert len(hops) <= HOPS, sorted(hops)
    _, _, drawn = DRAWING.read_text(encoding="utf-8").partition("## The way of a frame")
    assert rooms == set(re.findall(r'\["([\w.]+)"\]', drawn.partition("\n## ")[0]))
