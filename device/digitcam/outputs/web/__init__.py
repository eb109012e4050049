"""The page and its HTTP API. Needs the extra `web`."""

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from digitcam.outputs.base import Finding, Output, OutputPlugin

if TYPE_CHECKING:
    from digitcam.state.service import ServiceState


class WebConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The page and its API; needs the extra `web`."""

    enabled: Annotated[bool, Meta(description="Whether it is served.")] = False
    host: Annotated[
        str,
        Meta(
            min_length=1,
            description=(
                "The address to listen on: `127.0.0.1` for this machine alone, `0.0.0.0` or `::` for every machine "
                "around."
            ),
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="0: any that is free; the log says which.")] = 8000
    password_file: Annotated[
        str,
        Meta(
            description=(
                "A file that holds the password, any user name goes with it; a name without a folder is a systemd "
                "credential."
            )
        ),
    ] = ""
    open: Annotated[
        bool,
        Meta(description="Let everyone in without a password who can reach an address other than this machine's own."),
    ] = False
    hosts: Annotated[
        str,
        Meta(
            description=(
                "Further names that this machine is called in a browser, such as `pi.lan`, with commas between."
            )
        ),
    ] = ""
    fps: Annotated[float, Meta(ge=0.1, le=60, description="Frames a second, at most, that watchers are sent.")] = 15.0
    quality: Annotated[int, Meta(ge=10, le=100, description="Of the JPEG pictures.")] = 75
    upload_mb: Annotated[float, Meta(gt=0, le=100, description="Largest picture that may be sent to be read.")] = 15.0


def _open(service: "ServiceState", settings: WebConfig) -> Output:
    """Listen on its address, and serve from threads of its own until `close`.

    Raises:
        ConfigError: nobody can listen on this address, it is open to other machines and neither a password nor
            `open = true` was given, or the password cannot be read.
    """
    from digitcam.outputs.web.output import Web

    return Web(service, settings)


def _check(settings: WebConfig) -> Finding:
    from digitcam.outputs.web.address import list_addresses

    return Finding(" and ".join(list_addresses(settings)))


PLUGIN = OutputPlugin(
    settings=WebConfig,
    is_wanted=lambda settings: settings.enabled,
    open=_open,
    check=_check,
    needs={"starlette": "starlette", "uvicorn": "uvicorn", "python_multipart": "python-multipart"},
    makes_passwords=True,
)
