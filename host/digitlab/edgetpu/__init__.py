"""What a Coral Edge TPU takes, and compiling for it."""
