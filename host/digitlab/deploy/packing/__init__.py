"""What a machine is sent: a release, its wheels, and the program that installs them."""
