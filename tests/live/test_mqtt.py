"""The MQTT output against a real broker that goes and comes; mosquitto_sub says what arrives."""

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from msgspec import to_builtins
from tests.live.brokers import PATIENCE_S, Mosquitto, Network, Watch, free_port, until

from digitcam.config import configure
from digitcam.frame import Frame
from digitcam.outputs.base import Output, ReadFrame, Update
from digitcam.outputs.mqtt import MqttConfig, outbox
from digitcam.outputs.registry import open_output
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.state import commands as control
from digitcam.state.service import ServiceState
from digitcam.system_info import read_temperature
from digitcam.wire import ReadingEvent, StableReading

RESTARTS = 10


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as mosquitto:
        yield mosquitto


@pytest.fixture
def watch(broker: Mosquitto) -> Iterator[Watch]:
    with Watch(broker) as watching:
        yield watching


def live_at(port: int, **settings: object) -> ServiceState:
    """A service that is short, so that tests need not wait."""
    quick = {"host": "127.0.0.1", "port": port, "name": "pi", "retry": 0.2, "keepalive": 2}
    return ServiceState(configure(mqtt=MqttConfig(**{**quick, **settings})))  # type: ignore[arg-type]


def update(number: int, text: str = "42", confidence: float = 0.9) -> Update:
    digits = [
        Digit(
            value,
            confidence + 0.01 * i,
            np.zeros(10, np.float32),
            Box(1, 2, 3, 4),
            np.zeros((28, 28), np.uint8),
            line,
        )
        for line, values in enumerate(text.split("\n"))
        for i, value in enumerate(values)
    ]
    reading = Reading(digits, [Reject(Box(5, 6, 7, 8), "not a digit", 0.5)], {"find": 1.25})
    return Update(reading, datetime.now(UTC), number, 7)


def read_frame(what: Update, level: int = 200) -> ReadFrame:
    return ReadFrame(Frame(np.full((120, 160), level, np.uint8), 0, what.sequence), what.reading, what)


def state(live: ServiceState) -> str:
    part = live.health.parts().get("mqtt")
    return part.state if part else ""


def text(live: ServiceState) -> str:
    return live.health.parts()["mqtt"].text


def sequences(watch: Watch) -> list[int]:
    """Of the events that came, each once: QoS 1 may send one again."""
    return list(dict.fromkeys(json.loads(payload)["sequence"] for payload in watch.payloads("digitcam/pi/event")))


# what is published


def test_everything_is_published_with_the_qos_and_retain_that_its_users_expect(broker: Mosquitto, watch: Watch) -> None:
    live = live_at(broker.port)
    with closing(open_output("mqtt", live)) as output:
        output.publish(update(1))
        output.see(read_frame(update(1)))
        until(lambda: watch.payloads("pi/event") and b'"42"' in watch.last("pi/state"), "the reading is published")
        until(lambda: watch.payloads("pi/snapshot"), "its picture is there")
        assert {seen.topic: seen.qos for seen in watch.seen() if not seen.topic.startswith("probe")} == {
            "digitcam/pi/availability": 1,
            "homeassistant/device/digitcam-pi/config": 1,
            "digitcam/pi/state": 1,
            "digitcam/pi/health": 1,
            "digitcam/pi/stats": 0,
            "digitcam/pi/event": 1,
            "digitcam/pi/snapshot": 1,
        }
        with Watch(broker) as late:
            kept = {seen.topic for seen in late.seen() if seen.retained}
    assert kept == {
        "digitcam/pi/availability",
        "homeassistant/device/digitcam-pi/config",
        "digitcam/pi/state",
        "digitcam/pi/health",
        "digitcam/pi/stats",
        "digitcam/pi/snapshot",
    }


def test_the_state_says_what_stands_there_and_how_the_service_works(broker: Mosquitto, watch: Watch) -> None:
    live = live_at(broker.port)
    with closing(open_output("mqtt", live)) as output:
        until(lambda: watch.payloads("pi/state"), "a state without a reading")
        first = json.loads(watch.last("pi/state"))
        assert (first["text"], first["confidence"], first["paused"], first["min_confidence"]) == (
            None,
            None,
            False,
            0.7,
        )
        what = update(3)
        output.publish(what)
        until(lambda: b'"42"' in watch.last("pi/state"), "the reading is there")
        now = json.loads(watch.last("pi/state"))
        assert now.pop("sent") >= now["time"]
        assert now == {
            "text": "42",
            "lines": ["42"],
            "confidence": 0.9,
            "rejected": 1,
            "time": what.to_wire(StableReading).time,
            "sequence": 3,
            "paused": False,
            "min_confidence": 0.7,
        }
        live.control.paused, live.control.min_confidence = True, 0.75
        until(lambda: b'"paused":true' in watch.last("pi/state"), "the pause is told")
        assert json.loads(watch.last("pi/state"))["min_confidence"] == 0.75


