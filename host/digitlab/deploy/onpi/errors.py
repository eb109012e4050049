"""What goes wrong on the Pi."""


class DeploymentError(Exception):
    """Something a person can put right; the message says what is wrong, where, and what to do."""
