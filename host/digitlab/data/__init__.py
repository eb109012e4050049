"""What training learns from: MNIST, varied, and crops."""
