"""`digitcam config`: what is set, what can be set, and the schema for editors."""

import argparse

from digitcam.cli.terminal import config_of, show
from digitcam.config import describe


def run(arguments: argparse.Namespace) -> int:
    """Print TOML, or the JSON schema."""
    if arguments.schema:
        show(describe.schema())
    elif arguments.example:
        show(describe.example())
    else:
        show(describe.effective(config_of(arguments)))
    return 0
