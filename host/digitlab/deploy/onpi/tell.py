"""What the person at the workstation sees meanwhile."""

import contextlib
import sys

MARK = "digitcam: "


def tell(text: str) -> None:
    """Print a line at once; where nobody listens any more, as after a cut connection, the work goes on."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def complain(text: str) -> None:
    """Say the same on stderr, marked, since others write there too."""
    with contextlib.suppress(OSError):
        print(f"{MARK}{text}", file=sys.stderr, flush=True)
