import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from digitlab.data import mnist as datasets
from digitlab.data import mnist_files
from digitlab.data.mnist import Mnist
from digitlab.data.mnist_files import DataError

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = datasets.SHA256


@pytest.fixture
def folder(drawn: "Drawn", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the drawn files that a test may damage."""
    monkeypatch.setattr(datasets, "SHA256", drawn.sha256)
    monkeypatch.setattr(datasets, "VALIDATION", 200)
    return Path(shutil.copytree(drawn.folder, tmp_path / "mnist"))


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Keras' loader keeps what it downloaded: nothing yet."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv(datasets.ENVIRONMENT, raising=False)
    home = tmp_path / "keras" / "datasets"
    home.mkdir(parents=True)
    return home


def test_four_files_are_read(folder: Path) -> None:
    mnist = datasets.load(folder)
    assert mnist.train_images.shape == (2000, 28, 28)
    assert mnist.test_images.shape == (300, 28, 28)
    assert np.bincount(mnist.train_labels).tolist() == [200] * 10
    assert np.bincount(mnist.test_labels).tolist() == [30] * 10
    assert mnist.train_images.dtype == mnist.test_labels.dtype == np.uint8


def test_unpacked_files_are_read_too(folder: Path) -> None:
    packed = datasets.load(folder)
    for path in folder.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert np.array_equal(datasets.load(folder).train_images, packed.train_images)


@pytest.mark.parametrize(
    "renamed", ["{dotted}", "{dotted}.gz", "{dotted}/{dotted}", "{name}/{name}", "MNIST/raw/{name}"]
)
def test_idx_files_under_their_other_usual_names(renamed: str, folder: Path) -> None:
    packed = datasets.load(folder)
    for path in list(folder.iterdir()):
        new = folder / renamed.format(name=path.stem, dotted=path.stem.replace("-idx", ".idx"))
        data = path.read_bytes() if new.suffix == ".gz" else gzip.decompress(path.read_bytes())
        path.unlink()
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(data)
    assert same(datasets.load(folder), packed)


def same(one: Mnist, other: Mnist) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Mnist.__slots__)


@pytest.mark.parametrize("name", ["mnist.npz", "mine.npz"])
def test_an_npz_as_keras_keeps_it(name: str, folder: Path, tmp_path: Path) -> None:
    mnist = datasets.load(folder)
    (tmp_path / "npz").mkdir()
    path = tmp_path / "npz" / name
    save_npz(path, mnist)
    assert same(datasets.load(path), mnist)
    if name == "mnist.npz":
        assert same(datasets.load(path.parent), mnist)
    else:
        with pytest.raises(DataError, match="npz: holds none of MNIST's four idx files"):
            datasets.load(path.parent)


def save_npz(path: Path, mnist: Mnist) -> None:
    parts = mnist.train_images, mnist.train_labels, mnist.test_images, mnist.test_labels
    np.savez(path, **dict(zip(("x_train", "y_train", "x_test", "y_test"), parts, strict=True)))


TRAIN_CSV, TEST_CSV = "mnist_train.csv", "mnist_test.csv"
NAMES = ",".join(["label", *(f"{x}x{y}" for x in range(28) for y in range(28))]) + "\n"


@pytest.fixture(scope="module")
def written(drawn: "Drawn", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn digits in two CSV files."""
    folder = tmp_path_factory.mktemp("tables")
    parts = iter(array for _, array in mnist_files.read(drawn.folder))
    for name, images, labels in zip((TRAIN_CSV, TEST_CSV), parts, parts, strict=True):
        np.savetxt(folder / name, np.column_stack([labels, images.reshape(len(images), -1)]), "%d", ",")
    return folder


@pytest.fixture
def tables(folder: Path, written: Path) -> Path:
    """A folder of two CSV files that a test may damage."""
    return Path(shutil.copytree(written, folder.with_name("tables")))


@pytest.mark.parametrize("named", [False, True])
def test_tables_as_kaggle_has_them(named: bool, tables: Path, drawn: "Drawn") -> None:  # noqa: FBT001
    if named:
        for path in tables.iterdir():
            path.write_text(NAMES + path.read_text(), encoding="utf-8-sig")
    assert same(datasets.load(tables), datasets.load(drawn.folder))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: "", r"mnist_test.csv: no table of a label and 784 grey levels a row: .* get it again"),
        (lambda _: NAMES, r"mnist_test.csv: no table"),
        (lambda text: text[:-100], r"mnist_test.csv: no table"),
        (lambda text: text + "256" + ",0" * 784, r"mnist_test.csv: no table"),
        (lambda text: text + "x" + ",0" * 784, r"mnist_test.csv: no table"),
        (lambda _: "\0\xff", r"mnist_test.csv: no table"),
        (lambda _: "1,2\n3,4\n", r"mnist_test.csv: has 2 columns, .* Digit Recognizer holds a part of MNIST"),
        (lambda text: text[text.index("\n") + 1 :], "mnist_test.csv: not MNIST's t10k-images-idx3-ubyte"),
    ],
)
def test_a_table_that_is_none_is_named(damage: Callable[[str], str], said: str, tables: Path) -> None:
    path = tables / TEST_CSV
    path.write_text(damage(path.read_text()))
    with pytest.raises(DataError, match=said):
        datasets.load(tables)


