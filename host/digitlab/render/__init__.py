"""Camera-like pictures of handwritten digits, drawn from a seed: ink -> paper -> camera."""
