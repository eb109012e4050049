"""A Raspberry Pi that runs in QEMU: an arm64 Debian with a real V4L2 camera, for trying and testing a deployment."""
