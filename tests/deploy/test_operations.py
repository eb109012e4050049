"""Facts in, commands out, through pyinfra's own connector that runs nothing."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api.command import StringCommand
from pyinfra.connectors.fake import FakeConnector
from pyinfra.connectors.util import CommandOutput, OutputLine
from tests.deploy.boards import BOOKWORM, facts

from digitlab.deploy import deployment, verbs
from digitlab.deploy.connection.operations import PROGRAM
from digitlab.deploy.connection.session import Access
from digitlab.deploy.deployment import Order
from digitlab.deploy.machines.hosts import Machine
from digitlab.deploy.onpi.steps.listing import NAME, read_steps
from digitlab.deploy.packing.release import Release
from digitlab.deploy.packing.wheels import Wheels
from digitlab.deploy.planning.fleet import Pace
from digitlab.deploy.planning.plan import Wishes

Commands = dict[str, list[str]]


def telling(
    rate: float, works: dict[str, str], does_not: dict[str, str], *, phase: str = "reading", invocation: str = "3f2a"
) -> dict[str, object]:
    """`status.json` of a service."""
    parts = {name: {"state": "ok", "text": text} for name, text in works.items()}
    parts |= {name: {"state": "fault", "text": text} for name, text in does_not.items()}
    stats = {"rate": rate, "latency": {"total": {"p50": 12.2}}}
    return {"invocation": invocation, "ready": True, "phase": phase, "health": {"parts": parts}, "stats": stats}


UNIT = {"ActiveState": "active", "SubState": "running", "InvocationID": "3f2a"}
AWAY = telling(0, {}, {"camera": "no camera gives pictures", "web": "x"}, phase="waiting")
ASKED = {
    "release": "abc",
    "previous": "",
    "about": {"version": "0.1.0"},
    "unit": UNIT,
    "status": telling(28.1, {"camera": "vivid"}, {"web": "a password is missing"}),
    "temperature_c": 51.2,
    "throttled": 0x50005,
    "addresses": ["http://pi.local:8000", "http://10.0.0.7:8000"],
}
INSTALL = f"systemd-run --quiet --collect --pipe --wait --service-type=exec -- python3 {PROGRAM} install"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Every command that a machine was given and every file that it was sent, by name, in order."""
    given: Commands = {}
    run, put = FakeConnector.run_shell_command, FakeConnector.put_file

    def run_shell_command(self: FakeConnector, command: StringCommand, **more: Any) -> tuple[bool, CommandOutput]:  # noqa: ANN401  # pyinfra's
        given.setdefault(self.host.name, []).append(str(command))
        return run(self, command, **more)

    def put_file(self: FakeConnector, source: str | StringIO, target: str, **more: Any) -> bool:  # noqa: ANN401  # pyinfra's
        text = source.getvalue() if isinstance(source, StringIO) else Path(source).name
        given.setdefault(self.host.name, []).append(f"put {text} {target} sudo={more['_sudo']}")
        return put(self, source, target, **more)

    monkeypatch.setattr(FakeConnector, "run_shell_command", run_shell_command)
    monkeypatch.setattr(FakeConnector, "put_file", put_file)
    return given


@pytest.fixture(autouse=True)
def made_here(monkeypatch: pytest.MonkeyPatch, wheels: Wheels, tmp_path: Path) -> None:
    """Wheels that are there already, in place of the internet's, and a folder of this test's own."""
    monkeypatch.setattr("digitlab.deploy.packing.wheels.resolve", lambda *_, **__: wheels)
    monkeypatch.chdir(tmp_path)


def machine(name: str, responses: dict[str, Any] | None = None, **changes: object) -> Machine:
    """A machine that answers with these facts, and to some commands as told."""
    # the program that looks is the one that speaks of this
    answers = {**(responses or {}), "raspberry_pi_os": json.dumps(facts(**changes))}
    return Machine(f"@fake/{name}", {"fake_delay": 0, "fake_delay_jitter": 0, "fake_responses": answers})


