"""Look at all machines, plan for each, carry the plans out. Import this after `gevent.monkey.patch_all`."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitlab.deploy.connection.operations import install, packages
from digitlab.deploy.connection.session import Access, Operation, session
from digitlab.deploy.machines.board import Board, refusal
from digitlab.deploy.machines.facts import Ask, Look
from digitlab.deploy.machines.hosts import Machine
from digitlab.deploy.packing import wheels
from digitlab.deploy.packing.program import program
from digitlab.deploy.packing.release import Release, pack
from digitlab.deploy.planning.fleet import NO_ANSWER, Pace, roll_out
from digitlab.deploy.planning.plan import Plan, Wishes, plan
from digitlab.deploy.table import tell_outcomes

Machines = Sequence[Machine]


@dataclass(frozen=True, slots=True)
class Order:
    """A deployment as it was asked for.

    Attributes:
        wishes: for each machine.
        pace: over all of them.
        model: in place of the shipped one, or None.
        refresh: whether wheels are resolved anew.
        dry: whether it is only told.
    """

    wishes: Wishes
    pace: Pace
    model: Path | None = None
    refresh: bool = False
    dry: bool = False


def deploy(machines: Machines, access: Access, order: Order) -> bool:
    """Deploy to all; tell whether each has it now, or in a dry run could."""
    work = _Deployment(access, order)
    down = work.look(machines)
    for name, each in work.plans.items():
        for note in each.notes:
            print(f"[{name}] {note}", file=sys.stderr)
    if order.dry:
        possible = [_tell_plan(each.name, work.plans.get(each.name), down) for each in machines]
        return all(possible)
    outcomes = roll_out(machines, work.plans, down, order.pace, work.carry_out)
    tell_outcomes(outcomes, {name: each.manifest.release for name, each in work.releases.items()})
    _tell_pages([each for each in machines if outcomes[each.name].well], access)
    return all(outcome.well for outcome in outcomes.values())


class _Deployment:
    """What is known of the machines, and is done there.

    Attributes:
        plans: by name, of those that answered.
        releases: by name, of those that are not refused; one is packed for all of one kind.
    """

    def __init__(self, access: Access, order: Order) -> None:
        self._access = access
        self._order = order
        self._required = wheels.requirements()
        self._packed: dict[wheels.Platform, Release] = {}
        self.plans: dict[str, Plan] = {}
        self.releases: dict[str, Release] = {}

    def look(self, machines: Machines, *, restart: bool = False) -> Mapping[str, str]:
        """Read facts and plan; why some machines cannot be reached, by name."""
        with session(machines, self._access) as some:
            boards, down = some.facts(Look), some.down
        wishes = self._order.wishes
        for name, board in boards.items():
            if not refusal(board, apt=wishes.apt, sudo_password=wishes.sudo_password):
                self.releases[name] = self._release(board)
            self.plans[name] = plan(board, self.releases.get(name), wishes, restart=restart)
        return down

    def carry_out(self, batch: Machines) -> dict[str, str]:
        """Carry out the plans of some machines; what went wrong on each, or nothing."""
        wanting = [each for each in batch if self.plans[each.name].packages]
        wrong = self._run({each.name: packages(self.plans[each.name]) for each in wanting}, wanting)
        # what apt brought, the environment must not bring once more
        down = self.look([each for each in wanting if not wrong[each.name]], restart=True) if wanting else {}
        wrong |= {name: why for name, why in down.items() if not wrong[name]}
        ready = [each for each in batch if not wrong.get(each.name)]
        sent = program()
        plans = {each.name: list(install(self.plans[each.name], sent)) for each in ready}
        return wrong | self._run(plans, ready)

    def _run(self, operations: Mapping[str, Sequence[Operation]], machines: Machines) -> dict[str, str]:
        if not machines:
            return {}
        with session(machines, self._access) as some:
            done, down = some.carry_out(operations), some.down
        return {
            each.name: done[each.name][0] if each.name in done else down.get(each.name, NO_ANSWER) for each in machines
        }

    def _release(self, board: Board) -> Release:
        kind = wheels.platform_of(board, self._required)
        if kind not in self._packed:
            resolved = wheels.resolve(kind, self._required, refresh=self._order.refresh)
            self._packed[kind] = pack(board, resolved, self._order.model)
        return self._packed[kind]


def _tell_pages(machines: Machines, access: Access) -> None:
    """Tell where each machine's page is, and which camera it reads from."""
    if not machines:
        return
    with session(machines, access) as some:
        answers = some.facts(Ask)
    for machine in machines:
        if answer := answers.get(machine.name):
            print(f"{'' if len(machines) == 1 else f'{machine.name}: '}{answer.page()}")


def _tell_plan(name: str, planned: Plan | None, down: Mapping[str, str]) -> bool:
    """Tell what would be done; whether it could be."""
    print(f"{name}:")
    if planned is None or planned.refusal:
        print(f"  refused: {planned.refusal}" if planned else f"  down: {down.get(name, NO_ANSWER)}")
        return False
    print("\n".join(f"  {number}. {step}" for number, step in enumerate(planned.steps, 1)) or "  nothing to do")
    return True
