"""Frames and crops, kept on disk within limits."""

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from digitcam.outputs.base import Finding, Output, OutputPlugin

if TYPE_CHECKING:
    from digitcam.state.service import ServiceState


class RecordConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep frames and crops on disk, one at each change of what stands there, the doubtful ones longest."""

    folder: Annotated[
        str,
        Meta(
            description=(
                "Where; empty: keep none. A folder of its own: it is made where only its last part is missing."
            )
        ),
    ] = ""
    max_mb: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Megabytes of disk to use at most; the surest go first.")
    ] = 200
    max_days: Annotated[
        float, Meta(gt=0, le=36500, description="What is older goes, by a clock that has not leapt in between.")
    ] = 30.0
    min_free_mb: Annotated[int, Meta(ge=0, le=1_000_000, description="Megabytes that are left free for others.")] = 500
    max_per_minute: Annotated[int, Meta(ge=1, le=600, description="Frames kept in a minute at most.")] = 6


def _open(service: "ServiceState", settings: RecordConfig) -> Output:
    from digitcam.outputs.record.recorder import open_recorder

    return open_recorder(service, settings)


def _check(settings: RecordConfig) -> Finding:
    from digitcam.outputs.record.retention import check

    return check(settings)


PLUGIN = OutputPlugin(settings=RecordConfig, is_wanted=lambda settings: bool(settings.folder), open=_open, check=_check)
