"""The command line, as a person types it."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from digitlab.deploy.__main__ import main

VERBS = ("deploy", "rollback", "status", "logs", "bench", "undeploy")
HERE = ("install", "uninstall")


def digitlab(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digitlab.deploy", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = capsys.readouterr().out
    assert all(re.search(rf"^    {verb}\s", listed, re.MULTILINE) for verb in (*VERBS, *HERE))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_machines_and_how_to_get_in(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    told = capsys.readouterr().out
    for word in ("PI", "--key", "--ask-password", "--ask-sudo-password", "--host-keys"):
        assert word in told


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["deploi", "a"],
        ["deploy"],
        ["deploy", "a", "--share", "0"],
        ["deploy", "a", "--wait", "soon"],
        ["deploy", "a", "--canary", "-1"],
        ["logs", "a", "--lines", "0"],
        ["install", "a"],
    ],
)
def test_wrong_usage_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "usage: digitlab" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["deploy", "pi@"], ["status", "no.toml"]])
def test_what_names_no_machine_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 1
    told = capsys.readouterr().err
    assert told.startswith("digitlab: ")
    assert told.count("\n") == 1


@pytest.mark.parametrize("verb", ["deploy", "undeploy", "logs"])
def test_a_machine_that_is_down_is_told_and_fails(verb: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        # bound and not listening: a connection is refused, and nobody else takes the port
        taken.bind(("127.0.0.1", 0))
        done = digitlab(verb, f"pi@127.0.0.1:{taken.getsockname()[1]}", folder=tmp_path)
    assert done.returncode == 1
    assert "down" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr


@pytest.mark.parametrize("words", [("status", "nobody@127.0.0.1:1"), ("status", "--help")], ids=["status", "--help"])
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
def test_a_standard_output_that_takes_nothing_is_one_line(
    words: tuple[str, ...], redirection: str, tmp_path: Path
) -> None:
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "digitlab.deploy", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("digitlab: standard output: cannot write: ")
    assert not re.search("Traceback|Exception ignored", done.stderr)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what may be given as a key."""
    folder = tmp_path_factory.mktemp("my keys")
    for name, kind, phrase in (("whole", "ed25519", ""), ("locked", "ed25519", "secret"), ("rsa", "rsa", "secret")):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", phrase, "-f", str(folder / name)], check=True)
    shutil.copy(folder / "rsa", folder / "pem")
    change = ["ssh-keygen", "-q", "-p", "-m", "PEM", "-P", "secret", "-N", "secret", "-f", str(folder / "pem")]
    subprocess.run(change, check=True, capture_output=True)
    (folder / "damaged").write_bytes((folder / "whole").read_bytes()[:200])
    (folder / "putty").write_text("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n")
    (folder / "text").write_text("my key")
    (folder / "empty").touch()
    return folder


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none", "cannot read the key: No such file or directory"),
        (".", "cannot read the key: Is a directory"),
        ("locked", "locked by a passphrase; hand it to the SSH agent (`ssh-add "),
        ("rsa", "locked by a passphrase; "),
        ("pem", "locked by a passphrase; "),
        ("whole.pub", "the public half of a key; to log in takes the private one, "),
        ("putty", "a key in PuTTY's format; `puttygen "),
        ("damaged", "no private key, or damaged, or of another kind than RSA, ECDSA, Ed25519"),
        ("text", "no private key, "),
        ("empty", "no private key, "),
    ],
)
def test_a_key_that_cannot_be_used_is_one_clear_line_before_anything_is_done(
    name: str, said: str, keys: Path, tmp_path: Path
) -> None:
    done = digitlab("status", "pi@127.0.0.1:1", "--key", str(keys / name), folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"digitlab: {keys / name}: {said}")
    assert done.stderr.count("\n") == 1, done.stderr


def test_the_keys_of_an_inventory_are_looked_at_too(keys: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "pis.toml"
    inventory.write_text(
        f"[defaults]\nkey = '{keys / 'whole'}'\n[pis.a]\nhost = '127.0.0.1'\n[pis.b]\nkey = '{keys / 'whole.pub'}'\n"
    )
    done = digitlab("deploy", str(inventory), "--key", str(keys / "none"), folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"digitlab: {keys / 'whole.pub'}: the public half of a key; ")
    assert done.stderr.rstrip().endswith(str(keys / "whole"))


def test_other_commands_do_not_wait_for_pyinfra() -> None:
    code = "import sys, digitlab.deploy.options; print([each for each in sys.modules if each in ('pyinfra', 'gevent')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_missing_pyinfra_is_one_clear_line() -> None:
    code = "import sys; sys.modules['pyinfra'] = None; from digitlab.deploy.__main__ import main; main(['status', 'a'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.startswith("digitlab: pyinfra is not installed; ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["deploy", "status"])
def test_make_asks_which_machine(verb: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.touch()
    done = subprocess.run(["make", verb, f"DEPLOY={made}"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"which Pi? make {verb} PI=pi@raspberrypi.local" in done.stderr
