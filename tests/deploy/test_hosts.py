from pathlib import Path
from typing import Any

import pytest

from digitlab.deploy.errors import DeployError
from digitlab.deploy.machines.hosts import machines


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("pi.local", {"ssh_hostname": "pi.local"}),
        ("pi@pi.local", {"ssh_hostname": "pi.local", "ssh_user": "pi"}),
        ("pi@10.0.0.5:2222", {"ssh_hostname": "10.0.0.5", "ssh_user": "pi", "ssh_port": 2222}),
        ("[fe80::1%eth0]:22", {"ssh_hostname": "fe80::1%eth0", "ssh_port": 22}),
        ("pi@[::1]", {"ssh_hostname": "::1", "ssh_user": "pi"}),
    ],
)
def test_one_machine(text: str, data: dict[str, Any]) -> None:
    (machine,) = machines(text)
    assert (machine.name, machine.data) == (text, data)


def test_the_machine_itself() -> None:
    (machine,) = machines("@local")
    assert (machine.name, machine.data) == ("@local", {})


def test_several_in_the_order_given() -> None:
    assert [machine.name for machine in machines("b, pi@a:23 ,c,")] == ["b", "pi@a:23", "c"]


@pytest.mark.parametrize("text", ["", ",", "pi@", "a b", "host:port", "a,@local", "::1", "a,a"])
def test_what_names_no_machine_is_refused(text: str) -> None:
    with pytest.raises(DeployError, match=r"which Pi|no address|named twice"):
        machines(text)


def inventory(folder: Path, text: str) -> str:
    path = folder / "inventory.toml"
    path.write_text(text)
    return str(path)


def test_an_inventory(tmp_path: Path) -> None:
    text = """
        [defaults]
        user = "pi"
        port = 2222
        [pis.door]
        host = "10.0.0.5"
        [pis."shed.local"]
        user = "me"
        port = 22
        key = "~/.ssh/shed"
    """
    door, shed = machines(inventory(tmp_path, text))
    assert (door.name, door.data) == ("door", {"ssh_hostname": "10.0.0.5", "ssh_user": "pi", "ssh_port": 2222})
    assert shed.data == {"ssh_hostname": "shed.local", "ssh_user": "me", "ssh_port": 22, "ssh_key": "~/.ssh/shed"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[pis.a]\nhosst = 'x'", "not an inventory: .*hosst"),
        ("pis = 3", "not an inventory"),
        ("[defaults]", "not an inventory: .*pis"),
        ("= [", "not an inventory"),
        ("[pis]", "which Pi"),
        ("[pis.a]\npassword = 'x'", "password"),
    ],
)
def test_a_bad_inventory_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DeployError, match=said):
        machines(inventory(tmp_path, text))


def test_a_missing_inventory(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="cannot read the inventory: No such file"):
        machines(str(tmp_path / "no.toml"))


def test_the_shipped_example_is_an_inventory() -> None:
    assert len(machines("docs/inventory.example.toml")) == 3


def test_an_inventory_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (shed,) = machines(inventory(tmp_path, "\ufeff[pis.shed]\nhost = 'x'\n"))
    assert shed.name == "shed"


def test_an_inventory_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "inventory.toml").write_text("[pis.shed]\n", encoding="utf-16")
    with pytest.raises(DeployError, match="not in UTF-8; save it as that"):
        machines(str(tmp_path / "inventory.toml"))
