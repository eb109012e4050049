"""The service at full speed for an hour while things break around it."""
