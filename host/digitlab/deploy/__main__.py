"""`python -m digitlab.deploy VERB PI`: `digitlab VERB PI` without what digitlab trains with."""

import argparse
import sys
from collections.abc import Sequence

from digitcam import streams
from digitcam.errors import DigitcamError
from digitlab.deploy.cli import run
from digitlab.deploy.options import add_verbs

INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended, and
PIPE_CLOSED = 141  # one whose reader has gone


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb: 0, 1 where something did not go well, 130 after Ctrl-C, 141 where nobody reads what is printed."""
    streams.prepare()
    parser = argparse.ArgumentParser("digitlab", description="Puts digitcam on a Pi, or many.")
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    add_verbs(lambda name, text: verbs.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}."))
    verb = ""
    try:
        try:
            options = parser.parse_args(argv)
            verb = options.verb
            return run(verb, options)
        finally:
            streams.write("", sys.stdout)  # what was printed and is not written yet
    except DigitcamError as error:
        print(f"digitlab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return PIPE_CLOSED
    except KeyboardInterrupt:
        if verb != "logs":  # which ends in no other way when it follows
            print("digitlab: interrupted; what a Pi has begun, it finishes: look with `status`", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
