"""What scripts use: `from digitcam import Reader, watch`."""
