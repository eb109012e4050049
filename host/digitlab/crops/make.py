"""Making crops of one kind."""

from dataclasses import dataclass
from pathlib import Path

from digitlab.crops import cut, drawn, store
from digitlab.crops.batch import Crops
from digitlab.data.mnist import Split
from digitlab.scenes.pool import Pool


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many of each kind.

    Attributes:
        variants: of each of MNIST's training pictures.
        drawn: pictures, a quarter of them no digits.
        scenes: that crops are cut from.
        held: the same, of scenes with the validation split's digits.
        seed: decides everything else.
    """

    variants: int = 8
    drawn: int = 64_000
    scenes: int = 12_000
    held: int = 1_000
    seed: int = 1


def make(kind: str, split: Split, scenes: Path, folder: Path, amounts: Amounts) -> None:
    """Make one of `store.KINDS`.

    Args:
        kind: which one.
        split: MNIST.
        scenes: folder that `digitlab scenes` drew to.
        folder: where the crops are written.
        amounts: how many of each kind.

    Raises:
        OutputError: `folder` cannot be written.
        PoolError: there are no scenes, or fewer than asked for.
    """
    images, labels = _make(kind, split, scenes, amounts)
    store.save(folder / f"{kind}.npz", images=images, labels=labels)
    print(f"{folder / kind}.npz: {len(labels):,} crops")


def _make(kind: str, split: Split, scenes: Path, amounts: Amounts) -> Crops:
    match kind:
        case "mnist":
            return drawn.vary(split.train_images, split.train_labels, amounts.variants, amounts.seed)
        case "drawn":
            return drawn.draw(amounts.drawn, amounts.seed)
        case "scenes":
            return cut.from_scenes(Pool(scenes / "seen"), amounts.scenes, amounts.seed)
        case _:
            return cut.from_scenes(Pool(scenes / "held"), amounts.held, amounts.seed + 1)
