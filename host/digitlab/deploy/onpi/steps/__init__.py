"""What a deployment does on the machine, step by step: planned and told on the workstation, carried out here."""
