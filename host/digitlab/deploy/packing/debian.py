"""`python -m digitlab.deploy.packing.debian FOLDER`: the files of the Debian package that follow from the others."""

import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import digitcam
from digitcam.config import describe
from digitlab.deploy.machines.board import FROM_APT
from digitlab.deploy.onpi.layout import PROGRAM, UNIT, Layout
from digitlab.deploy.onpi.steps.settings import first_settings
from digitlab.deploy.packing.wheels import SECOND_RUNTIME

DEVICE = Path("device/pyproject.toml")
SYSTEMD = Path("systemd") / UNIT
COMMAND = "/usr/bin/digitcam"


def requirements(project: dict[str, Any]) -> str:
    """List what pip installs there: everything, with the outputs' extras, but what apt has."""
    extras = [packages for name, packages in project["optional-dependencies"].items() if name != SECOND_RUNTIME]
    named = [Requirement(text) for text in [*project["dependencies"], *(text for extra in extras for text in extra)]]
    apt = {*FROM_APT, project["name"]}
    return "".join(f"{each}\n" for each in named if canonicalize_name(each.name) not in apt)


def unit(text: str) -> str:
    """Write the service, with the program where Debian has it."""
    current = Layout().current
    text = text.replace(str(current / PROGRAM), COMMAND)
    lines = [line for line in text.splitlines() if not line.startswith("# `make deploy` puts this")]
    about = "Documentation=man:digitcam(1)"
    return "\n".join(about if line.startswith("Documentation=") else line for line in lines) + "\n"


def main(folder: Path) -> None:
    """Write all of them."""
    project = tomllib.loads(DEVICE.read_text(encoding="utf-8"))["project"]
    content = {
        "requirements.txt": requirements(project),
        "digitcam.toml": first_settings(describe.example(), {}) + "\n",
        UNIT: unit(SYSTEMD.read_text(encoding="utf-8")),
        "version": digitcam.__version__,
    }
    for name, text in content.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
