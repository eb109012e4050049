"""A release: code, model, unit, schema, and a link to its environment."""

import os
import sys
from dataclasses import dataclass
from zipfile import ZipFile

from digitlab.deploy.onpi.layout import PROGRAM
from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.steps.base import Work
from digitlab.deploy.onpi.tell import tell
from digitlab.deploy.onpi.whole import filling, is_whole


@dataclass(frozen=True, slots=True)
class MakeRelease:
    """Make a release beside those that are there.

    Attributes:
        name: the hash of everything in it.
        beside: the one that runs; empty where none does.
    """

    name: str
    beside: str

    def __str__(self) -> str:
        return f"make release {self.name} beside {self.beside or 'nothing'}"

    def carry_out(self, work: Work) -> None:
        """Make it, unless it is there.

        Raises:
            DeploymentError: it was damaged on its way, or the disk is full.
        """
        folder, manifest = work.layout.releases / self.name, work.manifest
        if is_whole(folder):
            return
        tell(f"release {folder.name}: unpacking")
        content = manifest.content.verified(work.incoming)
        mark = {"version": manifest.version, "model": manifest.model, "environment": manifest.environment}
        with filling(folder, mark):
            with ZipFile(content) as archive:
                archive.extractall(folder)
            (folder / PROGRAM).chmod(0o755)
            (folder / "environment").symlink_to(
                os.path.relpath(work.layout.environments / manifest.environment, folder), target_is_directory=True
            )
            # the service may not write here, and would compile at each start
            run([sys.executable, "-I", "-m", "compileall", "-q", str(folder / "code")], what="compile the code")
            schema = run([str(folder / PROGRAM), "config", "--schema"], what="ask the release for its settings")
            (folder / "config.schema.json").write_text(schema, encoding="utf-8")
