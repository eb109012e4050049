"""`digitcam address`: where the page of this machine's service is found."""

import argparse

from digitcam.cli.terminal import installed_config_of, show
from digitcam.errors import ConfigError
from digitcam.page_address import addresses


def run(arguments: argparse.Namespace) -> int:
    """Print each address on a line of its own.

    Raises:
        ConfigError: there is no page.
    """
    config, where = installed_config_of(arguments)
    if not config.web.enabled:
        raise ConfigError(f"the page is off: set web.enabled = true in {where}")
    show("\n".join(addresses(config.web)))
    return 0
