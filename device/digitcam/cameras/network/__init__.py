"""Cameras in the network: RTSP, and whatever an HTTP address answers."""