def test_a_missing_table_is_named(tables: Path) -> None:
    (tables / TRAIN_CSV).unlink()
    with pytest.raises(DataError, match=r"mnist_train.csv: missing; .* should hold MNIST's four idx files"):
        datasets.load(tables)


def test_the_environment_names_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(datasets.ENVIRONMENT, str(folder))
    assert len(datasets.load().test_labels) == 300


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such folder; it should hold MNIST's four idx files"):
        datasets.load(tmp_path / "nowhere")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / f"{TEST_LABELS}.gz").unlink()
    with pytest.raises(DataError, match=f"{TEST_LABELS}.gz: missing"):
        datasets.load(folder)


def test_a_truncated_download_is_named(folder: Path) -> None:
    path = folder / f"{TRAIN_IMAGES}.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DataError, match=f"{TRAIN_IMAGES}.gz: truncated"):
        datasets.load(folder)


def test_a_truncated_unpacked_file_is_named(folder: Path) -> None:
    path = folder / f"{TRAIN_IMAGES}.gz"
    path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes())[:-784])
    path.unlink()
    with pytest.raises(DataError, match=f"{TRAIN_IMAGES}: not MNIST's .* get it again"):
        datasets.load(folder)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\x1f\x8b\x08\x00 damaged inside"])
def test_what_is_no_gzip_file_is_named(folder: Path, content: bytes) -> None:
    (folder / f"{TRAIN_LABELS}.gz").write_bytes(content)
    with pytest.raises(DataError, match=f"{TRAIN_LABELS}.gz: "):
        datasets.load(folder)


@pytest.mark.parametrize(("one", "other"), [(TRAIN_IMAGES, TEST_IMAGES), (TRAIN_LABELS, TEST_LABELS)])
def test_swapped_files_are_told(folder: Path, one: str, other: str) -> None:
    first, second = folder / f"{one}.gz", folder / f"{other}.gz"
    first.rename(folder / "aside")
    second.rename(first)
    (folder / "aside").rename(second)
    with pytest.raises(DataError, match=f"{one}.gz: holds {other}, not {one}; the files are swapped"):
        datasets.load(folder)


def test_foreign_files_are_refused(drawn: "Drawn") -> None:
    with pytest.raises(DataError, match=f"not MNIST's {TRAIN_IMAGES}"):
        datasets.load(drawn.folder)


def test_what_keras_keeps_is_read(folder: Path, keras_home: Path) -> None:
    mnist = datasets.load(folder)
    save_npz(keras_home / "mnist.npz", mnist)
    assert np.array_equal(datasets.load().test_images, mnist.test_images)


def test_a_damaged_download_is_named(keras_home: Path) -> None:
    (keras_home / "mnist.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DataError, match=r"mnist.npz: damaged .* delete it to download it again"):
        datasets.load()


@pytest.mark.usefixtures("keras_home")
def test_without_a_network_it_says_where_to_put_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nothing listens on the discard port
    with pytest.raises(DataError, match=r"could not be downloaded .* name it with --data or \$DIGITLAB_DATA"):
        datasets.load()


def test_the_split_shares_no_picture_and_follows_the_seed(folder: Path) -> None:
    mnist = datasets.load(folder)
    split = datasets.split(mnist, seed=1)
    train, validation = ({p.tobytes() for p in part} for part in (split.train_images, split.validation_images))
    assert (len(split.train_labels), len(split.validation_labels)) == (1800, 200)
    assert not train & validation
    assert np.array_equal(split.train_images, datasets.split(mnist, seed=1).train_images)
    assert not np.array_equal(split.train_images, datasets.split(mnist, seed=2).train_images)
