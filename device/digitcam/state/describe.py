"""How the service is, in the words that are published."""

from typing import Any, TypeVar

from digitcam.state.service import ServiceState
from digitcam.system_info import read_temperature
from digitcam.wire import Health, Latency, PartHealth, Stats, rfc3339

S = TypeVar("S", bound=Stats)


def describe_health(service: ServiceState) -> Health:
    """Tell every part as it was reported, whether all work, and what the loop was asked for."""
    parts = service.health.parts()
    faults = [f"{name}: {part.text}" for name, part in parts.items() if part.state == "fault"]
    return Health(
        ok=not faults,
        faults=faults,
        paused=service.control.paused,
        min_confidence=service.control.min_confidence,
        parts={
            name: PartHealth(state=part.state, text=part.text, since=rfc3339(part.since))
            for name, part in parts.items()
        },
    )


def describe_stats(service: ServiceState, kind: type[S], **more: Any) -> S:  # noqa: ANN401  # the kind's own fields
    """Tell counts, latencies and the machine's temperature; takes milliseconds."""
    summary = service.stats.summary()
    return kind(
        rate=round(summary.rate, 2) if summary.rate >= 1 else round(summary.rate, 4),
        frames=summary.frames,
        skipped=summary.skipped,
        readings=summary.published,
        seconds=round(summary.seconds, 1),
        latency={
            stage: Latency(**{name: round(ms, 3) for name, ms in of._asdict().items()})
            for stage, of in summary.latency.items()
        },
        temperature_c=read_temperature(),
        **more,
    )
