"""From this workstation to a running service on one Pi or many: facts are read, a plan is made, pyinfra carries it out."""
