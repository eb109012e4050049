"""`digitlab`: what the workstation does, one command a step."""

import argparse
import shlex
import sys
from collections.abc import Sequence

from digitcam import streams
from digitcam.errors import DigitcamError
from digitcam.redact import make_legible
from digitlab import __version__
from digitlab.cli import finding, machines, measuring, own, reading, tutorial
from digitlab.cli.options import Command

PROGRAM = "digitlab"
INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended, and
PIPE_CLOSED = 141  # one whose reader has gone


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after `digitlab`; None takes them from the command line.

    Returns:
        The exit status: 0, 1 after an error, 130 after Ctrl-C, 141 where nobody reads what is printed.
    """
    streams.prepare()
    typed = sys.argv if argv is None else [PROGRAM, *argv]
    try:
        try:
            options = _parser().parse_args(typed[1:])
            command: Command = options.command
            return command(options)
        finally:
            streams.write("", sys.stdout)  # what was printed and is not written yet
    except DigitcamError as error:
        streams.tell(make_legible(f"{PROGRAM}: {error}"))
        return 1
    except BrokenPipeError:
        return PIPE_CLOSED
    except OSError as error:  # of whatever kind: a person's machine, and no fault of this code
        streams.tell(make_legible(f"{PROGRAM}: {error}"))
        return 1
    except KeyboardInterrupt:
        again = shlex.join(word for word in typed if word != "--restart")
        print(f"{PROGRAM}: interrupted; `{again}` {options.again}", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(PROGRAM, description="Trains, quantizes, measures and ships digitcam's models.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str, again: str = "starts it again") -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        added.set_defaults(command=command, again=again)
        return added

    for group in (finding, reading, own, measuring, tutorial, machines):
        group.add_commands(add)
    return parser
