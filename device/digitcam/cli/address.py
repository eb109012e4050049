"""`digitcam address`: where the page of this machine's service is found."""

import argparse

from digitcam.cli.terminal import installed_config_of, show
from digitcam.config import section_of
from digitcam.errors import ConfigError
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.address import list_addresses


def run(arguments: argparse.Namespace) -> int:
    """Print each address on a line of its own.

    Raises:
        ConfigError: there is no page.
    """
    config, where = installed_config_of(arguments)
    web = section_of(config, "web", WebConfig)
    if not web.enabled:
        raise ConfigError(f"the page is off: set web.enabled = true in {where}")
    show("\n".join(list_addresses(web)))
    return 0
