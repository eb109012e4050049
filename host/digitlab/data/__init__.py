"""What training starts from: MNIST, and how it is varied."""
