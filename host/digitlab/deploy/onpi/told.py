"""What the service tells of itself, for programs: the fields of its `status.json`, docs/formats.md."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Told:
    """The fields that a decision or a line is made of.

    Attributes:
        ready: whether it is: it has dealt with a frame, or knows that its camera is away.
        waits: whether it waits for its camera.
        rate: frames read a second; 0 where none is.
        latency_ms: the median from capture to the last output; None before the first frame.
        camera: what it reads from or why it cannot; empty where that is not known yet.
        rest: what else does not work or is worth knowing.
    """

    ready: bool
    waits: bool
    rate: float
    latency_ms: float | None
    camera: str
    rest: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether readings come, or it waits for its camera, which is no fault of it."""
        return self.ready and (self.rate > 0 or self.waits)

    @property
    def pace(self) -> str:
        """How fast it reads."""
        return f"{self.rate:.2g} frames a second" + (
            "" if self.latency_ms is None else f", {self.latency_ms:.1f} ms each"
        )

    @property
    def source(self) -> str:
        """What it reads from."""
        return f"{'waits for its camera' if self.waits else 'camera'}: {self.camera or 'not told'}"

    def __str__(self) -> str:
        """Say it for a person."""
        return "; ".join([*([] if self.waits else [self.pace]), self.source, *self.rest])


def told(status: Mapping[str, Any], invocation: str) -> Told | None:
    """Take the fields of a status; None where it is none, or of another start of the unit."""
    if not invocation or status.get("invocation") != invocation:
        return None
    parts, stats = status["health"]["parts"], status["stats"]
    return Told(
        ready=status["ready"],
        waits=status["phase"] == "waiting",
        rate=stats["rate"],
        latency_ms=stats["latency"].get("total", NOTHING).get("p50"),
        camera=parts.get("camera", NOTHING).get("text", ""),
        rest=tuple(
            f"{name}: {part['text']}" for name, part in parts.items() if name != "camera" and part["state"] != "ok"
        ),
    )


def read(path: Path) -> Mapping[str, Any]:
    """Read the file; empty where the service has not written it yet, or runs no more."""
    with suppress(OSError, ValueError):
        status: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return status
    return NOTHING
