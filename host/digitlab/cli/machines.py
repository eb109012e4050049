"""What digits are read on: a Coral, and machines to deploy to."""

from functools import partial
from pathlib import Path

from digitcam.errors import ModelError
from digitlab.cli.options import FINDER, MODEL, Add, Options
from digitlab.deploy.options import add_verbs


def add_commands(add: Add) -> None:
    """Add the Edge TPU compiler, and everything that deploys."""
    edgetpu = add("edgetpu", _edgetpu, "tell whether the Edge TPU compiler would map all of a model, or compile it")
    edgetpu.add_argument("action", choices=["check", "compile"])
    edgetpu.add_argument("models", type=Path, metavar="MODEL.tflite", nargs="*", help="default: both that ship")
    add_verbs(lambda name, text: add(name, partial(_on_a_pi, name), text))


def _edgetpu(options: Options) -> int:
    from digitlab.edgetpu.graph import check

    models = options.models or [MODEL, FINDER]
    refused = []
    for model in models:
        verdict = check(model)
        if verdict.problems:
            refused.append(f"{model}: the Edge TPU compiler would refuse it: {'; '.join(verdict.problems)}")
            continue
        operations = ", ".join(f"{count} {name}" for name, count in verdict.operations.items())
        print(f"{model}: fits the Edge TPU compiler ({operations})")
        for note in verdict.notes:
            print(f"{model}: {note}")
    if refused:
        raise ModelError("; ".join(refused))
    if options.action == "compile":
        from digitlab.edgetpu.compiler import compile_model

        for model in models:
            compiled = compile_model(model)
            print(f"{compiled.path}: all {compiled.operations} operations run on the Edge TPU")
    return 0


def _on_a_pi(verb: str, options: Options) -> int:
    from digitlab.deploy import cli

    return cli.run(verb, options)
