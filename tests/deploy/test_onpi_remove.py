"""Taken away again."""

from hashlib import sha256

import pytest
from tests.deploy.played import Deploy

from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.remove import remove


def test_nothing_is_left_but_what_the_user_made(
    layout: Layout, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    layout.state.mkdir(parents=True)
    remove(layout)
    assert capsys.readouterr().out.splitlines()[-1] == "removed; nothing is left"
    left = [path for path in layout.prefix.rglob("*") if not path.is_dir()]
    assert left == []
    assert not layout.home.exists()


def test_what_the_user_made_is_left_and_named(
    layout: Layout, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    layout.config.write_text("# mine\n")
    layout.state.mkdir(parents=True)
    (layout.state / "record").write_text("")
    layout.drop_ins.mkdir()
    (layout.drop_ins / "override.conf").write_text("")
    remove(layout)
    told = capsys.readouterr().out
    for path in (layout.config, layout.state, layout.drop_ins):
        assert path.exists()
        assert str(path) in told
    assert not layout.unit.is_symlink()


def test_settings_that_were_there_before_are_the_users(layout: Layout, deploy: Deploy) -> None:
    layout.config.write_text("")
    deploy("one")
    remove(layout)
    assert layout.config.exists()


def test_the_hash_of_the_created_settings_is_kept(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    assert layout.record.read_text() == sha256(layout.config.read_bytes()).hexdigest()
