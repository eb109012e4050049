"""The verbs. Import this after `gevent.monkey.patch_all`."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitcam.files import write_atomically
from digitlab.deploy import release as packing
from digitlab.deploy import wheels
from digitlab.deploy.board import Board, refusal
from digitlab.deploy.facts import Ask, Look
from digitlab.deploy.fleet import Outcome, Pace, roll_out
from digitlab.deploy.hosts import Machine
from digitlab.deploy.onpi.layout import UNIT
from digitlab.deploy.operations import deployment, verb
from digitlab.deploy.plan import Plan, Wishes, plan
from digitlab.deploy.release import Release
from digitlab.deploy.session import Access, Result, session
from digitlab.deploy.table import table

Machines = Sequence[Machine]
READS = "reads"
COLUMNS = ("release", "health", "rate", "latency", "temperature", "throttling")


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
    """Deploy to all; whether each has it now."""
    with session(machines, access) as all_of_them:
        boards = all_of_them.facts(Look)
        down = all_of_them.down
    plans, releases = _plans(boards, order)
    for name, each in plans.items():
        for note in each.notes:
            print(f"[{name}] {note}", file=sys.stderr)
    if order.dry:
        _tell_plans(machines, plans, down)
        return all(name in plans and not plans[name].refusal for name in (machine.name for machine in machines))
    program = packing.program()

    def carry_out(batch: Machines) -> Mapping[str, str]:
        operations = {each.name: deployment(plans[each.name], order.wishes, program) for each in batch}
        with session(batch, access) as some:
            done, lost = some.carry_out(operations), some.down
        return {
            machine.name: done[machine.name][0] if machine.name in done else lost.get(machine.name, "it gave no answer")
            for machine in batch
        }

    outcomes = roll_out(machines, plans, down, order.pace, carry_out)
    _tell_outcomes(outcomes, releases)
    return all(outcome.well for outcome in outcomes.values())


def _plans(boards: Mapping[str, Board], order: Order) -> tuple[dict[str, Plan], dict[str, Release]]:
    """Plan for every machine; a release is packed once for all of one kind."""
    required = wheels.requirements()
    packed: dict[wheels.Platform, Release] = {}
    plans, releases = {}, {}
    for name, board in boards.items():
        if not refusal(board, apt=order.wishes.apt, sudo_password=order.wishes.sudo_password):
            kind = wheels.platform_of(board, required)
            if kind not in packed:
                packed[kind] = packing.pack(board, wheels.resolve(kind, required, refresh=order.refresh), order.model)
            releases[name] = packed[kind]
        plans[name] = plan(board, releases.get(name), order.wishes)
    return plans, releases


def _tell_plans(machines: Machines, plans: Mapping[str, Plan], down: Mapping[str, str]) -> None:
    for machine in machines:
        each = plans.get(machine.name)
        print(f"{machine.name}:")
        if each is None:
            print(f"  down: {down.get(machine.name, 'it gave no answer')}")
        elif each.refusal:
            print(f"  refused: {each.refusal}")
        else:
            print("\n".join(f"  {i}. {step}" for i, step in enumerate(each.steps, 1)) or "  nothing to do")


def _tell_outcomes(outcomes: Mapping[str, Outcome], releases: Mapping[str, Release]) -> None:
    if not outcomes:
        return
    rows = {
        name: {
            "outcome": outcome.state,
            "release": releases[name].manifest.release if name in releases else "-",
            "why": outcome.detail,
        }
        for name, outcome in outcomes.items()
    }
    print(table(rows, ("outcome", "release", "why")))


def rollback(machines: Machines, access: Access, wait_s: float) -> bool:
    """Have each run the release before its current one; whether all do."""
    return _on_each(machines, access, "rollback", f"--wait={wait_s:g}")


def undeploy(machines: Machines, access: Access) -> bool:
    """Take everything away from each but what the user made; whether that went well everywhere."""
    return _on_each(machines, access, "remove")


def status(machines: Machines, access: Access) -> bool:
    """Tell how each is; whether all read."""
    with session(machines, access) as some:
        answers, down = some.facts(Ask), some.down
    rows = {
        machine.name: answer.row()
        if (answer := answers.get(machine.name))
        else {"health": f"down: {down.get(machine.name, 'it gave no answer')}"}
        for machine in machines
    }
    print(table(rows, COLUMNS))
    return all(row["health"].startswith(READS) for row in rows.values())


def logs(machines: Machines, access: Access, lines: int, *, follow: bool) -> bool:
    """Show what each logged; whether all could be asked."""
    command = f"journalctl --unit={UNIT} --lines={lines} --no-pager --output=short-iso{' --follow' if follow else ''}"
    with session(machines, access) as some:
        shown, down = some.shell(command), some.down
    for name, why in down.items():
        print(f"[{name}] down: {why}", file=sys.stderr)
    return not down and all(shown.values())


def bench(machines: Machines, access: Access, folder: Path) -> bool:
    """Measure on each, one JSON file each below a folder of its kind of board; whether all were measured."""
    with session(machines, access) as some:
        boards = some.facts(Look)
        done = some.carry_out({name: verb(packing.program(), "bench") for name in boards})
        down = some.down
    outcomes = {machine.name: _outcome(machine.name, done, down) for machine in machines}
    for name, outcome in outcomes.items():
        if outcome.well:
            path = folder / _slug(boards[name].name) / f"{_slug(boards[name].hostname)}-{boards[name].current}.json"
            measured = json.loads(done[name][1][-1].stdout_lines[-1])
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(measured, indent=2).encode())
            print(f"[{name}] {path}")
    _tell_outcomes({name: outcome for name, outcome in outcomes.items() if not outcome.well}, {})
    return all(outcome.well for outcome in outcomes.values())


def _on_each(machines: Machines, access: Access, *arguments: str) -> bool:
    """Run one verb of `onpi` on each; whether it went well everywhere."""
    operations = {machine.name: verb(packing.program(), *arguments) for machine in machines}
    with session(machines, access) as some:
        done, down = some.carry_out(operations), some.down
    outcomes = {machine.name: _outcome(machine.name, done, down) for machine in machines}
    _tell_outcomes(outcomes, {})
    return all(outcome.well for outcome in outcomes.values())


def _outcome(name: str, done: Mapping[str, Result], down: Mapping[str, str]) -> Outcome:
    if name not in done:
        return Outcome("down", down.get(name, "it gave no answer"))
    wrong = done[name][0]
    return Outcome("failed", wrong) if wrong else Outcome("done")


def _slug(text: str) -> str:
    """`Raspberry Pi 5 Model B Rev 1.0` -> `raspberry-pi-5-model-b-rev-1.0`."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")
