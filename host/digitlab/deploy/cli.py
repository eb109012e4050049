"""From the command line to a verb."""

import argparse
import getpass
from importlib.util import find_spec
from typing import Any

from digitlab.deploy.errors import DeployError
from digitlab.deploy.machines.hosts import machines
from digitlab.deploy.options import HOST_KEYS


def run(verb: str, options: argparse.Namespace) -> int:
    """Run a verb; the exit status.

    Raises:
        DigitcamError: what was asked cannot be done.
    """
    asked = machines(options.machines)
    if not find_spec("pyinfra"):
        raise DeployError(
            "pyinfra is not installed; `make deploy` installs it, or: pip install --group host/pyproject.toml:deploy"
        )
    from gevent import monkey

    # before anything that opens connections is imported, so that many can wait at once; signals stay Python's own
    monkey.patch_all(signal=False)
    from digitlab.deploy import verbs
    from digitlab.deploy.connection.keys import check_keys
    from digitlab.deploy.connection.session import Access
    from digitlab.deploy.deployment import Order, deploy
    from digitlab.deploy.planning.fleet import Pace
    from digitlab.deploy.planning.plan import Wishes

    check_keys(asked, options.key)
    data: dict[str, Any] = {"ssh_strict_host_key_checking": HOST_KEYS[options.host_keys]}
    if options.key:
        data["ssh_key"] = options.key
    if options.known_hosts:
        data["ssh_known_hosts_file"] = options.known_hosts
    if options.ask_password:
        data["ssh_password"] = getpass.getpass("password: ")
    sudo_password = getpass.getpass("password of sudo: ") if options.ask_sudo_password else None
    access = Access(data, sudo_password, options.parallel)
    match verb:
        case "deploy" | "install":
            asked_for = {"camera.source": options.camera, "mqtt.host": options.mqtt}
            settings = {name: value for name, value in asked_for.items() if value}
            wishes = Wishes(options.apt, options.wait, options.keep, sudo_password is not None, settings)
            pace = Pace(options.canary, options.share)
            order = Order(wishes, pace, options.model, options.refresh, options.dry_run)
            well = deploy(asked, access, order)
        case "rollback":
            well = verbs.rollback(asked, access, options.wait)
        case "status":
            well = verbs.status(asked, access)
        case "logs":
            well = verbs.logs(asked, access, options.lines, follow=options.follow)
        case "bench":
            well = verbs.bench(asked, access, options.folder, options.wait)
        case _:
            well = verbs.undeploy(asked, access)
    return 0 if well else 1
