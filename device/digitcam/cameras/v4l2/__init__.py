"""USB and other V4L2 cameras."""
