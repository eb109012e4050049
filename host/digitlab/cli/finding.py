"""Scenes, and the network that finds digits in them."""

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

from digitlab.cli.options import (
    FINDER,
    RESUMED,
    SCENES,
    TRAINED_BY,
    Add,
    Options,
    add_data,
    add_folder,
    add_keep,
    add_settings,
    add_step_flags,
    carry_out,
    natural,
    positive,
    share,
)
from digitlab.training.finder import Settings
from digitlab.training.framework import best_framework, load_tensorflow
from digitlab.training.fused import best_precision

TRAINED, RESTORED = Path("build/finder"), Path("build/finder-0")
SETTINGS = {
    **TRAINED_BY,
    "seed": "decides the start and the views",
    "views": "of scenes that are seen",
    "batch": "views a step",
    "rate": "highest learning rate",
    "decay": "weight decay",
    "first": "a finder.keras whose weights it starts with; empty: an untrained network",
    "mistakes": "a mistakes.npy; its scenes are shown the more often, the more mistakes; empty: all alike",
    "kept": "how much of these weights the result holds, 0 to 1",
}


def add_commands(add: Add) -> None:
    """Add what goes from drawing scenes to publishing what finds digits in them."""
    scenes = add("scenes", _scenes, "draw the scenes that the finder learns from", again=f"{RESUMED} file of scenes")
    scenes.add_argument("--count", type=positive, default=40_000, help="how many (default: %(default)s)")
    held = "how many more, with the validation split's digits, to measure on (default: %(default)s)"
    scenes.add_argument("--held", type=positive, default=1500, help=held)
    scenes.add_argument("--seed", type=natural, default=1, help="decides all but the fonts (default: %(default)s)")
    finder = add(
        "finder",
        _finder,
        "train the network that finds digits; goes on where an interrupted run stopped",
        again=f"{RESUMED} part",
    )
    add_settings(finder, asdict(Settings(framework=best_framework(), precision=best_precision())), SETTINGS)
    restore = add("finder-restore", _restore, "make a published finder trainable again, for `digitlab finder --first`")
    restore.add_argument("--seed", type=natural, default=1, help="draws the views that it is shown (default: 1)")
    mistakes = add(
        "finder-mistakes", _mistakes, "count a finder's mistakes where it learns, for `digitlab finder --mistakes`"
    )
    quantize = add("finder-quantize", _quantize, "convert the trained finder to int8")
    quantize.add_argument("--seed", type=natural, default=1, help="draws the representative views (default: 1)")
    evaluate = add("finder-evaluate", _evaluate, "measure the finder on held-out scenes, with the device's own code")
    publish = add("finder-publish", _publish, "put the finder and its card where the device reads them")

    boxes = add("boxes-evaluate", _boxes, "measure cropping: what the network that ships reads of known boxes")
    boxes.add_argument(
        "--off", type=share, default=0.05, help="of the boxes' sides, in the digit's longer side (default: %(default)s)"
    )
    boxes.add_argument("--seed", type=natural, default=1, help="decides how they are off (default: 1)")

    for user in (scenes, mistakes, evaluate):
        user.add_argument("--processes", type=positive, help="that work at a time (default: one a core)")
    add_step_flags(scenes, finder, restore, mistakes, quantize, evaluate)
    add_keep(publish)
    add_data(scenes)
    add_folder("--pool", SCENES, "folder of the scenes", scenes, finder, restore, mistakes, quantize, evaluate, boxes)
    add_folder("--out", RESTORED, "folder of what the next training starts with", restore, mistakes)
    add_folder("--out", TRAINED, "folder of the finder's training", finder, quantize, evaluate, publish)
    add_folder("--model", FINDER, "the published model", restore, mistakes, publish)


def _scenes(options: Options) -> int:
    from digitlab.cli import pipeline
    from digitlab.data import mnist
    from digitlab.scenes.fill import fill
    from digitlab.scenes.fonts import missing_packages

    if lacking := missing_packages():
        what = "fewer hands, prints and scripts than the networks that ship learned from; for the rest of the fonts"
        print(f"{what}: sudo apt-get install --no-install-recommends {' '.join(lacking)}", file=sys.stderr)
    split = mnist.split(mnist.load(options.data))
    held = options.held, options.seed + 1, split.validation_images, split.validation_labels
    seen = options.count, options.seed, split.train_images, split.train_labels
    for name, wanted in (("held", held), ("seen", seen)):
        folder = options.pool / name
        work = partial(fill, folder, *wanted, options.processes)
        carry_out(pipeline.scenes(folder, wanted[1]), work, options)
    return 0


