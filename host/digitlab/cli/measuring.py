"""Rendered pages, and how well they are read."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from digitcam.errors import OutputError
from digitlab.cli.options import Add, Options, add_data, natural, positive

if TYPE_CHECKING:
    from digitlab.render.hand import Pictures

FRAMES = 600  # rendered, where nobody says how many
RENDERING = "frames", "condition", "seed", "processes"  # options about rendered frames alone


def add_commands(add: Add) -> None:
    """Add rendering, scores, clips, and the service while things break."""
    render = add("render", _render, "draw a camera-like picture or video of handwriting, or all of the shipped samples")
    render.add_argument("output", type=Path, help="a .png, a .mp4, or a folder for the samples")
    render.add_argument("--seed", type=natural, default=1, help="the same seed gives the same pictures (default: 1)")
    score = add("score", _score, "read labelled pictures, or rendered frames, and show every mistake on a page")
    what = score.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", type=Path, nargs="?", help="page.jpg with its digits in page.txt, or a manifest.json")
    what.add_argument("--rendered", action="store_true", help="frames drawn here, of every condition")
    score.set_defaults(parser=score)
    score.add_argument("--frames", type=positive, help=f"how many are rendered (default: {FRAMES})")
    score.add_argument("--condition", nargs="+", metavar="NAME", help="render frames of these alone, `touching` say")
    score.add_argument("--seed", type=natural, help="the same seed renders the same (default: 1)")
    score.add_argument("--processes", type=positive, help="that render and read (default: one a core)")
    score.add_argument("--output", type=Path, default=Path("build/score.html"), help="default: %(default)s")
    score.add_argument("--model", help="model to read with (default: the shipped one)")
    score.add_argument("--config", type=Path, metavar="FILE", help="the device's settings in TOML")
    add_data(score)
    sensitivity = add(
        "sensitivity", _sensitivity, "vary each tuned number of reading by a fifth, and show what it changes"
    )
    sensitivity.add_argument("--frames", type=positive, default=118, help="how many are rendered (default: 118)")
    sensitivity.add_argument("--seed", type=natural, default=2, help="the same seed renders the same (default: 2)")
    sensitivity.add_argument("--processes", type=positive, help="that render and read (default: one a core)")
    add_data(sensitivity)
    clips = add("clips", _clips, "measure how soon and how steadily live readings come, on rendered clips")
    clips.add_argument("--seed", type=natural, default=1, help="draws the clips (default: 1)")
    clips.add_argument(
        "--clips", type=positive, default=12, metavar="N", help="how many, of four pages each (default: 12)"
    )
    _describe_soak(add("soak", _soak, "run the service while things break around it, and see what that costs"))


def _describe_soak(soak: argparse.ArgumentParser) -> None:
    soak.add_argument("--minutes", type=float, default=60.0, help="how long (default: 60)")
    soak.add_argument("--every", type=float, default=60.0, help="seconds between two faults (default: 60)")
    soak.add_argument("--outputs", default="record,mqtt,web", help="which are on (default: record,mqtt,web)")
    soak.add_argument("--python", default=sys.executable, help="Python of the environment that digitcam is in")


def _render(options: Options) -> int:
    from digitlab.render import samples

    return samples.run(options.output, seed=options.seed)


def _score(options: Options) -> int:
    from digitcam import config

    if options.folder and (given := [name for name in RENDERING if getattr(options, name) is not None]):
        options.parser.error(f"--{given[0]} is about rendered frames; of a folder all pictures are read")
    flags = {"DIGITCAM_MODEL_PATH": options.model} if options.model else {}
    settings = config.load(options.config, {**os.environ, **flags})
    try:
        options.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{options.output.parent}: cannot make the folder: {error.strerror}") from error
    if options.rendered:
        from digitlab.evaluation.rendered import choose
        from digitlab.reports import rendered

        numbers = choose(options.frames or FRAMES, options.condition or ())
        seed = 1 if options.seed is None else options.seed
        return rendered.run(settings, numbers, seed, _hands(options), options.output, options.processes)
    from digitlab.reports import folder

    return folder.run(options.folder, settings, options.output)


def _hands(options: Options) -> "Pictures":
    """Load those who write on rendered pages: pictures that nothing was trained on."""
    from digitlab.data import mnist
    from digitlab.render.hand import Pictures

    split = mnist.split(mnist.load(options.data))
    return Pictures.sort(split.validation_images, split.validation_labels)


def _sensitivity(options: Options) -> int:
    from digitcam.config import Config
    from digitlab.evaluation import sensitivity

    return sensitivity.run(Config(), options.frames, options.seed, _hands(options), options.processes)


def _clips(options: Options) -> int:
    from digitlab.evaluation import live_clips

    return live_clips.run(options.seed, options.clips)


def _soak(options: Options) -> int:
    from digitlab.soak import hour

    figures = hour.run(options.minutes, options.outputs.split(","), options.python, options.every)
    print(json.dumps(figures, indent=2))
    return 0 if figures["ok"] else 1
