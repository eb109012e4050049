"""A step: its inputs are checked, and it is carried out where its output is missing, unfinished or out of date."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from digitcam.errors import DigitcamError, OutputError
from digitlab.steps.manifest import Manifest, describe, digest, read_manifest, write_manifest

KNOWINGLY = "or go on with what is there: --keep"


class StepError(DigitcamError, RuntimeError):
    """What a step needs is missing or out of date."""


@dataclass(frozen=True, slots=True)
class Step:
    """What makes some files, or a folder of them.

    Attributes:
        module: whose source decides the outputs, with that of all modules that it imports.
        outputs: files and folders; beside the first of them lies the manifest.
        parameters: that decide the outputs, besides inputs and source.
        inputs: files and folders that other steps make, and the command of each.
        files: that no step makes: a model that ships.
        leftovers: files and folders that an unfinished run goes on with.
        grows: whether more of the same may be asked for later.
    """

    module: str
    outputs: tuple[Path, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[Path, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    leftovers: tuple[Path, ...] = ()
    grows: bool = False

    @property
    def output(self) -> Path:
        """The first one, which bears the step's name in what is said."""
        return self.outputs[0]


def carry_out(step: Step, make: Callable[[], None], *, keep: bool = False, restart: bool = False) -> None:
    """Make a step's outputs, unless they are there and made as they would be now.

    Args:
        step: which one.
        make: makes the outputs, or goes on with the leftovers of an unfinished run.
        keep: go on with what is there, even where it would be made otherwise now.
        restart: forget what is there.

    Raises:
        StepError: an input is missing or out of date, or an unfinished run was begun otherwise.
        OutputError: a leftover cannot be deleted, or the manifest cannot be written.
    """
    require(step.inputs, keep=keep)
    now = describe(step.module, step.parameters, (*step.inputs, *step.files))
    is_there = any(path.exists() for path in (*step.outputs, *step.leftovers))
    # what failed before it had made anything leaves its manifest
    before = read_manifest(step.output) if is_there else None
    outdated = [] if before is None else before.differences(now)
    if before is None and is_there:
        outdated = ["nobody noted how it was made"]
    finished = before is not None and _is_whole(before, step.output)
    if restart:
        _forget(step)
    elif outdated and keep:
        print(f"{step.output}: kept, though {'; '.join(outdated)}")
        if finished or (before is None and all(path.exists() for path in step.outputs)):
            return
        now = before or now  # so that it stays out of date
    elif outdated and not finished and any(path.exists() for path in step.leftovers):
        raise StepError(
            f"{step.output}: not finished, and begun otherwise: {'; '.join(outdated)}; "
            "make it anew with --restart, or go on with --keep"
        )
    elif outdated:
        print(f"{step.output}: made anew: {'; '.join(outdated)}")
        _forget(step)
    elif finished and not step.grows:
        print(f"{step.output}: up to date")
        return
    write_manifest(step.output, msgspec.structs.replace(now, outputs={}))
    make()
    made = {path.name: digest(path) for path in step.outputs}
    write_manifest(step.output, msgspec.structs.replace(now, outputs=made))


def require(inputs: Mapping[Path, str], *, keep: bool = False) -> None:
    """Make sure that inputs are there and up to date.

    Args:
        inputs: paths, and the command that makes each.
        keep: say what is out of date, and go on with it.

    Raises:
        StepError: one is not; it says why, and what to run.
    """
    for path, command in inputs.items():
        if not path.exists():
            raise StepError(f"{path}: missing; run `{command}` first")
        changes = find_changes(path)
        if changes and not keep:
            raise StepError(f"{path}: out of date: {'; '.join(changes)}; run `{command}`, {KNOWINGLY}")
        if changes:
            print(f"{path}: used, though {'; '.join(changes)}")


def find_changes(output: Path) -> list[str]:
    """Say what has changed since an output was made, and since its inputs were; nothing where it is up to date."""
    made = read_manifest(output)
    if made is None:
        return ["nobody noted how it was made"]
    if not made.outputs:
        return ["it is not finished"]
    inputs = [Path(one.path) for one in made.inputs.values()]
    changes = made.differences(describe(made.module, made.parameters, inputs))
    if not _is_whole(made, output):
        changes.append("it is not as it was made")
    for path in inputs:
        if read_manifest(path) is not None and (older := find_changes(path)):
            changes.append(f"{path.name} is out of date ({'; '.join(older)})")
    return changes


def _is_whole(made: Manifest, output: Path) -> bool:
    """Tell whether everything was made, and is as it was."""
    return bool(made.outputs) and all(digest(output.with_name(name)) == told for name, told in made.outputs.items())


def _forget(step: Step) -> None:
    for path in _existing(step.leftovers):
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        except OSError as error:
            raise OutputError(f"{path}: cannot delete: {error.strerror}") from error


def _existing(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.exists()]
