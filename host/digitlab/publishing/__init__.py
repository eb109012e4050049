"""Models with their cards, put where the device ships them."""
