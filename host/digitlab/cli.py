"""`digitlab`: what the workstation does, one command a step."""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from digitcam.classify import CLASSES
from digitcam.errors import DigitcamError, ModelError, OutputError
from digitcam.runtime import muted
from digitlab import __version__
from digitlab import teach as teacher
from digitlab.crops import Amounts
from digitlab.deploy.options import add_verbs
from digitlab.fit import Settings

PROGRAM = "digitlab"
TRAINED = Path("build/train")
CROPS = Path("build/crops")
MODEL = Path("models/digits.tflite")
INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended
SAMPLES = 400  # training pictures given to the report, which shows the first few of each class

Options = argparse.Namespace
Command = Callable[[Options], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after `digitlab`; None takes them from the command line.

    Returns:
        The exit status: 0, 1 after an error, 130 after Ctrl-C.
    """
    typed = sys.argv if argv is None else [PROGRAM, *argv]
    options = _parser().parse_args(typed[1:])
    command: Command = options.command
    try:
        return command(options)
    except DigitcamError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        again = shlex.join(word for word in typed if word != "--restart")
        kept = "goes on after the last finished epoch" if command is _train else "starts it again"
        print(f"{PROGRAM}: interrupted; `{again}` {kept}", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(PROGRAM, description="Trains, quantizes, measures and ships digitcam's model.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        added.set_defaults(command=command)
        return added

    crops = add("crops", _crops, "make the crops to train on: MNIST varied, digits drawn, scenes rendered and cut")
    for name, value in asdict(Amounts()).items():
        crops.add_argument(f"--{name}", type=_natural, default=value, help=f"{AMOUNTS[name]} (default: {value})")
    teach = add("teach", _teach, "train the larger network that teaches the one that ships")
    train = add("train", _train, "train the network that ships; goes on where an interrupted run stopped")
    for user, defaults in ((teach, teacher.SETTINGS), (train, Settings())):
        user.add_argument("--restart", action="store_true", help="forget an interrupted run and start again")
        for name, value in asdict(defaults).items():
            user.add_argument(f"--{name}", type=type(value), default=value, help=f"{SETTINGS[name]} (default: {value})")
    quantize = add(
        "quantize", _quantize, "calibrate and convert the trained network: float, dynamic-range and full int8"
    )
    quantize.add_argument("--seed", type=_natural, default=1, help="draws the representative crops (default: 1)")
    evaluate = add("evaluate", _evaluate, "measure every variant on MNIST's test set, with the device's own code")
    seeds = add("seeds", _seeds, "compare trainings from several seeds")
    seeds.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="of a training that was evaluated")
    publish = add("publish", _publish, "put the int8 model and its card where the device reads them")
    report = add("report", _report, "write a page with samples, curves, every mistake and all figures")
    report.add_argument("--output", type=Path, default=Path("build/report.html"), help="default: %(default)s")
    baseline = add("baseline", _baseline, "build the tutorial's network, to compare with in `digitcam bench --compare`")
    baseline.add_argument("--out", type=Path, default=Path("build/baseline"), help="default: %(default)s")
    baseline.add_argument(
        "--epochs", type=_natural, default=5, help="0 leaves it untrained, at the same cost (default: 5)"
    )
    baseline.add_argument("--seed", type=_natural, default=0, help="default: %(default)s")
    render = add("render", _render, "draw a camera-like picture or video of handwriting, or all of the shipped samples")
    render.add_argument("output", type=Path, help="a .png, a .mp4, or a folder for the samples")
    render.add_argument("--seed", type=_natural, default=1, help="the same seed gives the same pictures (default: 1)")
    score = add("score", _score, "read labelled pictures, or rendered frames, and show every mistake on a page")
    what = score.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", type=Path, nargs="?", help="page.jpg with its digits in page.txt, or a manifest.json")
    what.add_argument("--rendered", action="store_true", help="frames drawn here, of every condition")
    score.add_argument("--frames", type=_positive, default=600, help="how many are rendered (default: 600)")
    score.add_argument("--seed", type=_natural, default=1, help="the same seed renders the same (default: 1)")
    score.add_argument("--processes", type=_positive, help="that render and read (default: one a core)")
    score.add_argument("--output", type=Path, default=Path("build/score.html"), help="default: %(default)s")
    score.add_argument("--model", help="model to read with (default: the shipped one)")
    score.add_argument("--config", type=Path, metavar="FILE", help="the device's settings in TOML")
    clips = add("clips", _clips, "measure how soon and how steadily live readings come, on rendered clips")
    clips.add_argument("--seed", type=_natural, default=1, help="draws the clips (default: 1)")
    clips.add_argument(
        "--clips", type=_positive, default=12, metavar="N", help="how many, of four pages each (default: 12)"
    )
    _describe_soak(add("soak", _soak, "run the service while things break around it, and see what that costs"))
    card = add("card", _card, "write the card for a model of your own, which digitcam reads it with")
    card.add_argument("model", type=Path, metavar="MODEL.tflite")
    _add_machines(add)

    for user in (crops, teach, train, quantize):
        user.add_argument("--crops", type=Path, default=CROPS, help="folder of the crops (default: %(default)s)")
    for user in (crops, teach, train, quantize, evaluate, report, baseline, score):
        user.add_argument(
            "--data", type=Path, metavar="DIR", help="MNIST's four files (default: $DIGITLAB_DATA, or get it)"
        )
    for user in (train, quantize, evaluate, publish, report):
        user.add_argument("--out", type=Path, default=TRAINED, help="folder of one training (default: %(default)s)")
    for user in (publish, report):
        user.add_argument("--model", type=Path, default=MODEL, help="the published model (default: %(default)s)")
    return parser


def _describe_soak(soak: argparse.ArgumentParser) -> None:
    soak.add_argument("--minutes", type=float, default=60.0, help="how long (default: 60)")
    soak.add_argument("--every", type=float, default=60.0, help="seconds between two faults (default: 60)")
    soak.add_argument("--outputs", default="record,mqtt,web", help="which are on (default: record,mqtt,web)")
    soak.add_argument("--python", default=sys.executable, help="Python of the environment that digitcam is in")


def _add_machines(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    """Commands for what digits are read on."""
    edgetpu = add("edgetpu", _edgetpu, "tell whether the Edge TPU compiler would map all of a model, or compile it")
    edgetpu.add_argument("action", choices=["check", "compile"])
    edgetpu.add_argument("model", type=Path, metavar="MODEL.tflite", nargs="?", default=MODEL)
    add_verbs(lambda name, text: add(name, partial(_on_a_pi, name), text))


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


AMOUNTS = {
    "variants": "of each of MNIST's training pictures",
    "drawn": "digits and marks drawn",
    "frames": "scenes rendered",
    "held": "scenes rendered with the validation split's digits, to calibrate on",
    "seed": "decides everything else",
}
SETTINGS = {
    "seed": "decides the start, the order and the shifts",
    "epochs": "how often every picture is seen",
    "batch": "crops a step",
    "rate": "highest learning rate",
    "decay": "weight decay",
    "smoothing": "label smoothing where no teacher was asked, 0 to 0.5",
}


def _crops(options: Options) -> int:
    from digitlab import crops, datasets  # only what a command needs is imported

    amounts = Amounts(**{name: getattr(options, name) for name in AMOUNTS})
    crops.make(datasets.split(datasets.load(options.data)), options.crops, amounts)
    return 0


def _settings(options: Options) -> Settings:
    return Settings(**{name: getattr(options, name) for name in SETTINGS})


def _teach(options: Options) -> int:
    settings = _settings(options)
    from digitlab import datasets

    split = datasets.split(datasets.load(options.data))
    if options.restart:
        _forget(options.crops / "teacher")
    _load_tensorflow()
    teacher.teach(split, options.crops, settings)
    print(f"taught: {options.crops / teacher.TAUGHT}")
    return 0


def _train(options: Options) -> int:
    settings = _settings(options)
    from digitlab import datasets
    from digitlab.train import train

    split = datasets.split(datasets.load(options.data))
    if options.restart:
        _forget(options.out)
    _load_tensorflow()
    train(split, options.crops, options.out, settings)
    print(f"trained: {options.out / 'model.keras'}")
    return 0


def _forget(folder: Path) -> None:
    try:
        (folder / "checkpoint.npz").unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{folder / 'checkpoint.npz'}: cannot delete: {error.strerror}") from error


def _quantize(options: Options) -> int:
    from digitlab import crops, datasets
    from digitlab.card import note_conversion
    from digitlab.crops import VARIANTS, Crops
    from digitlab.quantize import quantize, representative
    from digitlab.teach import checks

    split = datasets.split(datasets.load(options.data))
    mnist, scenes = (crops.load(options.crops, kind) for kind in ("mnist", "scenes"))
    seen = Crops(*(part[: len(part) // VARIANTS] for part in scenes))  # as the device cut them
    plain = Crops(*(part[: len(split.train_labels)] for part in mnist))
    sample = representative(Crops.joined([plain, seen]), options.seed)
    held = Crops.joined(list(checks(split, options.crops, CLASSES).values()))
    _load_tensorflow()
    with muted():  # the converter narrates what it does
        variants, calibration = quantize(options.out / "model.keras", sample, held, options.out)
    note_conversion(options.out, options.crops, sample, calibration)
    for name, path in variants.items():
        print(f"{name:<8} {path.stat().st_size:>9,} bytes  {path}")
    print(f"temperature {calibration.temperature:.3f}, chosen on {calibration.n:,} crops")
    return 0


def _evaluate(options: Options) -> int:
    from digitlab import datasets, evaluate
    from digitlab.card import VARIANTS

    mnist = datasets.load(options.data)
    variants = {name: options.out / f"{name}.tflite" for name in VARIANTS}
    measured = evaluate.evaluate(variants, mnist.test_images, mnist.test_labels)
    evaluate.save(measured, options.out / "evaluation.json")
    print(measured.table())
    return 0


def _seeds(options: Options) -> int:
    from digitlab.seeds import table

    print(table(options.folders))
    return 0


def _publish(options: Options) -> int:
    from digitlab.card import SHIPPED, publish

    card = publish(options.out, options.model)
    size, accuracy = card.about["bytes"][SHIPPED], card.accuracy[SHIPPED]
    print(f"published {options.model}: {size:,} bytes, {100 * accuracy:.2f} % of MNIST's test set")
    return 0


def _report(options: Options) -> int:
    import msgspec

    from digitcam.card import load_card
    from digitlab import datasets, evaluate
    from digitlab.augment import augment
    from digitlab.card import load_calibration, training_history
    from digitlab.report import write_report

    mnist = datasets.load(options.data)
    images, labels = mnist.train_images[:SAMPLES], mnist.train_labels[:SAMPLES]
    write_report(
        options.output,
        card=msgspec.to_builtins(load_card(options.model)),
        history=training_history(options.out),
        evaluation=evaluate.load(options.out / "evaluation.json"),
        calibration=load_calibration(options.out),
        train_images=images,
        train_labels=labels,
        augmented_images=augment(images, np.random.default_rng(1)),
        augmented_labels=labels,
        test_images=mnist.test_images,
        test_labels=mnist.test_labels,
    )
    print(f"report: {options.output}")
    return 0


def _baseline(options: Options) -> int:
    from digitlab import datasets
    from digitlab.baseline import build_baseline

    mnist = datasets.load(options.data)
    _load_tensorflow()
    made = build_baseline(mnist.train_images, mnist.train_labels, options.out, options.epochs, options.seed)
    print(f"built {made}; compare with `digitcam bench --compare {made}`")
    return 0


def _render(options: Options) -> int:
    from digitlab import samples

    return samples.run(options.output, seed=options.seed)


def _score(options: Options) -> int:
    from digitcam import config

    flags = {"DIGITCAM_MODEL_PATH": options.model} if options.model else {}
    settings = config.load(options.config, {**os.environ, **flags})
    try:
        options.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{options.output.parent}: cannot make the folder: {error.strerror}") from error
    if options.rendered:
        from digitlab import benchmark_report, datasets
        from digitlab.crops import Crops

        split = datasets.split(datasets.load(options.data))
        hands = Crops(split.validation_images, split.validation_labels)
        return benchmark_report.run(settings, options.frames, options.seed, hands, options.output, options.processes)
    from digitlab import scoring

    return scoring.run(options.folder, settings, options.output)


def _clips(options: Options) -> int:
    from digitlab import clips

    return clips.run(options.seed, options.clips)


def _soak(options: Options) -> int:
    from digitlab import soak

    figures = soak.run(options.minutes, options.outputs.split(","), options.python, options.every)
    print(json.dumps(figures, indent=2))
    return 0 if figures["ok"] else 1


def _card(options: Options) -> int:
    from digitcam.card import card_path
    from digitlab.card import write_card

    write_card(options.model)
    print(f"wrote {card_path(options.model)}; read with `digitcam read --model {options.model} IMAGE`")
    return 0


def _edgetpu(options: Options) -> int:
    from digitlab.edgetpu import check

    verdict = check(options.model)
    if verdict.problems:
        raise ModelError(f"{options.model}: the Edge TPU compiler would refuse it: {'; '.join(verdict.problems)}")
    operations = ", ".join(f"{count} {name}" for name, count in verdict.operations.items())
    print(f"{options.model}: fits the Edge TPU compiler ({operations})")
    if options.action == "compile":
        from digitlab.edgetpu_compiler import compile_model

        compiled = compile_model(options.model)
        print(f"{compiled.path}: all {compiled.operations} operations run on the Edge TPU")
    return 0


def _on_a_pi(verb: str, options: Options) -> int:
    from digitlab.deploy import cli

    return cli.run(verb, options)


def _load_tensorflow() -> None:
    """Import TensorFlow without its reports of what is no error, such as the absence of a GPU.

    No process that classifies may import it: tflite-runtime does not work after it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with muted():
        import tensorflow as tf

        tf.config.list_physical_devices()
        tf.get_logger().setLevel("ERROR")
