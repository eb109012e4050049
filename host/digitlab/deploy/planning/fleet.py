"""Many machines: all are looked at before any is changed, then a canary first, then a share at a time."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from digitlab.deploy.machines.hosts import Machine
from digitlab.deploy.planning.plan import Plan

NO_ANSWER = "it gave no answer"  # where nothing else is known


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a deployment spreads.

    Attributes:
        canary: how many machines go first, alone.
        share: which share of all machines goes at once after that, above 0, to 1.
    """

    canary: int = 1
    share: float = 0.25


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went on one machine.

    Attributes:
        state: `deployed`, `unchanged`, `done`, `refused`, `down`, `failed`, `not tried`.
        detail: why.
    """

    state: str
    detail: str = ""

    @property
    def well(self) -> bool:
        """Whether the machine now has what it was to have."""
        return self.state in {"deployed", "unchanged", "done"}


def batches(machines: Sequence[Machine], pace: Pace) -> Iterator[Sequence[Machine]]:
    """Begin with the canaries; go on with shares of all, in the order given."""
    at_once = max(1, math.floor(len(machines) * pace.share))
    start = min(pace.canary, len(machines))
    if start:
        yield machines[:start]
    for first in range(start, len(machines), at_once):
        yield machines[first : first + at_once]


def roll_out(
    machines: Sequence[Machine],
    plans: Mapping[str, Plan],
    down: Mapping[str, str],
    pace: Pace,
    deploy: Callable[[Sequence[Machine]], Mapping[str, str]],
) -> dict[str, Outcome]:
    """Deploy batch after batch, and stop at the first in which a machine fails.

    Args:
        machines: all of them.
        plans: of those that answered.
        down: why the others did not.
        pace: how fast.
        deploy: carries out the plans of some machines; what went wrong on each, or nothing.
    """
    outcomes = {machine.name: _before(machine.name, plans, down) for machine in machines}
    to_do = [machine for machine in machines if outcomes[machine.name].state == "not tried"]
    for batch in batches(to_do, pace):
        for name, wrong in deploy(batch).items():
            outcomes[name] = Outcome("failed", wrong) if wrong else Outcome("deployed")
        if any(outcomes[machine.name].state == "failed" for machine in batch):
            break
    return outcomes


def _before(name: str, plans: Mapping[str, Plan], down: Mapping[str, str]) -> Outcome:
    if name not in plans:
        return Outcome("down", down.get(name, NO_ANSWER))
    if plans[name].refusal:
        return Outcome("refused", plans[name].refusal)
    return Outcome("not tried" if plans[name].steps else "unchanged")
