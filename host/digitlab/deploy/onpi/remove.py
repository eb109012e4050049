"""Taking everything away again but what the user made."""

import shutil

from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.settings import Settings
from digitlab.deploy.onpi.tell import tell


def remove(layout: Layout) -> None:
    """Stop the service and delete what was deployed; say what stays. Call with the lock held."""
    service.stop(layout)
    if Settings(layout).untouched:
        layout.config.unlink()
    layout.page_password.unlink(missing_ok=True)
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
