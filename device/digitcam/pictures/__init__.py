"""Picture files of every kind -> grey pictures."""
