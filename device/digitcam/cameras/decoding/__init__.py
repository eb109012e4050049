"""Videos and JPEGs, decoded."""
