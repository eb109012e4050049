"""Pages that show what a training made, and what a reading made of labelled pictures."""
