"""What open pages are sent while they watch."""