def test_an_event_is_the_whole_reading_and_comes_once_for_each(broker: Mosquitto, watch: Watch) -> None:
    what = update(3)
    with closing(open_output("mqtt", live_at(broker.port))) as output:
        output.publish(what)
        output.publish(update(4, "7"))
        until(lambda: sequences(watch) == [3, 4], "both events are there")
    assert json.loads(watch.payloads("pi/event")[0]) == to_builtins(what.to_wire(ReadingEvent))


def test_an_unchanged_state_is_sent_again_from_time_to_time(broker: Mosquitto, watch: Watch) -> None:
    with closing(open_output("mqtt", live_at(broker.port, heartbeat=1.0))):
        until(lambda: len(watch.payloads("pi/state")) >= 3, "two heartbeats")
    states = [json.loads(payload) for payload in watch.payloads("pi/state")]
    assert len({state.pop("sent") for state in states}) == len(states)
    assert all(state == states[0] for state in states)


def test_stats_come_at_their_interval_with_rate_and_latencies(broker: Mosquitto, watch: Watch) -> None:
    live = live_at(broker.port, stats=1.0)
    live.stats.frame(skipped=2)
    live.stats.latency({"find": 2.0, "total": 4.0})
    with closing(open_output("mqtt", live)):
        until(lambda: len(watch.payloads("pi/stats")) >= 2, "stats, twice")
    stats = json.loads(watch.payloads("pi/stats")[0])
    assert stats.pop("seconds") >= 0
    assert stats.pop("rate") > 0
    assert stats.pop("temperature_c") == read_temperature()
    assert stats == {
        "frames": 1,
        "skipped": 2,
        "readings": 0,
        "latency": {
            "find": dict.fromkeys(("p50", "p90", "p99", "max"), 2.0),
            "total": dict.fromkeys(("p50", "p90", "p99", "max"), 4.0),
        },
        "events_dropped": 0,
    }


def test_a_part_that_fails_and_works_again_is_told(broker: Mosquitto, watch: Watch) -> None:
    live = live_at(broker.port)
    with closing(open_output("mqtt", live)):
        until(lambda: b'"ok":true' in watch.last("pi/health"), "no problem")
        live.health.report("camera", "fault", "unplugged")
        until(lambda: b'"ok":false' in watch.last("pi/health"), "a problem")
        assert json.loads(watch.last("pi/health"))["faults"] == ["camera: unplugged"]
        live.health.report("camera", "ok", "there")
        until(lambda: b'"ok":true' in watch.last("pi/health"), "no problem any more")


# the broker's troubles


