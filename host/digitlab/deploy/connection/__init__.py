"""pyinfra: connected machines, and a plan as its operations."""
