"""The user's settings: created, changed where that was asked for, and as they were where a deployment fails."""

import tomllib

import pytest
from tests.deploy.played import Deploy, current

from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.remove import remove
from digitlab.deploy.onpi.settings import set_value

MINE = "# mine\n[camera]  # of the shed\nrotate = 90\n\n[log]\nlevel = 'debug'\n"
ASKED = {"camera.source": "v4l2:/dev/video2", "mqtt.host": "nas"}


def test_what_was_asked_for_stands_in_settings_that_are_created(layout: Layout, deploy: Deploy) -> None:
    deploy("one", asked=ASKED)
    found = tomllib.loads(layout.config.read_text())
    assert (found["camera"]["source"], found["mqtt"]["host"]) == ("v4l2:/dev/video2", "nas")
    assert found["web"]["enabled"] is True


def test_what_was_asked_for_is_set_among_the_users_own(layout: Layout, deploy: Deploy) -> None:
    layout.config.write_text(MINE)
    layout.config.chmod(0o600)
    deploy("one", asked=ASKED)
    text = layout.config.read_text()
    assert set(MINE.splitlines()) <= set(text.splitlines())
    assert tomllib.loads(text) == {
        "camera": {"source": "v4l2:/dev/video2", "rotate": 90},
        "log": {"level": "debug"},
        "mqtt": {"host": "nas"},
    }
    assert layout.config.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["crash", "mute"])
def test_settings_are_as_they_were_where_it_is_not_well(layout: Layout, deploy: Deploy, kind: str) -> None:
    layout.config.write_text(MINE)
    deploy("one")
    with pytest.raises(DeploymentError, match="one is back and running"):
        deploy("two", kind, wait_s=0.3, asked=ASKED)
    assert layout.config.read_text() == MINE
    assert current(layout) == "one"


def test_settings_are_as_they_were_where_the_release_cannot_read_them(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    before = layout.config.read_text()
    with pytest.raises(DeploymentError, match="nothing was changed"):
        deploy("two", asked={"camera.source": "bad"})
    assert layout.config.read_text() == before
    remove(layout)
    assert not layout.config.exists()  # and still nobody's


def test_a_first_one_that_fails_leaves_no_settings(layout: Layout, deploy: Deploy) -> None:
    with pytest.raises(DeploymentError):
        deploy("one", "crash")
    assert not layout.config.exists()


def test_settings_may_begin_with_a_byte_order_mark(layout: Layout, deploy: Deploy) -> None:
    layout.config.write_text("[camera]\nrotate = 90\n", encoding="utf-8-sig")
    deploy("one", asked={"camera.source": "auto"})
    assert tomllib.loads(layout.config.read_text()) == {"camera": {"source": "auto", "rotate": 90}}


def test_settings_in_another_encoding_are_the_persons_to_mend(layout: Layout, deploy: Deploy) -> None:
    mine = "# für den Schuppen\n[camera]\n".encode("latin-1")
    layout.config.write_bytes(mine)
    with pytest.raises(DeploymentError, match=r"digitcam.toml: it is not in UTF-8; put that right, or set camera"):
        deploy("one", asked={"camera.source": "auto"})
    assert layout.config.read_bytes() == mine


def test_settings_that_are_no_toml_are_the_persons_to_mend(layout: Layout, deploy: Deploy) -> None:
    layout.config.write_text("[camera\n")
    with pytest.raises(DeploymentError, match=r"digitcam.toml: .*; put that right, or set camera.source there"):
        deploy("one", asked={"camera.source": "auto"})
    assert layout.config.read_text() == "[camera\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[web]\nport = "x"\n'),
        ("[web]\n", '[web]\nport = "x"\n'),
        ("[web]\nport = 1\n", '[web]\nport = "x"\n'),
        ("[web]\n# port = 1\nfps = 2\n", '[web]\nport = "x"\nfps = 2\n'),
        ("[web]\n#port = 1\nport = 2\n", '[web]\n#port = 1\nport = "x"\n'),
        ("[mqtt]\nport = 1\n", '[mqtt]\nport = 1\n\n[web]\nport = "x"\n'),
        ("[web]\n\n[mqtt]\nport = 1\n", '[web]\nport = "x"\n\n[mqtt]\nport = 1\n'),
        (" [ web ] # page\n  port=1\n", ' [ web ] # page\nport = "x"\n'),
        ("[web]\nports = 1\n", '[web]\nport = "x"\nports = 1\n'),
        ("[web]", '[web]\nport = "x"'),
    ],
)
def test_one_value_is_set_and_every_other_line_stays(before: str, after: str) -> None:
    assert set_value(before, "web.port", "x") == after
