"""Cameras in the network."""

from functools import partial

from digitcam.cameras.base import CameraPlugin, CameraRequest, Opening


def _prepare(request: CameraRequest) -> Opening:
    from digitcam.cameras.network.protocol import open_stream  # with HTTP and TLS, which no other source needs

    return partial(open_stream, request.config)


PLUGIN = CameraPlugin(prepare=_prepare, takes=lambda place: place.startswith("//"), settable=("password_file",))