def _finder(options: Options) -> int:
    settings = Settings(**{name: getattr(options, name) for name in SETTINGS})
    from digitlab.cli import pipeline
    from digitlab.scenes.pool import Pool
    from digitlab.training.finder import FINDER as NAME
    from digitlab.training.finder import train

    def work() -> None:
        scenes = Pool(options.pool / "seen")
        train(scenes, options.out, settings)
        print(f"trained: {options.out / NAME}")

    carry_out(pipeline.train_finder(options.pool, options.out, settings), work, options)
    return 0


def _restore(options: Options) -> int:
    from digitlab.cli import pipeline
    from digitlab.scenes.pool import Pool
    from digitlab.training.finder import FINDER as NAME
    from digitlab.training.restored import restore

    path = options.out / NAME

    def work() -> None:
        scenes = Pool(options.pool / "seen")
        load_tensorflow()
        restore(options.model, scenes, path, options.seed)

    carry_out(pipeline.restore_finder(options.pool, options.out, options.model, options.seed), work, options)
    print(f"train it on: digitlab finder --first {path}")
    return 0


def _mistakes(options: Options) -> int:
    from digitlab.cli import pipeline
    from digitlab.evaluation import mistakes
    from digitlab.scenes.mistakes import MISTAKES, save

    path = options.out / MISTAKES

    def work() -> None:
        save(mistakes.count(options.model, options.pool / "seen", options.processes), path)

    carry_out(pipeline.count_mistakes(options.pool, options.out, options.model), work, options)
    print(f"train on: digitlab finder --mistakes {path}")
    return 0


def _quantize(options: Options) -> int:
    from digitlab.cli import pipeline
    from digitlab.publishing.finder_card import CONVERTED, note_conversion
    from digitlab.scenes.pool import Pool
    from digitlab.training.finder import FINDER as NAME
    from digitlab.training.finder_quantize import quantize

    path = options.out / CONVERTED

    def work() -> None:
        scenes = Pool(options.pool / "seen")
        load_tensorflow()
        quantize(options.out / NAME, scenes, path, options.seed)
        note_conversion(options.out, options.pool, options.seed)

    carry_out(pipeline.quantize_finder(options.pool, options.out, options.seed), work, options)
    print(f"int8 {path.stat().st_size:>9,} bytes  {path}")
    return 0


def _evaluate(options: Options) -> int:
    from digitlab.cli import pipeline
    from digitlab.evaluation import finder_figures, finder_scenes, store
    from digitlab.publishing.finder_card import CONVERTED, EVALUATION

    def work() -> None:
        measured = finder_scenes.evaluate(options.out / CONVERTED, options.pool / "held", options.processes)
        store.save(measured, options.out / EVALUATION)

    carry_out(pipeline.evaluate_finder(options.pool, options.out), work, options)
    print(finder_figures.load(options.out / EVALUATION).table())
    return 0


def _boxes(options: Options) -> int:
    from digitcam.config import Config
    from digitcam.recognition.adoption.opening import open_classifier
    from digitlab.evaluation import known_boxes
    from digitlab.scenes.pool import Pool

    config, scenes = Config(), Pool(options.pool / "held")
    classifier = open_classifier(config.model)
    print(known_boxes.table(scenes, classifier, config.model.min_confidence, options.off, options.seed))
    return 0


def _publish(options: Options) -> int:
    from digitlab.accuracy import percent
    from digitlab.publishing.finder_card import publish

    about = publish(options.out, options.model, keep=options.keep).about
    held = about["held_out"]
    print(
        f"published {options.model}: {about['bytes']:,} bytes; of {held['digits']:,} digits in held-out scenes it "
        f"finds {percent(held['recall'])}, and of its finds {percent(held['precision'])} are digits"
    )
    return 0
