"""`digitcam config`: what is set, what can be set, and the schema for editors."""

import argparse

from digitcam import settings
from digitcam.commands.terminal import config_of, show


def run(arguments: argparse.Namespace) -> int:
    """Print TOML, or the JSON schema."""
    if arguments.schema:
        show(settings.schema())
    elif arguments.example:
        show(settings.example())
    else:
        show(settings.effective(config_of(arguments)))
    return 0
