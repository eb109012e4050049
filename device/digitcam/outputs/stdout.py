"""Readings as lines of text, for a person or for a program."""

import sys
from abc import ABC, abstractmethod
from typing import Annotated, Literal, TextIO

from msgspec import Meta, Struct

from digitcam import streams
from digitcam.outputs.base import Output, OutputClosedError, OutputPlugin, Update
from digitcam.wire import StableReading, to_line


class StdoutConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Readings on standard output, one a line."""

    format: Annotated[
        Literal["text", "json", "off"],
        Meta(description="For a person, or for a program as `digitcam run --json`; `off`: no line."),
    ] = "text"


class LineOutput(Output, ABC):
    """One line for each reading, flushed at once. A form of line is a subclass."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`, such as `sys.stdout`."""
        self._stream = stream

    @abstractmethod
    def line(self, update: Update) -> str:
        """Make the line, without the newline."""

    def publish(self, update: Update) -> None:
        """Write the line.

        Raises:
            OutputClosedError: the pipe's reader has gone, as in `digitcam run | head`.
            OutputError: the line cannot be written, for example to a full disk.
        """
        try:
            streams.write(self.line(update) + "\n", self._stream)
        except BrokenPipeError as error:
            raise OutputClosedError from error


class TextLines(LineOutput):
    """`12 / 345    97 %   capture 0.4  find 2.1  ... ms`: lines of paper joined, the least sure digit, the stages.

    Of a picture its name follows.
    """

    def line(self, update: Update) -> str:
        """Show the reading for a person."""
        reading = update.reading
        text = " / ".join(reading.text.split("\n")) or "(nothing)"
        # rounded down, so that only certainty prints 100 %
        sure = f"{min(int(digit.confidence * 100) for digit in reading.digits)} %" if reading.digits else "-"
        stages = "  ".join(f"{stage} {ms:.1f}" for stage, ms in reading.ms.items())
        origin = f"   {update.origin}" if update.origin else ""
        return f"{text:<20}  {sure:>5}   {stages} ms{origin}"


class JsonLines(LineOutput):
    """One JSON object a line, a `StableReading`."""

    def line(self, update: Update) -> str:
        """Show the reading for a program."""
        return to_line(update.to_wire(StableReading))


FORMS = {"text": TextLines, "json": JsonLines}
PLUGIN = OutputPlugin(
    settings=StdoutConfig,
    is_wanted=lambda settings: settings.format != "off",
    open=lambda _, settings: FORMS[settings.format](sys.stdout),
    vital=True,
)
