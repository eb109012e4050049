"""What can be done with a machine that was deployed to. Import this after `gevent.monkey.patch_all`."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from digitcam.files import write_atomically
from digitlab.deploy.connection.operations import verb
from digitlab.deploy.connection.session import Access, Result, session
from digitlab.deploy.machines.facts import Ask, Look
from digitlab.deploy.machines.hosts import Machine
from digitlab.deploy.onpi.layout import UNIT
from digitlab.deploy.packing.program import program
from digitlab.deploy.planning.fleet import NO_ANSWER, Outcome
from digitlab.deploy.table import table, tell_outcomes

Machines = Sequence[Machine]
COLUMNS = ("release", "health", "rate", "latency", "temperature", "throttling")


def rollback(machines: Machines, access: Access, wait_s: float) -> bool:
    """Have each run the release before its current one; tell whether all do."""
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
        else {"health": f"down: {down.get(machine.name, NO_ANSWER)}"}
        for machine in machines
    }
    print(table(rows, COLUMNS))
    return len(answers) == len(machines) and all(answer.reads() for answer in answers.values())


def logs(machines: Machines, access: Access, lines: int, *, follow: bool) -> bool:
    """Show what each logged; whether all could be asked."""
    command = f"journalctl --unit={UNIT} --lines={lines} --no-pager --output=short-iso{' --follow' if follow else ''}"
    with session(machines, access) as some:
        shown, down = some.shell(command), some.down
    for name, why in down.items():
        print(f"[{name}] down: {why}", file=sys.stderr)
    return not down and all(shown.values())


def bench(machines: Machines, access: Access, folder: Path, wait_s: float) -> bool:
    """Measure on each, one JSON file each below a folder of its kind of board; whether all were, and read again."""
    with session(machines, access) as some:
        boards = some.facts(Look)
        done = some.carry_out({name: verb(program(), "bench", f"--wait={wait_s:g}") for name in boards})
        down = some.down
    outcomes = {machine.name: _outcome(machine.name, done, down) for machine in machines}
    for name in outcomes:
        measured = _measured(done[name]) if name in done else None
        if measured:
            path = folder / _slug(boards[name].name) / f"{_slug(boards[name].hostname)}-{boards[name].current}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(measured, indent=2).encode())
            print(f"[{name}] {path}")
    tell_outcomes({name: outcome for name, outcome in outcomes.items() if not outcome.well})
    return all(outcome.well for outcome in outcomes.values())


def _measured(result: Result) -> dict[str, Any] | None:
    """Read the JSON that a measurement ended with; None where it did not come so far."""
    last = result[1][-1]
    lines = last.stdout_lines if last.is_complete() else []
    found: dict[str, Any] | None = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None
    return found


def _on_each(machines: Machines, access: Access, *arguments: str) -> bool:
    """Run one verb of `onpi` on each; whether it went well everywhere."""
    operations = {machine.name: verb(program(), *arguments) for machine in machines}
    with session(machines, access) as some:
        done, down = some.carry_out(operations), some.down
    outcomes = {machine.name: _outcome(machine.name, done, down) for machine in machines}
    tell_outcomes(outcomes)
    return all(outcome.well for outcome in outcomes.values())


def _outcome(name: str, done: Mapping[str, Result], down: Mapping[str, str]) -> Outcome:
    if name not in done:
        return Outcome("down", down.get(name, NO_ANSWER))
    wrong = done[name][0]
    return Outcome("failed", wrong) if wrong else Outcome("done")


def _slug(text: str) -> str:
    """Write a name in small letters: `Raspberry Pi 5 Model B Rev 1.0` -> `raspberry-pi-5-model-b-rev-1.0`."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")
