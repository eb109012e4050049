"""Steps as they are sent: one JSON list."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.steps.base import Step
from digitlab.deploy.onpi.steps.checks import CheckRelease
from digitlab.deploy.onpi.steps.environment import MakeEnvironment
from digitlab.deploy.onpi.steps.prune import PruneReleases
from digitlab.deploy.onpi.steps.release import MakeRelease
from digitlab.deploy.onpi.steps.settings import ChangeSettings, CreateSettings
from digitlab.deploy.onpi.steps.switch import SwitchRelease

NAME = "steps.json"
OnTheMachine = (
    MakeEnvironment | MakeRelease | CreateSettings | ChangeSettings | CheckRelease | SwitchRelease | PruneReleases
)
KINDS = {kind.__name__: kind for kind in OnTheMachine.__args__}


def listed(steps: Iterable[OnTheMachine]) -> str:
    """Write them down."""
    return json.dumps([[type(step).__name__, asdict(step)] for step in steps], indent=2)


def read_steps(incoming: Path) -> list[Step]:
    """Read them in the folder that everything was sent to.

    Raises:
        DeploymentError: they are missing or damaged.
    """
    path = incoming / NAME
    try:
        return [KINDS[kind](**fields) for kind, fields in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DeploymentError(f"{path}: cannot be read: {error}; deploy again") from error
