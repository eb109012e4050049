"""What the commands' options have in common."""

import argparse
from collections.abc import Callable
from pathlib import Path

from digitcam.errors import OutputError
from digitlab.training.loop import CHECKPOINT

Options = argparse.Namespace
Command = Callable[[Options], int]
Add = Callable[..., argparse.ArgumentParser]
"""Adds a command: called with its name, what carries it out, what it does, and `again`, what is said after Ctrl-C."""

SCENES = Path("build/scenes")
MODEL = Path("models/digits.tflite")
FINDER = Path("models/finder.tflite")
RESUMED = "goes on after the last finished"


def natural(text: str) -> int:
    """A whole number, 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def share(text: str) -> float:
    """A part of a whole, 0 to 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def positive(text: str) -> int:
    """A whole number, 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def add_data(*users: argparse.ArgumentParser) -> None:
    """For those that need MNIST."""
    for user in users:
        user.add_argument(
            "--data",
            type=Path,
            metavar="DIR",
            help="with MNIST's idx files, mnist.npz or CSV files (default: $DIGITLAB_DATA, or get it)",
        )


def add_folder(flag: str, default: Path, text: str, *users: argparse.ArgumentParser) -> None:
    """For those that read or write such a folder or file."""
    for user in users:
        user.add_argument(flag, type=Path, default=default, help=f"{text} (default: %(default)s)")


def add_settings(user: argparse.ArgumentParser, defaults: dict[str, float], meaning: dict[str, str]) -> None:
    """What a training or drawing is started with, a flag each."""
    for name, value in defaults.items():
        user.add_argument(f"--{name}", type=type(value), default=value, help=f"{meaning[name]} (default: {value})")


def add_restart(*users: argparse.ArgumentParser) -> None:
    """For those that go on with what was interrupted."""
    for user in users:
        user.add_argument("--restart", action="store_true", help="forget an interrupted run and start again")


def forget(folder: Path) -> None:
    """Delete a training's checkpoint."""
    try:
        (folder / CHECKPOINT).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{folder / CHECKPOINT}: cannot delete: {error.strerror}") from error
