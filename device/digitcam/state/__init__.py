"""What the loop, its cameras and its outputs share: health, figures, commands."""
