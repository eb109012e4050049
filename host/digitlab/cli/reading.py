"""The network that reads digits: from its crops to its report."""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np

from digitcam.errors import ModelError
from digitcam.labels import CLASSES
from digitlab.cli import finding
from digitlab.cli.options import (
    FINDER,
    MODEL,
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
)
from digitlab.crops.make import Amounts
from digitlab.training import published_teacher, teacher
from digitlab.training.fit import Settings
from digitlab.training.framework import best_framework, load_tensorflow
from digitlab.training.fused import best_precision

TRAINED = Path("build/train")
CROPS = Path("build/crops")
SAMPLES = 400  # training pictures given to the report, which shows the first few of each class
AMOUNTS = {
    "variants": "of each of MNIST's training pictures",
    "drawn": "digits and marks drawn, less the marks that look like a bare 1",
    "scenes": "scenes that crops are cut from",
    "held": "held-out scenes that crops are cut from, to calibrate on",
    "seed": "decides everything else",
}
SETTINGS = {
    **TRAINED_BY,
    "seed": "decides the start, the order and the shifts",
    "epochs": "how often every picture is seen",
    "batch": "crops a step",
    "rate": "highest learning rate",
    "decay": "weight decay",
    "first": "a model.keras whose weights it starts with; empty: an untrained network",
    "smoothing": "label smoothing where no teacher was asked, 0 to 0.5",
}


def add_commands(add: Add) -> None:
    """Add what goes from making crops to showing what the network that ships makes of them."""
    crops = add(
        "crops",
        _crops,
        "make the crops to train on: MNIST varied, digits drawn, and what the device cuts from scenes",
        again=f"{RESUMED} kind of crops",
    )
    for name, value in asdict(Amounts()).items():
        crops.add_argument(f"--{name}", type=natural, default=value, help=f"{AMOUNTS[name]} (default: {value})")
    add_folder("--pool", SCENES, "folder of the scenes", crops)
    teach = add("teach", _teach, "train the larger network that teaches the one that ships", again=f"{RESUMED} epoch")
    train = add(
        "train",
        _train,
        "train the network that ships; goes on where an interrupted run stopped",
        again=f"{RESUMED} epoch",
    )
    teach.add_argument("--by", type=Path, metavar="MODEL", help="a .tflite that reads already teaches instead: minutes")
    add_settings(
        teach, asdict(replace(teacher.SETTINGS, framework=best_framework(), precision=best_precision())), SETTINGS
    )
    add_settings(train, asdict(Settings(framework=best_framework(), precision=best_precision())), SETTINGS)
    quantize = add(
        "quantize", _quantize, "calibrate and convert the trained network: float, dynamic-range and full int8"
    )
    quantize.add_argument("--seed", type=natural, default=1, help="draws the representative crops (default: 1)")
    evaluate = add("evaluate", _evaluate, "measure every variant on MNIST's test set, with the device's own code")
    evaluate.add_argument(
        "--model",
        type=Path,
        nargs="+",
        dest="models",
        metavar="MODEL.tflite",
        help="of your own instead, on what --data names: a folder of pictures for each label, or MNIST's kind of files",
    )
    seeds = add("seeds", _seeds, "compare trainings from several seeds")
    seeds.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="of a training that was evaluated")
    publish = add("publish", _publish, "put the int8 model and its card where the device reads them")
    report = add("report", _report, "write a page with samples, curves, every mistake and all figures of both networks")
    report.add_argument("--output", type=Path, default=Path("build/report.html"), help="default: %(default)s")

    add_step_flags(crops, teach, train, quantize, evaluate)
    add_keep(publish)
    add_folder("--crops", CROPS, "folder of the crops", crops, teach, train, quantize)
    add_data(crops, teach, train, quantize, evaluate, report)
    add_folder("--out", TRAINED, "folder of one training", train, quantize, evaluate, publish, report)
    add_folder("--model", MODEL, "the published model", publish, report)
    add_folder("--finder", FINDER, "the published finder", report)
    add_folder("--finder-out", finding.TRAINED, "folder of the finder's training", report)


def _crops(options: Options) -> int:
    from digitlab.cli import pipeline
    from digitlab.crops.make import make
    from digitlab.crops.store import KINDS
    from digitlab.data import mnist

    amounts = Amounts(**{name: getattr(options, name) for name in AMOUNTS})
    split = mnist.split(mnist.load(options.data))
    for kind in KINDS:
        work = partial(make, kind, split, options.pool, options.crops, amounts)
        carry_out(pipeline.make_crops(kind, options.pool, options.crops, amounts), work, options)
    return 0


