"""The live service: its loop, reloading, signals, log, and what it tells systemd."""
