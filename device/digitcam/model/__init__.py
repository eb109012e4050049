"""Networks: their files, their cards, and what runs them."""
