"""What `digitlab`'s commands do, a module for each group of them; only what a command needs is imported."""