def test_a_broker_that_is_absent_at_the_start_is_reported_and_found_later(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    live = live_at(broker.port)
    with closing(open_output("mqtt", live)) as output:
        until(lambda: state(live) == "fault", "the fault is reported")
        assert "nobody listens there; is the broker running?" in text(live)
        output.publish(update(1, "1"))
        output.publish(update(2, "2"))
        with broker, Watch(broker) as watch:
            until(lambda: state(live) == "ok", "it works")
            until(lambda: b'"2"' in watch.last("pi/state"), "the last reading is there")
            assert broker.retained("digitcam/pi/availability") == "online"
            assert live.health.parts()["mqtt"].text == f"connected to 127.0.0.1:{broker.port}"


def test_a_broker_that_is_killed_and_restarted_ten_times_loses_nothing(broker: Mosquitto) -> None:
    with Network(broker.port) as network:
        live = live_at(network.port)
        output = open_output("mqtt", live)
        for number in range(0, 3 * RESTARTS, 3):
            until(lambda: state(live) == "ok", "it works")
            network.cut()
            broker.kill()
            until(lambda: state(live) == "fault", "the fault is reported")
            sent = [number, number + 1, number + 2]
            for each in sent:
                output.publish(update(each, str(each)))
                output.see(read_frame(update(each)))
            broker.start()
            with Watch(broker) as watch:
                # digitcam is let through only now, so that the witness sees all of it
                network.mend()
                assert_restored(broker, watch, sent)
        output.close()
        assert broker.retained("digitcam/pi/availability") == "stopped"


def assert_restored(broker: Mosquitto, watch: Watch, sent: Sequence[int]) -> None:
    until(lambda: sequences(watch)[-1:] == [sent[-1]], "the newest event has come")
    assert sequences(watch) == sent
    until(lambda: watch.last("pi/availability") == b"online", "online")
    until(lambda: json.loads(watch.last("pi/state"))["text"] == str(sent[-1]), "the newest state is there")
    assert broker.retained("digitcam/pi/availability") == "online"
    assert json.loads(broker.retained("digitcam/pi/state"))["text"] == str(sent[-1])
    assert json.loads(broker.retained("homeassistant/device/digitcam-pi/config"))["origin"]


def test_a_cut_connection_leaves_offline_and_comes_back_as_online(broker: Mosquitto, watch: Watch) -> None:
    with Network(broker.port) as network:
        live = live_at(network.port)
        with closing(open_output("mqtt", live)) as output:
            until(lambda: watch.last("pi/availability") == b"online", "online")
            network.cut()
            until(lambda: watch.last("pi/availability") == b"offline", "offline, by the last will")
            assert broker.retained("digitcam/pi/availability") == "offline"
            for number in range(100):
                output.publish(update(number))
            network.mend()
            until(lambda: sequences(watch) == list(range(100)), "every event, in order")
            assert watch.last("pi/availability") == b"online"


def test_a_broker_that_refuses_the_password_is_reported_until_it_does_not(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    _set_password(passwords, "right")
    secret = tmp_path / "secret"
    secret.write_text("wrong\n")
    secret.chmod(0o600)
    settings = ("allow_anonymous false", f"password_file {passwords}")
    with Mosquitto(tmp_path, *settings, client=("-u", "cam", "-P", "right")) as broker:
        live = live_at(broker.port, user="cam", password_file=str(secret))
        with closing(open_output("mqtt", live)):
            until(lambda: state(live) == "fault", "the refusal is reported")
            assert "refuses user 'cam' or the password; see mqtt.user and mqtt.password_file" in text(live)
            assert "wrong" not in text(live)
            _set_password(passwords, "wrong")
            broker.client = ("-u", "cam", "-P", "wrong")
            broker.kill()
            broker.start()
            until(lambda: state(live) == "ok", "let in")
            until(lambda: broker.retained("digitcam/pi/availability") == "online", "online")


def _set_password(path: Path, password: str) -> None:
    path.write_text(f"cam:{password}\n")
    subprocess.run(["mosquitto_passwd", "-U", str(path)], check=True, capture_output=True)
    path.chmod(0o600)


def test_a_stopped_broker_blocks_nothing_and_what_is_dropped_is_counted(
    broker: Mosquitto, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    live = live_at(broker.port, keepalive=60)
    output = open_output("mqtt", live)
    until(lambda: watch.last("pi/availability") == b"online", "online")
    broker.freeze()
    handed = threading.Event()
    frames = 4 * outbox.LONGEST

    def hand_over() -> None:
        for number in range(frames):
            what = update(number)
            output.publish(what)
            output.see(read_frame(what))
        handed.set()

    threading.Thread(target=hand_over, daemon=True).start()
    # the broker does nothing until this has happened
    assert handed.wait(PATIENCE_S)
    until(lambda: state(live) == "note", "the slow broker is reported")
    assert "the broker is slow" in text(live)
    broker.thaw()
    until(lambda: state(live) == "ok", "it is not slow any more")
    until(lambda: frames - 1 in sequences(watch), "the newest event")
    kept = [number for number in sequences(watch) if number >= frames - outbox.LONGEST]
    assert kept == list(range(frames - outbox.LONGEST, frames))
    with caplog.at_level(logging.WARNING):
        broker.kill()
        until(lambda: state(live) == "fault", "gone")
        broker.start()
        until(lambda: state(live) == "ok", "there")
        until(lambda: "events were dropped" in caplog.text, "the loss is told")
    output.close()


def test_a_broker_that_answers_nothing_is_reported_as_gone(broker: Mosquitto, watch: Watch) -> None:
    live = live_at(broker.port, keepalive=1)
    with closing(open_output("mqtt", live)):
        until(lambda: watch.last("pi/availability") == b"online", "online")
        broker.freeze()
        until(lambda: state(live) == "fault", "the fault is reported")
        assert "does not answer" in text(live)
        broker.thaw()
        until(lambda: state(live) == "ok", "it works again")
        until(lambda: broker.retained("digitcam/pi/availability") == "online", "online again")


def test_a_network_that_carries_nothing_does_not_hold_up_the_end(broker: Mosquitto, watch: Watch) -> None:
    with Network(broker.port) as network:
        live = live_at(network.port, keepalive=2)
        output = open_output("mqtt", live)
        until(lambda: watch.last("pi/availability") == b"online", "online")
        network.stall()
        output.publish(update(1))
        closing_ = threading.Thread(target=output.close, daemon=True)
        closing_.start()
        closing_.join(PATIENCE_S)
        assert not closing_.is_alive()
        network.mend()
        # it could not say that it stops, so the broker says that it has gone
        until(lambda: watch.last("pi/availability") in (b"offline", b"stopped"), "gone")


def test_what_is_no_broker_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    near, _ = listener.accept()
                except OSError:
                    return
                with near:
                    near.recv(1000)
                    near.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)

        threading.Thread(target=answer, daemon=True).start()
        live = live_at(int(listener.getsockname()[1]))
        with closing(open_output("mqtt", live)):
            until(lambda: state(live) == "fault", "the fault is reported")
            listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".invalid", " "])
