"""What is sent to the command topic, whatever it is."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.command import CommandError, Snapshot, parse
from digitcam.outputs.mqtt.topics import topics_of
from digitcam.state.commands import Pause, Resume, SetThreshold

CASES = 2500
WORDS = st.sampled_from(
    ["pause", "resume", "snapshot", "threshold", "0.5", "1", "2", "-1", "nan", "1e5", " ", "\n", "\0"]
)
NEARLY = st.lists(WORDS, max_size=5).map("".join).map(str.encode)
GOOD = {
    b"pause": Pause(),
    b" Pause\r\n": Pause(),
    b"RESUME": Resume(),
    b"snapshot": Snapshot(),
    b"threshold 0.75": SetThreshold(0.75),
    b"threshold  .5": SetThreshold(0.5),
    b"threshold 0": SetThreshold(0.0),
    b"threshold 1.0": SetThreshold(1.0),
}
BAD = ["", "stop", "pause now", "threshold", "threshold 1.01", "threshold -0.1", "threshold nan", "threshold 1e-1"]
BAD += ["threshold 0,5", "threshold 0_1", "threshold \u0661", "threshold0.5", '{"threshold": 0.5}', "1" * 1000]


@pytest.mark.parametrize(("payload", "command"), GOOD.items())
def test_a_command(payload: bytes, command: object) -> None:
    assert parse(payload) == command


@pytest.mark.parametrize("payload", BAD)
def test_no_command(payload: str) -> None:
    with pytest.raises(CommandError, match="is no command; send pause, resume, snapshot, or threshold with") as refused:
        parse(payload.encode())
    assert len(str(refused.value)) < 200


@settings(max_examples=CASES, deadline=None, database=None)
@given(st.binary(max_size=80) | st.text(max_size=20).map(str.encode) | NEARLY)
@example(b"\xff" * 300)
@example("threshold \u00b2".encode())
def test_whatever_comes_is_a_command_or_one_line(payload: bytes) -> None:
    try:
        command = parse(payload)
    except CommandError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert isinstance(command, Pause | Resume | Snapshot | SetThreshold)
        assert not isinstance(command, SetThreshold) or 0 <= command.min_confidence <= 1


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
    st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5}){0,3}", fullmatch=True),
)
def test_topics_are_those_of_one_camera(name: str, prefix: str) -> None:
    topics = topics_of(MqttConfig(name=name, topic=prefix))
    assert topics.state == f"{prefix}/{name}/state"
    assert topics.command == f"{prefix}/{name}/command"
    assert topics.discovery == f"homeassistant/device/digitcam-{name}/config"


def test_a_camera_without_a_name_is_called_as_its_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "küche 1.local")
    assert topics_of(MqttConfig()).state == "digitcam/k-che-1/state"
