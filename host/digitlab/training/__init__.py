"""Both networks: their training and their conversion to TFLite."""
