"""What Prometheus collects.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Mapping

from digitcam import __version__
from digitcam.state.service import ServiceState
from digitcam.system_info import read_temperature

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
QUANTILES = {"p50": "0.5", "p90": "0.9", "p99": "0.99"}


def write_metrics(service: ServiceState, watchers: int) -> str:
    """Give all metrics as text; latency quantiles are those of the newest frames, as everywhere here."""
    summary = service.stats.summary()
    lines = [
        *_metric("digitcam_info", "gauge", "What runs.", {_labels(version=__version__): 1}),
        *_metric("digitcam_frames_total", "counter", "Frames read.", {"": summary.frames}),
        *_metric(
            "digitcam_frames_skipped_total", "counter", "Frames that a newer one replaced.", {"": summary.skipped}
        ),
        *_metric("digitcam_readings_total", "counter", "Stable readings published.", {"": summary.published}),
        *_metric("digitcam_frames_per_second", "gauge", "Frames read a second, just now.", {"": summary.rate}),
        *_metric("digitcam_watchers", "gauge", "Open live streams.", {"": watchers}),
    ]
    quantiles = {
        _labels(stage=stage, quantile=quantile): getattr(of, name) / 1e3
        for stage, of in summary.latency.items()
        for name, quantile in QUANTILES.items()
    }
    lines += _metric("digitcam_latency_seconds", "summary", "Latency of the newest frames, by stage.", quantiles)
    parts = {_labels(part=name): int(part.state != "fault") for name, part in service.health.parts().items()}
    lines += _metric("digitcam_healthy", "gauge", "Whether a part works: 1 or 0.", parts)
    celsius = read_temperature()
    if celsius is not None:
        lines += _metric("digitcam_temperature_celsius", "gauge", "Of the machine's hottest sensor.", {"": celsius})
    return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, about: str, samples: Mapping[str, float]) -> list[str]:
    return [
        f"# HELP {name} {about}",
        f"# TYPE {name} {kind}",
        *(f"{name}{of} {value:.9g}" for of, value in samples.items()),
    ]


def _labels(**labels: str) -> str:
    escaped = {
        key: value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for key, value in labels.items()
    }
    return "{" + ",".join(f'{key}="{value}"' for key, value in escaped.items()) + "}"
