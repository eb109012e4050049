"""Serve a test picture by RTSP, with Debian's own Python: PORT, jpeg or h264, USER and PASSWORD, or empty for none."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - after the versions

ENCODED = {
    "jpeg": "jpegenc ! rtpjpegpay",
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay config-interval=1",
}


def main(port: str, media: str, user: str, password: str) -> None:
    """Serve until the process is ended; say `ready` first."""
    Gst.init(None)
    server, factory = GstRtspServer.RTSPServer(), GstRtspServer.RTSPMediaFactory()
    server.set_service(port)
    factory.set_launch(
        "( videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=15/1 "
        f"! {ENCODED[media]} name=pay0 )"
    )
    factory.set_shared(True)
    if user:
        auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
        token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        server.set_auth(auth)
        allowed = GstRtspServer.RTSPPermissions()
        for permission in (
            GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS,
            GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
        ):
            allowed.add_permission_for_role("viewer", permission, allowed=True)
        factory.set_permissions(allowed)
    server.get_mount_points().add_factory("/video", factory)
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
