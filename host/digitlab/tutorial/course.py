"""The tutorial, step by step; each says what it does, shows what came of it, and is shown once more on the page."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitcam.pictures import image_file
from digitlab.accuracy import Score, score
from digitlab.data.mnist import Mnist, split
from digitlab.evaluation.variants import Variant
from digitlab.training.loop import progress_bar
from digitlab.training.tflite import FORMS, Form, from_keras
from digitlab.training.tutorial_network import Labelled, build, learn, pixels_of
from digitlab.tutorial import page, read, terminal
from digitlab.tutorial.measure import predict, predict_tflite
from digitlab.tutorial.outcome import Outcome

if TYPE_CHECKING:
    import keras

SAMPLES = 25
PREDICTED = 100
REPRESENTATIVE = 500  # training pictures that int8's ranges are measured on

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done.

    Attributes:
        out: folder of the models, made where it is missing; the page goes beside it.
        image: picture to read; None for one that is drawn.
        pictures: how many of MNIST's training pictures are learned from.
        epochs: how often each of them is seen.
        seed: decides the weights and the order of the pictures.
    """

    out: Path
    image: Path | None
    pictures: int
    epochs: int
    seed: int

    @property
    def page(self) -> Path:
        """`build/tutorial` -> `build/tutorial.html`."""
        return self.out.with_name(f"{self.out.name}.html")


def check(plan: Plan) -> None:
    """Refuse, before minutes of training, what could not be read or written after them.

    Raises:
        ImageError: the picture to read cannot be read.
        OutputError: the folder cannot be made.
    """
    if plan.image:
        image_file.load(plan.image)
    try:
        plan.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{plan.out}: cannot make this folder: {error.strerror}") from error


def run(mnist: Mnist, plan: Plan) -> None:
    """Walk the whole way: from pictures to a page that shows a network, what it reads, and what it became.

    Args:
        mnist: what it learns from, and is measured on.
        plan: what is done; checked.

    Raises:
        OutputError: something cannot be written.
        DigitcamError: the picture cannot be read.
    """
    import keras  # takes seconds; `digitlab --help` should not

    keras.utils.set_random_seed(plan.seed)
    seconds: dict[str, float] = {}

    def step(title: str, work: Callable[[], Result]) -> Result:
        terminal.title(len(seconds) + 1, title)
        began = time.monotonic()
        result = work()
        seconds[title] = time.monotonic() - began
        return result

    parts = split(mnist)
    seen = Labelled(parts.train_images[: plan.pictures], parts.train_labels[: plan.pictures])
    held = Labelled(parts.validation_images, parts.validation_labels)
    test = Labelled(mnist.test_images, mnist.test_labels)
    samples = Labelled(seen.images[:SAMPLES], seen.labels[:SAMPLES])
    network = build()

    step(f"{SAMPLES} of {len(seen.labels):,} training pictures", lambda: terminal.show_samples(samples))
    summary = step("The network", lambda: terminal.show_summary(network))
    history = step(f"Training, {plan.epochs} epochs", lambda: learn(network, seen, held, plan.epochs))
    float_score = step("Test pictures that it has never seen", lambda: _test(network, test))
    variants = step("TensorFlow Lite: smaller", lambda: _convert(network, seen, test, float_score, plan))
    picture, reading = step("One picture, read by digitcam", lambda: _read(plan))
    outcome = Outcome(
        samples, len(seen.labels), summary, history, float_score, test, variants, picture, reading, seconds
    )
    page.write(plan.page, outcome)
    terminal.show_end(plan.page, plan.out, sum(seconds.values()))


def _test(network: "keras.Model", test: Labelled) -> Score:
    probabilities = predict(network, pixels_of(test.images))
    found = score(probabilities.argmax(axis=1), probabilities.max(axis=1), test.labels)
    terminal.show_predictions(found, test, PREDICTED)
    return found


def _convert(network: "keras.Model", seen: Labelled, test: Labelled, reference: Score, plan: Plan) -> list[Variant]:
    """Convert the network in every form, save it, and have each form read the test set."""
    network.save(plan.out / "model.keras")
    exported = build(1)
    exported.set_weights(network.get_weights())
    chosen = np.random.default_rng(plan.seed).permutation(len(seen.labels))[:REPRESENTATIVE]
    shown = pixels_of(seen.images[chosen])
    models = {form: from_keras(exported, form, lambda: (one[None] for one in shown)) for form in FORMS}
    for form, model in models.items():
        write_atomically(plan.out / f"{form}.tflite", model)
    variants = [
        _measured(form, model, _read_all(form, model, test), test, reference, len(models["float"]))
        for form, model in models.items()
    ]
    terminal.show_variants(variants)
    return variants


def _read_all(form: Form, model: bytes, test: Labelled) -> NDArray[np.float32]:
    with progress_bar() as progress:
        task = progress.add_task(f"{form}.tflite", total=len(test.labels))
        return predict_tflite(model, pixels_of(test.images), lambda: progress.advance(task))


def _measured(
    form: Form, model: bytes, probabilities: NDArray[np.float32], test: Labelled, reference: Score, whole: int
) -> Variant:
    found = score(probabilities.argmax(axis=1), probabilities.max(axis=1), test.labels)
    return Variant(
        name=form,
        size=len(model),
        size_ratio=len(model) / whole,
        score=found,
        drop=100 * (reference.accuracy - found.accuracy),
        agreement=float((found.predictions() == reference.predictions()).mean()),
    )


def _read(plan: Plan) -> tuple[Path, read.Reading]:
    picture = plan.image or plan.out / "picture.png"
    if not plan.image:
        read.draw(picture)
    reading = read.read(plan.out / "int8.tflite", picture)
    terminal.show_reading(reading)
    return picture, reading
