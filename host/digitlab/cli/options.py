"""What the commands' options have in common."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digitlab.steps import Step

Options = argparse.Namespace
Command = Callable[[Options], int]
Add = Callable[..., argparse.ArgumentParser]
"""Adds a command: called with its name, what carries it out, what it does, and `again`, what is said after Ctrl-C."""

SCENES = Path("build/scenes")
MODEL = Path("models/digits.tflite")
FINDER = Path("models/finder.tflite")
RESUMED = "goes on after the last finished"


def natural(text: str) -> int:
    """Take a whole number, 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def share(text: str) -> float:
    """Take a part of a whole, 0 to 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def positive(text: str) -> int:
    """Take a whole number, 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def add_data(*users: argparse.ArgumentParser) -> None:
    """Add --data to those that need MNIST."""
    for user in users:
        user.add_argument(
            "--data",
            type=Path,
            metavar="DIR",
            help="with MNIST's idx files, mnist.npz or CSV files (default: $DIGITLAB_DATA, or get it)",
        )


def add_folder(flag: str, default: Path, text: str, *users: argparse.ArgumentParser) -> None:
    """Add a folder or file to those that read or write it."""
    for user in users:
        user.add_argument(flag, type=Path, default=default, help=f"{text} (default: %(default)s)")


# what both trainings are started with
TRAINED_BY = {
    "framework": "that trains: tensorflow, or jax, which is quicker to install for a GPU",
    "precision": "of its sums: float32, or mixed_bfloat16, twice as fast with a GPU or a processor that has AMX",
}


def add_settings(user: argparse.ArgumentParser, defaults: dict[str, float], meaning: dict[str, str]) -> None:
    """Add what a training or drawing is started with, a flag each."""
    for name, value in defaults.items():
        user.add_argument(f"--{name}", type=type(value), default=value, help=f"{meaning[name]} (default: {value})")


def add_step_flags(*users: argparse.ArgumentParser) -> None:
    """Add the flags of a step, which is carried out where what it is made from has changed."""
    add_keep(*users)
    for user in users:
        user.add_argument("--restart", action="store_true", help="forget what is there and make it anew")


def add_keep(*users: argparse.ArgumentParser) -> None:
    """Add --keep to those that take what steps made."""
    for user in users:
        user.add_argument("--keep", action="store_true", help="go on with what is there, though it is out of date")


def carry_out(step: "Step", make: Callable[[], None], options: Options) -> None:
    """Carry out a step as its flags say."""
    from digitlab import steps

    steps.carry_out(step, make, keep=options.keep, restart=options.restart)
