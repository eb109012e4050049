"""Whether a machine was quiet enough, and stayed cool enough, for what was measured on it to be believed."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

OTHERS = 0.1  # of a core, that other programs use: more is felt where there are few cores
OWN = 0.97  # of the time, that a core is there for what is measured: less, and it waits for one
SPREAD = 0.1  # of the median, that the medians of a run's parts lie apart
HOT_C = 80.0  # where a Raspberry Pi begins to slow down: its documentation's "Frequency management and thermal control"
TICKS = os.sysconf("SC_CLK_TCK")


class Moment(NamedTuple):
    """Clocks at one moment, seconds: the wall's, this process's, and what all cores were busy since the start."""

    wall: float
    own: float
    busy: float | None

    @classmethod
    def now(cls, root: Path = Path("/")) -> "Moment":
        """Look at all of them; `busy` is None where the kernel does not tell.

        Args:
            root: where /proc is.
        """
        try:
            _, *ticks = (root / "proc/stat").read_text(encoding="utf-8").partition("\n")[0].split()
        except OSError:
            return cls(time.monotonic(), time.process_time(), None)
        user, nice, system, _idle, _iowait, *interrupts = map(int, ticks)
        # of what follows, guests are in user already
        busy = (user + nice + system + sum(interrupts[:3])) / TICKS
        return cls(time.monotonic(), time.process_time(), busy)


class Use(NamedTuple):
    """Who used the cores meanwhile.

    Attributes:
        own: share of the time that this process, which works in one thread, had a core.
        others: cores that other programs used, on average; None where the kernel does not tell.
        load: the kernel's average of what wanted a core during the last minute, at the end.
    """

    own: float
    others: float | None
    load: float

    @classmethod
    def between(cls, before: Moment, after: Moment) -> "Use":
        """Tell what was used from one moment to another."""
        wall, own = max(after.wall - before.wall, 1e-6), after.own - before.own
        others = None
        if before.busy is not None and after.busy is not None:
            others = round(max(0.0, after.busy - before.busy - own) / wall, 2)
        return cls(round(min(1.0, own / wall), 3), others, round(os.getloadavg()[0], 2))


def list_warnings(machine: Mapping[str, Any], use: Use, spread: Mapping[str, float]) -> list[str]:
    """Tell why not to believe what was measured, and what to do about each; empty where nothing speaks against it.

    Args:
        machine: what `system_info.describe` says, after the measurement.
        use: of the cores meanwhile.
        spread: of the same run, as `timing.spread` gives it.
    """
    told = []
    if use.own < OWN:
        told.append(f"it had a core only {use.own:.0%} of the time (load {use.load:g}): stop what else runs")
    if use.others is not None and use.others > OTHERS:
        told.append(f"other programs used {use.others:.1f} of {machine['cores']} cores meanwhile: stop them")
    if machine["governor"] not in {None, "performance"}:
        told.append(
            f'the clock\'s governor is "{machine["governor"]}", so it changes with the load: '
            "sudo sh -c 'echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor'"
        )
    if machine["temperature_c"] is not None and machine["temperature_c"] >= HOT_C:
        told.append(f"it is {machine['temperature_c']:.0f} °C hot, where a Pi slows down: cool it")
    now = [word for word in (machine["throttling"] or "none").split(", ") if word != "none" and "since" not in word]
    if now:
        told.append(f"the firmware slows it down ({', '.join(now)}): a better power supply, or a cooler")
    if spread["share"] > SPREAD:
        told.append(
            f"parts of the same run differ by {spread['share']:.0%} ({spread['low_ms']:.2f} to "
            f"{spread['high_ms']:.2f} ms): measure again when it is quiet"
        )
    return told
