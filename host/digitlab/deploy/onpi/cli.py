"""The verbs that change something."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from digitlab.deploy.onpi.bench import bench
from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.install import install
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.lock import locked
from digitlab.deploy.onpi.remove import remove
from digitlab.deploy.onpi.steps.switch import back
from digitlab.deploy.onpi.tell import complain, tell


def main(argv: Sequence[str] | None = None) -> int:
    """Do what was asked; 1 after an error, which is told."""
    asked, began = _parser().parse_args(argv), time.monotonic()
    try:
        _do(Layout(), asked)
    except DeploymentError as error:
        complain(str(error))
        return 1
    except OSError as error:
        complain(f"{error.filename or asked.verb}: {error.strerror or error}")
        return 1
    if asked.verb != "bench":  # the last line of which is its JSON
        tell(f"done in {time.monotonic() - began:.0f} s")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("digitcam-deployment")
    verbs = parser.add_subparsers(dest="verb", required=True)
    installing = verbs.add_parser("install")
    installing.add_argument("incoming", type=Path)
    for verb in (verbs.add_parser("rollback"), verbs.add_parser("bench")):
        verb.add_argument("--wait", type=float, default=90.0)
    verbs.add_parser("remove")
    return parser


def _do(layout: Layout, asked: argparse.Namespace) -> None:
    if asked.verb != "install" and not layout.home.exists():
        raise DeploymentError("nothing is deployed here")
    with locked(layout):
        match asked.verb:
            case "install":
                install(layout, asked.incoming)
            case "rollback":
                back(layout, asked.wait)
            case "bench":
                bench(layout, asked.wait)
            case "remove":
                remove(layout)
                Path(sys.argv[0]).unlink(missing_ok=True)  # this very program
