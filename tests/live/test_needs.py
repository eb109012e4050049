"""Without a program that tests talk to they are skipped, and say so; where it is required they fail."""

import pytest
from tests import needs

ABSENT = needs.Need(("here", "away"), ("sh", "no-such-program"))


@pytest.fixture(autouse=True)
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needs.NEEDS, "broker", ABSENT)


@pytest.mark.parametrize("required", ["", "browser", "browser,brokers"])
def test_what_is_missing_is_skipped_with_what_to_type(monkeypatch: pytest.MonkeyPatch, required: str) -> None:
    monkeypatch.setenv("REQUIRE", required)
    with pytest.raises(pytest.skip.Exception, match=r"needs broker: sudo apt-get install away$"):
        needs.need("broker")


@pytest.mark.parametrize("required", ["broker", "browser,broker"])
def test_what_is_missing_and_required_fails(monkeypatch: pytest.MonkeyPatch, required: str) -> None:
    monkeypatch.setenv("REQUIRE", required)
    with pytest.raises(pytest.fail.Exception, match="broker is required and not here"):
        needs.need("broker")


def test_what_is_here_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needs.NEEDS, "broker", needs.Need(("one", "two"), ("sh", "/bin/s[h]")))
    monkeypatch.setenv("REQUIRE", "broker")
    needs.need("broker")
    assert needs.find("/bin/s[h]") == "/bin/sh"
