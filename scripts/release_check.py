"""Say what stands in the way of a release: versions that differ, an unclean tree, cards or documents out of date.

`make release-check` runs it, on the commit that was tagged.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import formats
from digitcam.config.describe import example

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = "device/digitcam", "host/digitlab"
HEADING = re.compile(r"^## \[(?P<name>[^\]]+)\]", re.MULTILINE)
UNRELEASED = "Unreleased"
SHOWN = 5  # names of files that are not committed


def find_problems(root: Path) -> list[str]:
    """Check a checkout at `root`.

    Returns:
        What is wrong, and what to do about it, a line each.
    """
    return [*_check_versions(root), *_check_tree(root), *_check_models(root), *_check_documents(root)]


def _check_versions(root: Path) -> Iterator[str]:
    versions = {}
    for package in PACKAGES:
        for path, pattern in (
            (root / package / "__init__.py", r'^__version__ = "(.+)"$'),
            (root / package / "../pyproject.toml", r'^version = "(.+)"$'),
        ):
            found = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
            if found:  # a project may take its version from its package
                versions[str(path.resolve().relative_to(root.resolve()))] = found[1]
    yield from _check_changelog(root, versions)
    if len(set(versions.values())) > 1:
        told = ", ".join(f"{path} says {version}" for path, version in versions.items())
        yield f"{told}; let them say the same"
        return
    (version,) = set(versions.values())
    tags = _git(root, "tag", "--points-at", "HEAD").split()
    if f"v{version}" not in tags:
        yield f"this commit has no tag v{version}; `git tag v{version}` gives it one"


def _check_changelog(root: Path, versions: dict[str, str]) -> Iterator[str]:
    try:
        text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    except OSError as error:
        yield f"CHANGELOG.md: {error.strerror}; say there what changed"
        return
    headings = list(HEADING.finditer(text))
    released = [heading["name"] for heading in headings if heading["name"] != UNRELEASED]
    for heading, end in zip(headings, [*(heading.start() for heading in headings[1:]), len(text)], strict=True):
        if heading["name"] == UNRELEASED and text[heading.end() : end].strip():
            yield "CHANGELOG.md: something stands under Unreleased; put it under the version that it is released in"
    if released:
        versions["CHANGELOG.md"] = released[0]
    else:
        yield "CHANGELOG.md: no version has a heading such as `## [1.0.0]`"


def _check_tree(root: Path) -> Iterator[str]:
    changed = [line[3:] for line in _git(root, "status", "--porcelain").splitlines()]
    if changed:
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        yield f"not committed: {', '.join(changed[:SHOWN])}{more}"


def _check_models(root: Path) -> Iterator[str]:
    models = sorted((root / "models").glob("*.tflite"))
    if not models:
        yield "models: no model is there; `make train` makes both"
    for model in models:
        name, card = model.relative_to(root), model.with_suffix(".json")
        try:
            told = json.loads(card.read_bytes())["sha256"]
        except (OSError, ValueError, KeyError) as error:
            yield f"{card.relative_to(root)}: no card ({error}); publish {name} again"
            continue
        if told != hashlib.sha256(model.read_bytes()).hexdigest():
            yield f"{name}: not the model that its card tells of; commit both as they were published"


def _check_documents(root: Path) -> Iterator[str]:
    for name, text, command in (
        ("docs/digitcam.toml", example() + "\n", "digitcam config --example >docs/digitcam.toml"),
        ("docs/formats.md", formats.page(), "make formats"),
    ):
        if (root / name).read_text(encoding="utf-8") != text:
            yield f"{name}: not current; `{command}` writes it again"


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout  # noqa: S603, S607  # as a person would


if __name__ == "__main__":
    sys.exit("\n".join(find_problems(ROOT)) or None)