def deploy(
    machines: list[Machine], wishes: Wishes | None = None, pace: Pace | None = None, *, dry: bool = False
) -> bool:
    return deployment.deploy(machines, Access(), Order(wishes or Wishes(), pace or Pace(), dry=dry))


def changes(given: Commands, name: str) -> list[str]:
    """What was done on a machine, without what only looks."""
    return [
        line
        for line in given[f"@fake/{name}"]
        if line.startswith(("put ", "systemd-run", "install ", "mkdir", "chmod", "apt-get", "DEBIAN_FRONTEND"))
    ]


def test_a_first_deployment(
    commands: Commands, capsys: pytest.CaptureFixture[str], pack: Callable[..., Release]
) -> None:
    assert deploy([machine("a")], Wishes(wait_s=60))
    incoming = f"/opt/digitcam/incoming/{pack().manifest.release}"
    done = changes(commands, "a")
    assert done[0] == f"install -d -m 700 {incoming}"
    assert [line for line in done if line.startswith("put ") and "steps.json" not in line] == [
        f"put manifest.json {incoming}/manifest.json sudo=True",
        f"put release.zip {incoming}/release.zip sudo=True",
        f"put eggs-1.0-py3-none-any.whl {incoming}/eggs-1.0-py3-none-any.whl sudo=True",
        f"put spam-1.0-py3-none-any.whl {incoming}/spam-1.0-py3-none-any.whl sudo=True",
        f"put pip-1.0-py3-none-any.whl {incoming}/pip-1.0-py3-none-any.whl sudo=True",
        f"put deployment.pyz {PROGRAM} sudo=True",
    ]
    assert done[-1] == f"{INSTALL} {incoming}"
    assert "@fake/a" in capsys.readouterr().out


def test_what_lies_there_whole_since_a_connection_was_cut_is_not_sent_again(
    commands: Commands, pack: Callable[..., Release]
) -> None:
    whole, cut = pack().wheels.sha256
    summed = [f"{pack().wheels.sha256[whole]}  /opt/x/{whole}", f"{'0' * 64}  /opt/x/{cut}"]
    assert deploy([machine("a", {"sha256sum": {"stdout": summed}})])
    sent = [line.split()[1] for line in changes(commands, "a") if line.startswith("put ")]
    assert whole not in sent
    assert cut in sent


def test_a_second_one_only_looks(commands: Commands, pack: Callable[..., Release]) -> None:
    names = pack().manifest
    there = {"releases": [names.release], "environments": [names.environment], "active": True, "config": True}
    assert deploy([machine("a", None, current=names.release, **there)])
    assert changes(commands, "a") == []
    assert [line for line in commands["@fake/a"] if "python3" not in line] == ["id -u", "id -u"]


