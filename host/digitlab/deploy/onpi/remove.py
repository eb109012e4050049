"""Taking everything away again but what the user made."""

import hashlib
import shutil

from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.tell import tell


def remove(layout: Layout) -> None:
    """Stop the service and delete what was deployed; say what stays. Call with the lock held."""
    service.stop(layout)
    if layout.config.exists() and _untouched(layout):
        layout.config.unlink()
    # the link that systemd makes to a state folder goes with it
    if layout.state.exists() and not any(layout.state.iterdir()):
        layout.state.rmdir()
        layout.state.parent.with_name(layout.state.name).unlink(missing_ok=True)
    for folder in (layout.credentials, layout.drop_ins):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    kept = {
        layout.config: "your settings",
        layout.credentials: "your passwords",
        layout.drop_ins: "your additions to the unit",
        layout.state: "what the service kept",
    }
    shutil.rmtree(layout.home)
    left = [f"{path} ({what})" for path, what in kept.items() if path.exists()]
    tell(f"removed; left, because you made it: {', '.join(left)}" if left else "removed; nothing is left")


def _untouched(layout: Layout) -> bool:
    if not layout.record.exists():
        return False
    found = hashlib.sha256(layout.config.read_bytes()).hexdigest()
    return found == layout.record.read_text(encoding="utf-8")
