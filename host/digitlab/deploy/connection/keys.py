"""The private keys to log in with, looked at before any machine is. Import this after `gevent.monkey.patch_all`."""

from collections.abc import Sequence
from pathlib import Path

from paramiko import ECDSAKey, Ed25519Key, PasswordRequiredException, PKey, RSAKey

from digitlab.deploy.errors import DeployError
from digitlab.deploy.machines.hosts import Machine

KINDS = (RSAKey, ECDSAKey, Ed25519Key)  # that pyinfra tries
PUBLIC = (b"ssh-", b"ecdsa-", b"sk-", b"---- BEGIN SSH2 PUBLIC KEY", b"-----BEGIN PUBLIC KEY")
PUTTY = b"PuTTY-User-Key-File"


def check_keys(machines: Sequence[Machine], usual: str | None) -> None:
    """Make sure that the machines' keys can be used.

    Args:
        machines: some with a key of their own.
        usual: the file of that of the others; None without any.

    Raises:
        DeployError: one cannot be read, is locked by a passphrase, or is no private key.
    """
    for name in dict.fromkeys(machine.data.get("ssh_key", usual) for machine in machines):
        if name:
            _check(name)


def _check(name: str) -> None:
    path = Path(name).expanduser()
    try:
        data = path.read_bytes().lstrip()
    except OSError as error:
        raise DeployError(f"{path}: cannot read the key: {error.strerror}") from error
    if data.startswith(PUBLIC):
        private = path.with_suffix("") if path.suffix == ".pub" else "the file without .pub"
        raise DeployError(f"{path}: the public half of a key; to log in takes the private one, {private}")
    if data.startswith(PUTTY):
        raise DeployError(
            f"{path}: a key in PuTTY's format; `puttygen {path} -O private-openssh -o NEW` makes one that can be used"
        )
    if not any(_is(kind, path) for kind in KINDS):
        kinds = ", ".join(kind.__name__.removesuffix("Key") for kind in KINDS)
        raise DeployError(f"{path}: no private key, or damaged, or of another kind than {kinds}")


def _is(kind: type[PKey], path: Path) -> bool:
    try:
        kind.from_private_key_file(str(path))
    except PasswordRequiredException as error:
        raise DeployError(
            f"{path}: locked by a passphrase; hand it to the SSH agent (`ssh-add {path}`), and leave the key out here"
        ) from error
    except Exception:  # noqa: BLE001  # a damaged or foreign one raises whatever its parser meets
        return False
    return True
