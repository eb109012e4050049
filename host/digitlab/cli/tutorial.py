"""The tutorial, and its network alone."""

from pathlib import Path

from digitlab.cli.options import Add, Options, add_data, natural, positive
from digitlab.training.framework import load_tensorflow

EPOCHS = 5


def add_commands(add: Add) -> None:
    """Add the way from MNIST to a model that reads, and what ours is compared with."""
    tutorial = add("tutorial", _tutorial, "train the tutorial's network, convert it and read with it: five minutes")
    tutorial.add_argument(
        "--pictures", type=positive, default=30_000, help="of MNIST's that it learns from (default: %(default)s)"
    )
    tutorial.add_argument(
        "--epochs", type=positive, default=EPOCHS, help="how often it sees each (default: %(default)s)"
    )
    tutorial.add_argument("--image", type=Path, metavar="FILE", help="picture to read (default: one that is drawn)")
    tutorial.add_argument("--out", type=Path, default=Path("build/tutorial"), help="default: %(default)s")
    baseline = add("baseline", _baseline, "build the tutorial's network, to compare with in `digitcam bench --compare`")
    baseline.add_argument("--out", type=Path, default=Path("build/baseline"), help="default: %(default)s")
    baseline.add_argument(
        "--epochs", type=natural, default=EPOCHS, help="0 leaves it untrained, at the same cost (default: %(default)s)"
    )
    for user in (tutorial, baseline):
        user.add_argument("--seed", type=natural, default=0, help="default: %(default)s")
    add_data(tutorial, baseline)


def _tutorial(options: Options) -> int:
    from digitlab.data import mnist
    from digitlab.tutorial import course

    plan = course.Plan(options.out, options.image, options.pictures, options.epochs, options.seed)
    course.check(plan)
    loaded = mnist.load(options.data)
    load_tensorflow()
    course.run(loaded, plan)
    return 0


def _baseline(options: Options) -> int:
    from digitlab.data import mnist
    from digitlab.training.baseline import build_baseline

    split = mnist.split(mnist.load(options.data))
    load_tensorflow()
    made = build_baseline(split, options.out, options.epochs, options.seed)
    print(f"built {made}; compare with `digitcam bench --compare {made}`")
    return 0
