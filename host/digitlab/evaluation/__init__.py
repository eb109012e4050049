"""How well digits are found and read, measured with the device's own code."""
