"""What runs on the Pi, packed as one file that its Python runs."""

from importlib.resources import files
from pathlib import Path

import digitlab.deploy
from digitcam.files import write_atomically
from digitlab.deploy.packing.archive import BUILD, make_folder, zipped

MAIN = b"import sys\n\nfrom digitlab.deploy.onpi.cli import main\n\nsys.exit(main())\n"


def program(build: Path = BUILD) -> Path:
    """Pack it.

    Raises:
        OutputError: it cannot be written.
    """
    here = Path(str(files(digitlab.deploy)))
    content = dict.fromkeys(("digitlab/__init__.py", "digitlab/deploy/__init__.py"), b"")
    for path in (here / "onpi").rglob("*.py"):
        content[f"digitlab/deploy/{path.relative_to(here)}"] = path.read_bytes()
    path = build / "deployment.pyz"
    make_folder(build)
    write_atomically(path, zipped({**content, "__main__.py": MAIN}))
    return path
