"""From this checkout to a service on a Pi, or many: facts are read, a plan is made, pyinfra carries it out."""
