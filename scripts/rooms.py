"""Hold how large the house's rooms may get: lines in a module, modules in a package. Part of `make lint`."""

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINES = 300
TOP, PACKAGE = 12, 14  # modules of digitcam's top level, and of each package below it


def complaints() -> list[str]:
    """Say of each module and package that is too large by how much, and what to do."""
    modules = [path for part in ("device/digitcam", "host/digitlab", "scripts") for path in (ROOT / part).rglob("*.py")]
    said = []
    for path in modules:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines >= LINES:
            said.append(f"{path.relative_to(ROOT)}: {lines} lines, {LINES - 1} at most; split it by concern")
    device = ROOT / "device/digitcam"
    for package, count in Counter(path.parent for path in modules if device in path.parents).items():
        most = TOP if package == device else PACKAGE
        if count > most:
            said.append(f"{package.relative_to(ROOT)}: {count} modules, {most} at most; make a package of some")
    return sorted(said)


if __name__ == "__main__":
    sys.exit("\n".join(complaints()) or None)
