"""`python -m digitlab.deploy VERB PI`: `digitlab VERB PI` without what digitlab trains with."""

import argparse
import sys
from collections.abc import Sequence

from digitcam.errors import DigitcamError
from digitlab.deploy.cli import run
from digitlab.deploy.options import add_verbs

INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb: 0, 1 where something did not go well, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser("digitlab", description="Puts digitcam on a Pi, or many.")
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    add_verbs(lambda name, text: verbs.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}."))
    options = parser.parse_args(argv)
    try:
        return run(options.verb, options)
    except DigitcamError as error:
        print(f"digitlab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("digitlab: interrupted; what a Pi has begun, it finishes: look with `status`", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
