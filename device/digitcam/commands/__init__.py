"""What each command does: a module of its own with `run(arguments) -> exit status`, imported when it is chosen."""
