"""Scenes on the disk: drawn once, by several processes, and gone on with after an interruption."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from digitlab.cli import pipeline
from digitlab.data.augment import as_seen
from digitlab.data.mnist import Split
from digitlab.render.strokes import draw_set
from digitlab.scenes import draw, fill, pool
from digitlab.scenes.pool import Pool, PoolError
from digitlab.steps import carry_out


@pytest.fixture(scope="module")
def split() -> Split:
    pictures, labels = draw_set(80, np.random.default_rng(2), height=40)
    images = as_seen(pictures, 80)
    return Split(images[:40], labels[:40], images[40:], labels[40:])


def fill_pool(split: Split, folder: Path, monkeypatch: pytest.MonkeyPatch, count: int = 10) -> None:
    monkeypatch.setattr(fill, "SHARD", 5)
    for name, seed, amount, images, labels in (
        ("seen", 1, count, split.train_images, split.train_labels),
        ("held", 2, 5, split.validation_images, split.validation_labels),
    ):
        work = partial(fill.fill, folder / name, amount, seed, images, labels, processes=1)
        carry_out(pipeline.scenes(folder / name, seed), work)


def test_scenes_are_kept_with_their_labels(split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_pool(split, tmp_path, monkeypatch, count=8)
    seen, held = Pool(tmp_path / "seen"), Pool(tmp_path / "held")
    assert (len(seen), len(held)) == (10, 5)  # whole files
    for number, drawn in enumerate(draw.draw_many(1, 0, 10, split.train_images, split.train_labels)):
        kept = seen[number]
        assert np.array_equal(kept.image, drawn.image)
        assert [label.digit for label in kept.labels] == [label.digit for label in drawn.labels]
        assert [label.unsure for label in kept.labels] == [label.unsure for label in drawn.labels]
        assert np.allclose(
            [label.box for label in kept.labels] or [0], [label.box for label in drawn.labels] or [0], atol=0.01
        )
    (first,) = draw.draw_many(2, 0, 1, split.validation_images, split.validation_labels)
    assert np.array_equal(held[0].image, first.image)
    assert len(list(held)) == 5
    assert fill.tell_contents(held) == [draw.tell_content(2, number) for number in range(5)]

    # what is there is kept, and what is missing is drawn
    kept_at = (tmp_path / "seen" / "0000.npy").stat().st_mtime_ns
    whole = (tmp_path / "seen" / "0001.npy").read_bytes()
    (tmp_path / "seen" / "0001.npy").unlink()
    fill_pool(split, tmp_path, monkeypatch)
    assert (tmp_path / "seen" / "0000.npy").stat().st_mtime_ns == kept_at
    assert (tmp_path / "seen" / "0001.npy").read_bytes() == whole

    # and more is taken up by those who learn meanwhile
    fill_pool(split, tmp_path, monkeypatch, count=15)
    seen.refresh()
    assert len(seen) == 15

    monkeypatch.setattr(fill, "fonts", lambda _: ())
    assert fill.tell_contents(held) is None

    damaged = tmp_path / "seen" / "0001.npy"
    damaged.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PoolError, match=r"0001.npy: damaged .*; delete it and run `digitlab scenes`"):
        Pool(tmp_path / "seen")
    (tmp_path / "held.made.json").write_text("{")
    with pytest.raises(PoolError, match="held: nobody noted how its scenes were drawn; run `digitlab scenes --pool "):
        pool.how_made(tmp_path / "held")
    assert fill.tell_contents(held) is None


def test_an_empty_folder_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(PoolError, match=r"holds no scenes; run `digitlab scenes --pool .* first"):
        Pool(tmp_path)
    with pytest.raises(
        PoolError, match=r"nobody noted how its scenes were drawn; run `digitlab scenes --pool .* first"
    ):
        pool.how_made(tmp_path)
