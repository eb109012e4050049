"""What a person types. Imports neither pyinfra nor anything else that is slow."""

import argparse
from collections.abc import Callable
from pathlib import Path

Parser = argparse.ArgumentParser
HERE = "@local"  # as pyinfra calls the machine that it runs on
HOST_KEYS = {"new": "accept-new", "known": "yes"}


def add_verbs(add: Callable[[str, str], Parser]) -> None:
    """Add the verbs to a command line.

    Args:
        add: makes a command from its name and what it does.
    """
    deploy = add("deploy", "put this checkout's digitcam on a Pi, or many, as a service")
    install = add("install", "put this checkout's digitcam on this machine, as a service")
    rollback = add("rollback", "run the release that a Pi ran before its current one")
    status = add("status", "tell how digitcam on a Pi is: release, health, rate, latency, temperature, throttling")
    logs = add("logs", "show what digitcam on a Pi logs")
    bench = add("bench", "measure on a Pi, and bring the figures here")
    undeploy = add("undeploy", "take everything off a Pi again but what its user made")
    uninstall = add("uninstall", "take everything off this machine again but what its user made")
    for verb in (deploy, rollback, status, logs, bench, undeploy):
        _add_access(verb)
    for verb in (install, uninstall):
        verb.set_defaults(machines=HERE, key=None, known_hosts=None, host_keys="new", parallel=0, ask_password=False)
        verb.add_argument("--ask-sudo-password", action="store_true", help="ask for the password of sudo")
    for verb in (deploy, install, rollback, bench):
        verb.add_argument(
            "--wait",
            type=_seconds,
            default=90.0,
            metavar="S",
            help="seconds within which the service must read, or wait for its camera (default: 90)",
        )
    for verb in (deploy, install):
        _add_deployment(verb)
    install.set_defaults(canary=1, share=1.0)
    deploy.add_argument("--canary", type=_canaries, default=1, metavar="N", help="machines that go first (default: 1)")
    deploy.add_argument(
        "--share", type=_share, default=0.25, metavar="PERCENT", help="then so many of all at once (default: 25)"
    )
    logs.add_argument("--lines", type=_count, default=50, metavar="N", help="default: 50")
    logs.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    bench.add_argument("--folder", type=Path, default=Path("build/bench"), metavar="DIR", help="default: %(default)s")


def _add_deployment(verb: Parser) -> None:
    verb.add_argument("--dry-run", action="store_true", help="read the facts and tell each step, and do none")
    verb.add_argument("--apt", action="store_true", help="install missing packages there with apt")
    verb.add_argument("--camera", metavar="SOURCE", help="set camera.source there; `digitcam cameras` lists them")
    verb.add_argument("--mqtt", metavar="HOST", help="set mqtt.host there: the broker that readings go to")
    verb.add_argument("--model", type=Path, metavar="TFLITE", help="in place of the shipped one; needs its card")
    verb.add_argument("--refresh", action="store_true", help="resolve newer wheels than those that were last used")
    verb.add_argument("--keep", type=_count, default=3, metavar="N", help="releases that stay (default: 3)")


def _add_access(verb: Parser) -> None:
    verb.add_argument("machines", metavar="PI", help="user@host[:port], several with commas, or an inventory.toml")
    access = verb.add_argument_group("access", "What ~/.ssh/config and the SSH agent say holds too.")
    access.add_argument("--key", metavar="FILE", help="private key to log in with")
    access.add_argument("--ask-password", action="store_true", help="ask for the password to log in with")
    access.add_argument("--ask-sudo-password", action="store_true", help="ask for the password of sudo")
    access.add_argument(
        "--host-keys",
        choices=tuple(HOST_KEYS),
        default="new",
        help="new: note the key of a host that was never seen, refuse one that changed; known: refuse both",
    )
    access.add_argument("--known-hosts", metavar="FILE", help="default: ~/.ssh/known_hosts")
    access.add_argument("--parallel", type=_count, default=0, metavar="N", help="machines at once (default: all)")


def _seconds(text: str) -> float:
    return _between(text, 1, 3600)


def _share(text: str) -> float:
    return _between(text.removesuffix("%"), 1, 100) / 100


def _canaries(text: str) -> int:
    return int(_between(text, 0, 100_000))


def _count(text: str) -> int:
    return int(_between(text, 1, 100_000))


def _between(text: str, low: float, high: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {low:g} to {high:g}")
    return number
