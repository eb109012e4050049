"""`digitcam card`: what a model of one's own must say of itself, found out by trying it."""

import argparse

from digitcam.cli.terminal import config_of, nothing_to_lose, show
from digitcam.model.card import card_path
from digitcam.recognition.adoption.card import write_card


def run(arguments: argparse.Namespace) -> int:
    """Write the card, and say how the model reads with it."""
    with nothing_to_lose():
        runtime = config_of(arguments).model.runtime
    derived = write_card(arguments.file, runtime)
    show(f"{arguments.file}: {derived.said}")
    show(f"wrote {card_path(arguments.file)}; read with `digitcam read --model {arguments.file} IMAGE`")
    return 0
