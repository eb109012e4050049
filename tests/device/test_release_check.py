"""`make release-check` names all that stands in the way of a release."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from release_check import find_problems

ROOT = Path(__file__).parents[2]
NEEDED = (
    "device/digitcam/__init__.py",
    "device/pyproject.toml",
    "host/digitlab/__init__.py",
    "host/pyproject.toml",
    "docs/digitcam.toml",
    "docs/formats.md",
    *(str(path.relative_to(ROOT)) for path in (ROOT / "models").iterdir()),
)
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-05-17\n\nThe first version.\n"


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "-m", "a change")
    git(folder, "tag", "--force", "v0.1.0")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A checkout of nothing but what a release is checked by, with its tag."""
    for name in NEEDED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    git(tmp_path, "init")
    commit(tmp_path)
    return tmp_path


def test_what_is_ready_has_no_problem(release: Path) -> None:
    assert find_problems(release) == []


def test_what_is_not_committed_is_named(release: Path) -> None:
    (release / "notes.txt").write_text("new")
    (release / "host/pyproject.toml").write_text("")
    assert find_problems(release) == ["not committed: host/pyproject.toml, notes.txt"]
    for number in range(5):
        (release / f"{number}.txt").write_text("new")
    assert find_problems(release) == ["not committed: host/pyproject.toml, 0.txt, 1.txt, 2.txt, 3.txt and 2 more"]


def test_a_commit_without_its_tag_is_told(release: Path) -> None:
    (release / "notes.txt").write_text("new")
    git(release, "add", "--all")
    git(release, "commit", "-m", "after the tag")
    assert find_problems(release) == ["this commit has no tag v0.1.0; `git tag v0.1.0` gives it one"]


@pytest.mark.parametrize("name", ["device/digitcam/__init__.py", "host/digitlab/__init__.py", "CHANGELOG.md"])
def test_versions_that_differ_are_named(release: Path, name: str) -> None:
    path = release / name
    path.write_text(path.read_text().replace("0.1.0", "0.2.0"))
    commit(release)
    (problem,) = find_problems(release)
    assert f"{name} says 0.2.0" in problem
    assert "says 0.1.0" in problem


def test_what_is_still_unreleased_in_the_changelog_is_told(release: Path) -> None:
    (release / "CHANGELOG.md").write_text(CHANGELOG.replace("[Unreleased]\n", "[Unreleased]\n\n- Something new.\n"))
    commit(release)
    assert find_problems(release) == [
        "CHANGELOG.md: something stands under Unreleased; put it under the version that it is released in"
    ]


def test_a_missing_changelog_is_told(release: Path) -> None:
    (release / "CHANGELOG.md").unlink()
    commit(release)
    assert find_problems(release) == ["CHANGELOG.md: No such file or directory; say there what changed"]


def test_a_model_that_is_not_its_cards_is_told(release: Path) -> None:
    card = release / "models/digits.json"
    card.write_text(json.dumps({**json.loads(card.read_bytes()), "sha256": "0" * 64}))
    (release / "models/finder.json").unlink()
    commit(release)
    digits, finder = find_problems(release)
    assert digits == "models/digits.tflite: not the model that its card tells of; commit both as they were published"
    assert finder.startswith("models/finder.json: no card (")


def test_a_document_that_is_not_current_is_told(release: Path) -> None:
    for name in ("digitcam.toml", "formats.md"):
        (release / "docs" / name).write_text("# of last year\n")
    commit(release)
    assert find_problems(release) == [
        "docs/digitcam.toml: not current; `digitcam config --example >docs/digitcam.toml` writes it again",
        "docs/formats.md: not current; `make formats` writes it again",
    ]
