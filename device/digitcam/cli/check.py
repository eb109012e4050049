"""`digitcam check`: what is here, what is wrong and what to do."""

import argparse

from digitcam.cli.terminal import FAILED, config_of, nothing_to_lose, show
from digitcam.diagnostics import check
from digitcam.redact import redact


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; fails where something is wrong."""
    with nothing_to_lose():
        checks = check.run(lambda: config_of(arguments))
    show(redact(check.as_json(checks) if arguments.json else check.table(checks)))
    return 0 if check.passed(checks) else FAILED