def _settings(options: Options) -> Settings:
    return Settings(**{name: getattr(options, name) for name in SETTINGS})


def _teach(options: Options) -> int:
    settings = _settings(options)
    from digitlab.cli import pipeline
    from digitlab.data import mnist

    def work() -> None:
        if options.by:
            published_teacher.heed(options.by, options.crops)
        else:
            split = mnist.split(mnist.load(options.data))
            teacher.teach(split, options.crops, settings)
        print(f"taught: {options.crops / teacher.TAUGHT}")

    carry_out(pipeline.teach(options.crops, settings, options.by), work, options)
    return 0


def _train(options: Options) -> int:
    settings = _settings(options)
    from digitlab.cli import pipeline
    from digitlab.data import mnist
    from digitlab.training.student import train

    def work() -> None:
        split = mnist.split(mnist.load(options.data))
        train(split, options.crops, options.out, settings)
        print(f"trained: {options.out / 'model.keras'}")

    carry_out(pipeline.train(options.crops, options.out, settings), work, options)
    return 0


def _quantize(options: Options) -> int:
    from digitlab.cli import pipeline
    from digitlab.crops import store
    from digitlab.crops.batch import Crops
    from digitlab.data import mnist
    from digitlab.publishing.card import VARIANTS, load_calibration, note_conversion
    from digitlab.training.quantize import quantize, representative
    from digitlab.training.teacher import checks

    def work() -> None:
        split = mnist.split(mnist.load(options.data))
        varied, scenes = (store.load(options.crops, kind) for kind in ("mnist", "scenes"))
        plain = Crops(*(part[: len(split.train_labels)] for part in varied))
        sample = representative(Crops.joined([plain, scenes]), options.seed)
        held = Crops.joined(list(checks(split, options.crops, CLASSES).values()))
        load_tensorflow()
        _, calibration = quantize(options.out / "model.keras", sample, held, options.out)
        note_conversion(options.out, options.crops, sample, calibration)

    carry_out(pipeline.quantize(options.crops, options.out, options.seed), work, options)
    for name in VARIANTS:
        path = options.out / f"{name}.tflite"
        print(f"{name:<8} {path.stat().st_size:>9,} bytes  {path}")
    calibration = load_calibration(options.out)
    print(f"temperature {calibration.temperature:.3f}, chosen on {calibration.n:,} crops")
    return 0


def _evaluate(options: Options) -> int:
    from digitlab.cli import pipeline
    from digitlab.data import mnist
    from digitlab.evaluation import store, variants
    from digitlab.publishing.card import VARIANTS

    if options.models:
        if not options.data:
            raise ModelError("--model needs --data: a folder of pictures for each label, such as A/1.png")
        print(variants.evaluate_own(options.models, options.data).table())
        return 0
    path = options.out / "evaluation.json"

    def work() -> None:
        loaded = mnist.load(options.data)
        files = {name: options.out / f"{name}.tflite" for name in VARIANTS}
        store.save(variants.evaluate(files, loaded.test_images, loaded.test_labels), path)

    carry_out(pipeline.evaluate(options.out), work, options)
    print(variants.load(path).table())
    return 0


def _seeds(options: Options) -> int:
    from digitlab.publishing.seeds import table

    print(table(options.folders))
    return 0


def _publish(options: Options) -> int:
    from digitlab.publishing.card import SHIPPED, publish

    card = publish(options.out, options.model, keep=options.keep)
    size, accuracy = card.about["bytes"][SHIPPED], card.accuracy[SHIPPED]
    print(f"published {options.model}: {size:,} bytes, {100 * accuracy:.2f} % of MNIST's test set")
    return 0


def _report(options: Options) -> int:
    import msgspec

    from digitlab.data import mnist
    from digitlab.data.augment import augment
    from digitlab.evaluation import variants
    from digitlab.publishing.card import load_calibration, published
    from digitlab.reports.finder import described
    from digitlab.reports.report import write_report
    from digitlab.training import trained

    loaded = mnist.load(options.data)
    images, labels = loaded.train_images[:SAMPLES], loaded.train_labels[:SAMPLES]
    write_report(
        options.output,
        card=msgspec.to_builtins(published(options.out, options.model)),
        history=trained.history(options.out, "train"),
        evaluation=variants.load(options.out / "evaluation.json"),
        calibration=load_calibration(options.out),
        train_images=images,
        train_labels=labels,
        augmented_images=augment(images, np.random.default_rng(1)),
        augmented_labels=labels,
        test_images=loaded.test_images,
        test_labels=loaded.test_labels,
        finder=described(options.finder_out, options.finder),
    )
    print(f"report: {options.output}")
    return 0
