"""What a deployment will do, on one machine and over many."""
