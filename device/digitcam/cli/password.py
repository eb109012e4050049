"""`digitcam password`: the password of this machine's page."""

import argparse
import os

from digitcam.cli.terminal import installed_config_of, show
from digitcam.config import section_of
from digitcam.config.secret import make_secret, read_secret, secret_path
from digitcam.errors import ConfigError
from digitcam.outputs.web import WebConfig


def run(arguments: argparse.Namespace) -> int:
    """Print it, or a new one; a service that runs takes that without a restart.

    Raises:
        ConfigError: there is none, or it cannot be read by this user.
        OutputError: it cannot be written by this user.
    """
    config, where = installed_config_of(arguments)
    web = section_of(config, "web", WebConfig)
    name = web.password_file
    if not name:
        raise ConfigError(f"the page has no password: set web.password_file in {where}")
    if "/" not in name:
        raise ConfigError(
            f"the page's password is {name}, which systemd hands to the service: LoadCredential= of its unit names the "
            "file (`systemctl cat digitcam`)"
        )
    path = secret_path(name)
    if os.geteuid() and not os.access(path, os.R_OK):
        raise ConfigError(f"{path}: this user may not read it: sudo digitcam password")
    show(make_secret(path) if arguments.new else read_secret("web.password_file", name).text)
    return 0
