"""A release becomes what runs, and gives way where it is not well."""

import os
import tomllib
from pathlib import Path
from typing import cast

import pytest
from tests.deploy.played import Deploy, Send, current

from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.install import install
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.remove import remove
from digitlab.deploy.onpi.steps import checks
from digitlab.deploy.onpi.steps.base import Step, Work
from digitlab.deploy.onpi.steps.checks import CheckRelease
from digitlab.deploy.onpi.steps.environment import MakeEnvironment
from digitlab.deploy.onpi.steps.prune import PruneReleases, prune
from digitlab.deploy.onpi.steps.release import MakeRelease
from digitlab.deploy.onpi.steps.settings import PAGE, ChangeSettings
from digitlab.deploy.onpi.steps.switch import SwitchRelease, back
from digitlab.deploy.onpi.whole import MARK


def test_a_first_release_runs(
    layout: Layout, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    assert current(layout) == "one"
    assert layout.unit.read_text() == layout.wanted.read_text() == "well"
    assert not layout.current.readlink().is_absolute()
    assert (layout.current / "config.schema.json").read_text() == "{}\n"
    assert list(layout.incoming.iterdir()) == []
    assert "running, 9 frames a second, 5.0 ms each; camera: a lens" in capsys.readouterr().out
    calls = (tmp_path / "calls").read_text()
    assert calls.index("daemon-reload") < calls.index("restart")


def test_the_environment_sees_the_system_and_holds_what_was_sent(layout: Layout, deploy: Deploy) -> None:
    deploy("one", real=True)
    environment = layout.environments / "env"
    assert "include-system-site-packages = true" in (environment / "pyvenv.cfg").read_text()
    installed = [path.name for path in environment.glob("lib/python*/site-packages/*")]
    assert "spam.py" in installed
    assert "pip" not in installed


def test_settings_are_created_with_everything_explained_and_only_the_page_set(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    text = layout.config.read_text()
    assert text.startswith('# A section.\n[camera]\n# Where frames come from.\n# source = "auto"\n')
    assert tomllib.loads(text)["web"] == {name.removeprefix("web."): value for name, value in PAGE.items()}
    assert layout.config.stat().st_mode & 0o777 == 0o644


def test_the_users_settings_stay(layout: Layout, deploy: Deploy) -> None:
    layout.config.write_text("# mine\n")
    deploy("one")
    assert layout.config.read_text() == "# mine\n"


def test_a_second_release_shares_the_environment(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    made = (layout.environments / "env" / MARK).stat().st_ino
    deploy("two")
    assert (layout.environments / "env" / MARK).stat().st_ino == made
    assert (current(layout), layout.previous.resolve().name) == ("two", "one")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("crash", r"two ended soon after its start \(exit-code, exit status 1\); one is back and running"),
        ("ended", "two ended by itself: does camera.source have an end.; one is back"),
        ("slow", r"two was not ready \(activating\) within 0 s; one is back"),
        ("mute", "two read nothing within 0 s: 0 frames a second, 5.0 ms each; camera: gone; one is back"),
    ],
)
def test_a_release_that_is_not_well_gives_way_to_the_one_before(
    layout: Layout, deploy: Deploy, kind: str, said: str
) -> None:
    deploy("one")
    with pytest.raises(DeploymentError, match=said) as error:
        deploy("two", kind, wait_s=0.3)
    assert current(layout) == "one"
    assert layout.unit.read_text() == "well"
    if kind != "ended":
        assert str(error.value).endswith("\n    the last line")
    assert service.state(layout).well


def test_a_first_release_that_is_not_well_leaves_nothing_running(layout: Layout, deploy: Deploy) -> None:
    with pytest.raises(DeploymentError, match="none ran before it, so none runs now"):
        deploy("one", "crash")
    assert current(layout) == ""
    assert not layout.unit.is_symlink()
    assert not layout.wanted.is_symlink()


def test_settings_that_the_new_release_cannot_read_stop_it_before_the_switch(
    layout: Layout, deploy: Deploy, tmp_path: Path
) -> None:
    deploy("one")
    starts = (tmp_path / "starts").read_text()
    layout.config.write_text("bad")
    with pytest.raises(DeploymentError, match=r"two: configuration: what is bad\?; nothing was changed"):
        deploy("two")
    assert (current(layout), (tmp_path / "starts").read_text()) == ("one", starts)


def test_a_release_that_misreads_its_frame_stops_before_the_switch(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    with pytest.raises(DeploymentError, match=r"two: reads frame.png as '99', not '12\\n3'; nothing was changed"):
        deploy("two", reads="99")
    assert current(layout) == "one"


def test_a_slow_machine_that_is_given_longer_is_given_it_for_the_checks_too(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "SECONDS", 0.001)
    with pytest.raises(DeploymentError, match="one: `digitcam check` did not end within 0 s"):
        deploy("one", wait_s=0.001)
    deploy("one", wait_s=30)


@pytest.mark.parametrize("damaged", ["release.zip", "spam-1.0-py3-none-any.whl"])
def test_what_was_damaged_on_its_way_is_not_installed(layout: Layout, send: Send, damaged: str) -> None:
    incoming = send("one")
    (incoming / damaged).write_bytes(b"PK")
    with pytest.raises(DeploymentError, match=f"{damaged}: damaged on its way"):
        install(layout, incoming)
    assert current(layout) == ""
    assert not (layout.releases / "one").exists()


def test_going_back_and_forth(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    with pytest.raises(DeploymentError, match="none to go back to"):
        back(layout, 5)
    deploy("two")
    back(layout, 5)
    assert (current(layout), layout.previous.resolve().name) == ("one", "two")
    back(layout, 5)
    assert current(layout) == "two"


def test_three_releases_stay_and_what_they_need(layout: Layout, deploy: Deploy) -> None:
    for number, name in enumerate(("a", "b", "c", "d")):
        deploy(name, environment=f"env{number // 2}")
        os.utime(layout.releases / name, (number, number))
    assert sorted(path.name for path in layout.releases.iterdir()) == ["b", "c", "d"]
    deploy("e", environment="env1")
    assert sorted(path.name for path in layout.releases.iterdir()) == ["c", "d", "e"]
    assert sorted(path.name for path in layout.environments.iterdir()) == ["env1"]


def test_the_current_and_the_previous_one_stay_however_old(layout: Layout, deploy: Deploy) -> None:
    deploy("a")
    deploy("b")
    os.utime(layout.releases / "a", (0, 0))
    prune(layout, keep=1)
    assert sorted(path.name for path in layout.releases.iterdir()) == ["a", "b"]


def test_a_release_that_waits_for_its_camera_is_well(layout: Layout, deploy: Deploy) -> None:
    deploy("one", "waits")
    assert current(layout) == "one"
    assert service.state(layout).well


def test_the_program_is_found_by_its_name(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    assert layout.command.resolve() == layout.releases / "one/bin/digitcam"
    deploy("two")
    assert layout.command.resolve() == layout.releases / "two/bin/digitcam"
    remove(layout)
    assert not layout.command.is_symlink()


def test_a_program_of_that_name_that_is_another_s_stays(
    layout: Layout, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.command.parent.mkdir(parents=True)
    layout.command.write_text("mine")
    deploy("one")
    assert f"{layout.command}: is not ours, and left as it is" in capsys.readouterr().out
    remove(layout)
    assert layout.command.read_text() == "mine"


STEPS = [
    cast("type[Step]", each) for each in (MakeEnvironment, MakeRelease, ChangeSettings, CheckRelease, SwitchRelease)
]


@pytest.mark.parametrize("step", STEPS)
def test_one_that_fails_in_any_step_leaves_what_ran_running(
    layout: Layout,
    deploy: Deploy,
    monkeypatch: pytest.MonkeyPatch,
    step: type[Step],
) -> None:
    deploy("one")
    before = layout.config.read_bytes()
    whole = step.carry_out

    def carry_out(self: Step, work: Work) -> None:
        if step is not SwitchRelease:  # which is done or not: its own failures are told further up
            whole(self, work)
        raise DeploymentError("no more")

    monkeypatch.setattr(step, "carry_out", carry_out)
    with pytest.raises(DeploymentError, match="no more"):
        deploy("two", asked={"camera.source": "demo"}, environment="env2", real=True)
    assert current(layout) == "one"
    assert service.state(layout).well
    assert layout.unit.read_text() == "well"
    assert layout.config.read_bytes() == before


def test_old_releases_that_cannot_be_deleted_are_told_and_no_fault_of_the_new_one(
    layout: Layout, deploy: Deploy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def carry_out(self: Step, work: Work) -> None:
        del self
        raise PermissionError(1, "Operation not permitted", str(work.layout.releases / "old"))

    monkeypatch.setattr(PruneReleases, "carry_out", carry_out)
    deploy("one")
    assert current(layout) == "one"
    assert "releases/old: cannot be deleted: Operation not permitted" in capsys.readouterr().err


@pytest.mark.parametrize("broken", ["daemon-reload", "reset-failed", "restart"])
def test_a_systemd_that_refuses_leaves_what_ran(layout: Layout, deploy: Deploy, tmp_path: Path, broken: str) -> None:
    deploy("one")
    script = tmp_path / "systemctl"
    once = f'case "$*" in *{broken}*) [ -e {tmp_path}/refused ] || {{ touch {tmp_path}/refused; exit 1; }} ;; esac\n'
    script.write_text(script.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\n{once}", 1))
    with pytest.raises(DeploymentError, match=r"two could not be started: cannot .*; one is back and running"):
        deploy("two")
    assert current(layout) == "one"
    assert layout.unit.read_text() == "well"
