"""The crops that training learns from, cut as the device cuts them."""