def test_a_host_that_cannot_be_found_is_reported(host: str) -> None:
    live = live_at(free_port(), host=host)
    with closing(open_output("mqtt", live)):
        until(lambda: state(live) == "fault", "the fault is reported")
    assert "no such host; see mqtt.host" in text(live)


def test_two_cameras_of_one_name_are_told(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    with closing(open_output("mqtt", live_at(broker.port))), closing(open_output("mqtt", live_at(broker.port))):
        until(lambda: "is another camera called the same?" in caplog.text, "one of them is told")


# the end


def test_a_clean_end_says_stopped_after_everything_else(broker: Mosquitto, watch: Watch) -> None:
    output = open_output("mqtt", live_at(broker.port))
    until(lambda: watch.last("pi/availability") == b"online", "online")
    for number in range(50):
        output.publish(update(number))
    output.close()
    output.close()
    until(lambda: watch.last("pi/availability") == b"stopped", "stopped")
    assert sequences(watch) == list(range(50))
    assert json.loads(watch.last("pi/state"))["sequence"] == 49
    assert watch.seen()[-1].topic == "digitcam/pi/availability"
    assert broker.retained("digitcam/pi/availability") == "stopped"
    assert not [thread for thread in threading.enumerate() if thread.name == "mqtt"]


def test_an_end_without_a_broker_comes_soon() -> None:
    output = open_output("mqtt", live_at(free_port()))
    output.publish(update(1))
    output.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "mqtt"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_is_not_silent(broker: Mosquitto, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("digitcam.outputs.mqtt.output.draw", fails)
    live = live_at(broker.port)
    with closing(open_output("mqtt", live)) as output:
        until(lambda: watch.last("pi/availability") == b"online", "online")
        broker.publish("digitcam/pi/command", "snapshot")

        def reported() -> bool:
            output.see(read_frame(update(1)))
            return state(live) == "fault"

        until(reported, "the fault is reported")
        assert "ended by a defect" in text(live)
        until(lambda: watch.last("pi/availability") == b"offline", "offline, by the last will")


PROGRAM = """
import sys, time
from pathlib import Path
import cv2
from digitcam import outputs
from digitcam.recognition.adoption.shipped import SAMPLES
from digitcam.service import loop
from digitcam.cameras.base import Camera
from digitcam.config import Config, TrackConfig, configure
from digitcam.outputs.mqtt import MqttConfig
from digitcam.frame import Frame
from digitcam.state.service import ServiceState
from digitcam.outputs.registry import open_output
from digitcam.recognition.reader import open_reader

class Pages(Camera):
    live = True
    number = -1
    pages = [cv2.imread(str(SAMPLES / f"frame-{i}.png"), cv2.IMREAD_GRAYSCALE) for i in (0, 1)]
    def describe(self): return "pages"
    def close(self): pass
    def read(self):
        time.sleep(0.02)
        self.number += 1
        return Frame(self.pages[self.number // 20 % 2], time.monotonic_ns(), self.number)

config = configure(
    mqtt=MqttConfig(host="127.0.0.1", port=int(sys.argv[1]), name="pi", keepalive=2, stats=1.0),
    track=TrackConfig(window=0, settle=0, frames=2),
)
live = ServiceState(config)
output = open_output("mqtt", live)
loop.run(live, Pages(), open_reader(config), [output])
output.close()
"""


@pytest.fixture
def service(broker: Mosquitto) -> Iterator[subprocess.Popen[str]]:
    """A process that reads shipped frames, as `digitcam run` does."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(broker.port)], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_service_publishes_what_it_reads_draws_a_snapshot_and_stops(
    broker: Mosquitto, watch: Watch, service: subprocess.Popen[str]
) -> None:
    truth = {"46273\n59081"}
    until(lambda: truth <= {json.loads(state)["text"] for state in watch.payloads("pi/state")}, "the sample is read")
    until(lambda: json.loads(watch.last("pi/stats"))["latency"], "latencies are there")
    assert {"p50", "p90", "p99", "max"} == set(json.loads(watch.last("pi/stats"))["latency"]["total"])
    broker.publish("digitcam/pi/command", "snapshot")
    until(lambda: watch.payloads("pi/snapshot"), "the snapshot is there")
    jpeg = watch.payloads("pi/snapshot")[0]
    assert jpeg.startswith(b"\xff\xd8\xff")
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert min(picture.shape[:2]) > 600
    service.send_signal(signal.SIGTERM)
    _, errors = service.communicate(timeout=PATIENCE_S)
    assert (service.returncode, "Traceback" in errors) == (0, False), errors
    until(lambda: watch.last("pi/availability") == b"stopped", "stopped")
    assert broker.retained("digitcam/pi/availability") == "stopped"


def test_a_killed_service_leaves_offline(broker: Mosquitto, watch: Watch, service: subprocess.Popen[str]) -> None:
    until(lambda: watch.last("pi/availability") == b"online", "online")
    service.kill()
    until(lambda: watch.last("pi/availability") == b"offline", "offline, by the last will")
    assert broker.retained("digitcam/pi/availability") == "offline"


# Home Assistant, and commands


def test_home_assistants_birth_brings_everything_again(broker: Mosquitto, watch: Watch) -> None:
    with closing(open_output("mqtt", live_at(broker.port))) as output:
        output.publish(update(1))
        until(lambda: watch.payloads("pi/event") and b'"42"' in watch.last("pi/state"), "all is said once")
        before = {topic: len(watch.payloads(topic)) for topic in ("/config", "pi/state", "pi/health", "pi/stats")}
        events = len(watch.payloads("pi/event"))
        broker.publish("homeassistant/status", "offline")
        broker.publish("homeassistant/status", "online")
        until(lambda: all(len(watch.payloads(topic)) > n for topic, n in before.items()), "all is said again")
        assert len(watch.payloads("pi/event")) == events
    assert all(watch.payloads(topic)[-1] for topic in before)


def test_home_assistant_learns_each_line_once_there_are_several(broker: Mosquitto, watch: Watch) -> None:
    def announced() -> list[str]:
        return list(json.loads(watch.last("digitcam-pi/config") or b'{"components": {}}')["components"])

    with closing(open_output("mqtt", live_at(broker.port))) as output:
        output.publish(update(1, "42"))
        until(lambda: b'"42"' in watch.last("pi/state"), "one line is told")
        assert "number" in announced()
        assert "line_1" not in announced()
        for number, text in ((2, "42\n7"), (3, "1\n2\n3"), (4, "5")):
            output.publish(update(number, text))
            until(lambda text=text: json.loads(watch.last("pi/state"))["text"] == text, "the lines are told")  # type: ignore[misc]
        assert [key for key in announced() if key.startswith("line")] == ["line_1", "line_2", "line_3"]
        # each time before the state that it is for
        assert len(watch.payloads("digitcam-pi/config")) == 3


def test_without_a_discovery_prefix_home_assistant_is_left_alone(broker: Mosquitto, watch: Watch) -> None:
    with closing(open_output("mqtt", live_at(broker.port, discovery=""))):
        until(lambda: watch.payloads("pi/stats"), "all is said")
    assert not [seen for seen in watch.seen() if seen.topic.startswith("homeassistant")]


def asked(live: ServiceState, number: int) -> list[control.Command]:
    commands: list[control.Command] = []

    def enough() -> bool:
        commands.extend(live.control.pending())
        return len(commands) >= number

    until(enough, f"{number} commands have come")
    return commands


def test_commands_reach_the_loop_and_bad_ones_a_log_line(
    broker: Mosquitto, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    live = live_at(broker.port)
    with closing(open_output("mqtt", live)):
        until(lambda: watch.last("pi/availability") == b"online", "online")
        for payload in ("pause", "threshold 1.5", "", "resume", "threshold 0.75"):
            broker.publish("digitcam/pi/command", payload)
        assert asked(live, 3) == [control.Pause(), control.Resume(), control.SetThreshold(0.75)]
        assert state(live) == "ok"
    bad = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert bad == [
        f"mqtt: digitcam/pi/command: {payload!r} is no command; "
        "send pause, resume, snapshot, or threshold with a number from 0 to 1"
        for payload in ("threshold 1.5", "")
    ]


def test_a_command_that_the_broker_kept_is_not_obeyed(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    broker.publish("digitcam/pi/command", "pause", "--retain")
    live = live_at(broker.port)
    with closing(open_output("mqtt", live)):
        until(lambda: "is ignored; clear it: mosquitto_pub -r -n -t digitcam/pi/command" in caplog.text, "told")
        broker.publish("digitcam/pi/command", "resume")
        assert asked(live, 1) == [control.Resume()]


def test_a_user_who_may_not_listen_is_told() -> None:
    # mosquitto says so only with a plugin: it is played here
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            near, _ = listener.accept()
            with near:
                assert near.recv(1000)[0] == 0x10  # CONNECT
                near.sendall(bytes([0x20, 2, 0, 0]))  # CONNACK: accepted
                subscribe = near.recv(1000)
                assert subscribe[0] == 0x82  # SUBSCRIBE, its length, its number
                near.sendall(bytes([0x90, 4, *subscribe[2:4], 0x80, 0x80]))  # SUBACK: failure, twice
                while near.recv(1000):
                    pass

        threading.Thread(target=refuse, daemon=True).start()
        live = live_at(int(listener.getsockname()[1]))
        with closing(open_output("mqtt", live)):
            until(lambda: state(live) == "note", "the note")
            assert "does not let this user listen to digitcam/pi/command" in text(live)


def test_a_reading_leaves_its_picture_at_the_broker_and_not_too_many(broker: Mosquitto, watch: Watch) -> None:
    every = 2.0
    live = live_at(broker.port, picture=every)
    with closing(open_output("mqtt", live)) as output:
        until(lambda: watch.last("pi/availability") == b"online", "online")
        began = time.monotonic()
        for number in range(1, 51):
            output.publish(update(number))
            output.see(read_frame(update(number), level=5 * number))
            if number == 1:
                until(lambda: is_level(watch.last("pi/snapshot"), 5), "the first at once")
        until(lambda: is_level(watch.last("pi/snapshot"), 250), "when it is time, the last of all")
        most = 2 + (time.monotonic() - began) / every
        assert len(watch.payloads("pi/snapshot")) <= most
        output.see(read_frame(update(51)))  # nothing new
        until(lambda: len(watch.payloads("pi/stats")) >= 1, "all is said")
        with Watch(broker) as late:
            (kept,) = (seen for seen in late.seen("pi/snapshot") if seen.retained)
    assert kept.payload == watch.last("pi/snapshot")
    assert is_level(kept.payload, 250)


def is_level(jpeg: bytes | None, level: int) -> bool:
    """Whether a picture shows a frame of that grey level: above it is written what was read, beside it is white."""
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE) if jpeg else None
    return grey is not None and bool(np.median(grey[200:600]) == pytest.approx(0.8 * level + 0.2 * 255, abs=0.4))


def test_a_snapshot_is_the_next_frame_and_only_that(broker: Mosquitto, watch: Watch) -> None:
    live = live_at(broker.port, picture=0)
    output: Output
    with closing(open_output("mqtt", live)) as output:
        until(lambda: watch.last("pi/availability") == b"online", "online")
        output.see(read_frame(update(1)))
        broker.publish("digitcam/pi/command", "snapshot")

        def drawn() -> bool:
            output.see(read_frame(update(2)))
            return bool(watch.payloads("pi/snapshot"))

        until(drawn, "the snapshot is there")
        output.publish(update(3))
        output.see(read_frame(update(3)))
        until(lambda: sequences(watch) == [3], "the reading has come")
    assert len(watch.payloads("pi/snapshot")) == 1