def test_a_dry_run_only_looks(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy([machine("a"), machine("b", **BOOKWORM)], dry=True)
    assert changes(commands, "a") == changes(commands, "b") == []
    said = capsys.readouterr().out
    assert "1. copy 5 files" in said
    assert "7. keep the newest 3 releases" in said


def test_what_a_dry_run_tells_is_what_is_carried_out(
    commands: Commands, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    deploy([machine("a")], dry=True)
    told = [line.partition(". ")[2] for line in capsys.readouterr().out.splitlines()[1:]]
    deploy([machine("a")])
    (sent,) = [line for line in changes(commands, "a") if "steps.json" in line]
    (tmp_path / NAME).write_text(sent.removeprefix("put ").rpartition("]")[0] + "]")
    assert [str(step) for step in read_steps(tmp_path)] == told[1:]
    assert told[0].startswith("copy 5 files, ")


def test_root_needs_no_sudo(commands: Commands) -> None:
    deploy([machine("a", {"id -u": "0"})])
    puts = [line for line in changes(commands, "a") if line.startswith("put ")]
    assert puts
    assert all(line.endswith("sudo=False") for line in puts)


def test_the_last_line_says_where_the_page_is(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"temperature_c": json.dumps(ASKED)}
    assert deploy([machine("a", told)])
    assert capsys.readouterr().out.splitlines()[-1] == (
        "http://pi.local:8000 or http://10.0.0.7:8000 (password: `sudo digitcam password` there); camera: vivid"
    )


def test_the_last_line_says_that_it_waits_for_a_camera(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"temperature_c": json.dumps(ASKED | {"status": AWAY, "addresses": []})}
    assert deploy([machine("a", told), machine("b", told)])
    assert capsys.readouterr().out.splitlines()[-1] == (
        "@fake/b: its page is off (web.enabled in /etc/digitcam.toml); waits for its camera: no camera gives pictures"
    )


def test_a_refused_machine_is_only_looked_at(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    assert not deploy([machine("a", architecture="armv7l")])
    assert changes(commands, "a") == []
    assert "refused" in capsys.readouterr().out


def test_packages_are_installed_first_where_that_is_allowed(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the machine is asked anew after apt's work, and only then has them
    answers = iter([facts(packages=["python3-numpy"]), facts()])

    def answer(_: FakeConnector, command: str) -> tuple[bool, CommandOutput]:
        said = [json.dumps(next(answers))] if "raspberry_pi_os" in command else []
        return True, CommandOutput([OutputLine("stdout", line) for line in said])

    monkeypatch.setattr(FakeConnector, "_lookup_response", answer)
    assert deploy([machine("a")], Wishes(apt=True))
    given = commands["@fake/a"]
    apt = next(line for line in given if "apt-get" in line and " install " in line)
    assert apt.endswith("python3-picamera2")
    assert "--no-install-recommends" in apt
    assert given.index(apt) < next(number for number, line in enumerate(given) if INSTALL in line)
    assert next(answers, None) is None


# many machines


def fleet(count: int, **special: Machine) -> list[Machine]:
    return [special.get(f"p{i}", machine(f"p{i}")) for i in range(count)]


def installed(given: Commands) -> list[str]:
    """Which machines were changed."""
    return [name.removeprefix("@fake/") for name, lines in given.items() if any(INSTALL in line for line in lines)]


def outcomes(text: str) -> dict[str, str]:
    """The table: outcome by machine."""
    return {line.split()[0].removeprefix("@fake/"): line.split("  ")[1].strip() for line in text.splitlines()[1:]}


def test_fifty_machines(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy(fleet(50))
    assert len(installed(commands)) == 50
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 51
    assert all(" deployed " in line for line in table[1:])


def failing(name: str, said: str = "") -> Machine:
    return machine(name, {"systemd-run": {"success": False, "stderr": said or "digitcam: release x read nothing"}})


def test_a_canary_that_fails_is_the_only_one_changed(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    assert not deploy(fleet(50, p0=failing("p0")))
    assert installed(commands) == ["p0"]
    table = capsys.readouterr().out
    assert table.count("not tried") == 49
    assert "failed" in table
    assert "release x read nothing" in table


def test_it_stops_after_the_batch_in_which_one_fails(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    assert not deploy(fleet(50, p7=failing("p7")), pace=Pace(canary=2, share=0.1))
    # two canaries, then five at a time: p2 to p6, p7 to p11
    assert sorted(installed(commands), key=lambda name: int(name[1:])) == [f"p{i}" for i in range(12)]
    assert capsys.readouterr().out.count("not tried") == 38


def test_a_machine_that_is_down_holds_up_nobody(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    # nobody listens on this port, so that a real connection is refused
    down = Machine("p0", {"ssh_hostname": "127.0.0.1", "ssh_port": 1})
    assert not deploy(fleet(5, p0=down))
    assert sorted(installed(commands)) == ["p1", "p2", "p3", "p4"]
    assert "p0  " in capsys.readouterr().out.splitlines()[1]


def test_a_refused_machine_holds_up_nobody(commands: Commands) -> None:
    assert not deploy(fleet(5, p2=machine("p2", systemd=0)))
    assert sorted(installed(commands)) == ["p0", "p1", "p3", "p4"]


def test_boards_of_several_kinds_get_a_release_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy([machine("new"), machine("old", **BOOKWORM)])
    releases = {line.split()[2] for line in capsys.readouterr().out.splitlines()[1:]}
    assert len(releases) == 2


# the other verbs


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        (lambda machines: verbs.rollback(machines, Access(), 30), "rollback --wait=30"),
        (lambda machines: verbs.undeploy(machines, Access()), "remove"),
    ],
)
def test_a_verb_is_run_on_every_machine(commands: Commands, verb: Callable[[list[Machine]], bool], told: str) -> None:
    assert verb(fleet(3))
    for name in ("p0", "p1", "p2"):
        assert changes(commands, name)[-1].endswith(f"python3 {PROGRAM} {told}")


def test_a_verb_that_fails_on_one_machine_says_where_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert not verbs.rollback(fleet(3, p1=failing("p1", "digitcam: none to go back to")), Access(), 30)
    said = outcomes(capsys.readouterr().out)
    assert said["p1"] == "failed"
    assert {said["p0"], said["p2"]} == {"done"}


def test_figures_are_brought_into_a_folder_named_after_the_board(tmp_path: Path) -> None:
    measured = {"systemd-run": {"stdout": ["digitcam: ...", '{"ms": {"runs": 1024}}']}}
    assert verbs.bench([machine("a", measured, current="abc")], Access(), tmp_path, 60)
    path = tmp_path / "raspberry-pi-5-model-b-rev-1.0" / "raspberrypi-abc.json"
    assert json.loads(path.read_text()) == {"ms": {"runs": 1024}}


def test_figures_are_brought_even_where_the_service_is_not_well_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured = {"stdout": ['{"ms": {"runs": 1024}}'], "success": False, "stderr": "digitcam: not well again"}
    assert not verbs.bench([machine("a", {"systemd-run": measured}, current="abc")], Access(), tmp_path, 60)
    path = tmp_path / "raspberry-pi-5-model-b-rev-1.0" / "raspberrypi-abc.json"
    assert json.loads(path.read_text()) == {"ms": {"runs": 1024}}
    assert "not well again" in capsys.readouterr().out


def test_a_measurement_that_fails_brings_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not verbs.bench([failing("a", "digitcam: cannot measure")], Access(), tmp_path, 60)
    assert list(tmp_path.glob("raspberry*")) == []
    assert "cannot measure" in capsys.readouterr().out


def asked(**changes: object) -> dict[str, str]:
    return {"temperature_c": json.dumps(ASKED | changes)}


def status(*answers: dict[str, str]) -> bool:
    data = {"fake_delay": 0, "fake_delay_jitter": 0}
    return verbs.status(
        [Machine(f"@fake/{i}", {**data, "fake_responses": answer}) for i, answer in enumerate(answers)], Access()
    )


def test_status_tells_what_an_operator_wants_to_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(asked())
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["machine", "release", "health", "rate", "latency", "temperature", "throttling"]
    for text in (
        "abc (0.1.0)",
        "reads; camera: vivid; web: a password",
        "28.1/s",
        "12.2 ms",
        "51.2 C",
        "under-voltage",
    ):
        assert text in row


def test_one_reading_in_twenty_seconds_is_reading(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(asked(status=telling(0.05, {"camera": "vivid"}, {})))
    row = capsys.readouterr().out.splitlines()[1]
    assert "  reads; camera: vivid  " in row
    assert "0.05/s" in row


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (asked(release=""), "nothing is deployed"),
        (asked(unit=UNIT | {"ActiveState": "activating", "SubState": "start"}, status={}), "activating (start)"),
        (asked(status=telling(0, {"camera": "x"}, {})), "active (running); camera: x"),
        (asked(status=AWAY), "waits for its camera: no camera gives pictures; web: x"),
        (asked(status=telling(9, {}, {}, invocation="before")), "active (running); it tells nothing"),
        ({}, "down: it gave no answer"),
    ],
)
def test_status_fails_where_one_does_not_read(
    answer: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not status(asked(), answer)
    assert said in capsys.readouterr().out


def test_logs_come_from_the_journal(commands: Commands) -> None:
    assert verbs.logs(fleet(2), Access(), 7, follow=True)
    assert commands["@fake/p1"][1:] == [
        "journalctl --unit=digitcam.service --lines=7 --no-pager --output=short-iso --follow"
    ]
