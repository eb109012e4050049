"""What `make pi`, `make pi-ssh`, `make pi-show` and `make pi-stop` do."""

import argparse
import os
import sys
import time
from pathlib import Path

from pi.image import RELEASES, cache, image
from pi.machine import Hardware, Machine, MachineError
from pi.page import lay


def main() -> int:
    """Run one verb; the exit status."""
    parser = argparse.ArgumentParser(prog="pi", description=__doc__, allow_abbrev=False)
    parser.add_argument("verb", choices=("start", "ssh", "show", "stop"))
    parser.add_argument("rest", nargs="*", help="ssh: a command; show: a picture")
    parser.add_argument("--release", choices=RELEASES, default=RELEASES[0])
    parser.add_argument("--cpu", choices=("cortex-a72", "cortex-a76"), default="cortex-a72")
    parser.add_argument("--fresh", action="store_true", help="start with a new disk")
    parser.add_argument("--offline", action="store_true", help="start without a network but SSH")
    parser.add_argument("--counting", action="store_true", help="start with a clock that counts instructions")
    arguments = parser.parse_args()

    hardware = Hardware(cpu=arguments.cpu, counting=arguments.counting, offline=arguments.offline)
    machine = Machine(cache() / "machines" / arguments.release, hardware)
    try:
        if arguments.verb == "start":
            start(machine, arguments.release, fresh=arguments.fresh)
        elif arguments.verb == "stop":
            machine.stop()
        else:
            use(machine, arguments.verb, arguments.rest)
    except MachineError as error:
        print(f"pi: {error}", file=sys.stderr)
        return 1
    return 0


def use(machine: Machine, verb: str, rest: list[str]) -> None:
    """Enter it, or lay a page under its camera.

    Raises:
        MachineError: it does not run.
    """
    if not machine.running:
        raise MachineError(f"{machine.folder.name}: not running; `make pi RELEASE={machine.folder.name}` starts it")
    if verb == "show":
        lay(machine, Path(rest[0]))
    else:
        os.execvp("ssh", ["ssh", "-F", str(machine.ssh_config), "pi", *rest])  # noqa: S606 - nothing is left to do here


def start(machine: Machine, release: str, *, fresh: bool) -> None:
    """Start it if it does not run, and say how to reach it."""
    made = image(release)
    if not fresh and machine.has_disk and not machine.made_from(made):
        print("the recipe of its image has changed: it gets a new disk")
    if fresh or not machine.made_from(made):
        machine.renew(made)
    ran = machine.running
    began = time.monotonic()
    machine.start()
    config = os.path.relpath(machine.ssh_config)
    print(f"the emulated Pi {'runs already' if ran else f'is up after {time.monotonic() - began:.0f} s'}")
    print("  make pi-ssh                     a shell on it")
    print("  make pi-show IMAGE=page.jpg     lay a page under its camera, /dev/video0")
    print("  make pi-stop                    shut it down; its disk stays (make pi FRESH=1: a new one)")
    print(f"  ssh -F {config} pi")


if __name__ == "__main__":
    sys.exit(main())
