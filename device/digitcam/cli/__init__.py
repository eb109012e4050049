"""The command line, a module for each command; only what a command needs is imported."""
