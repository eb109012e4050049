"""A grey frame -> the digits on it, in reading order; and readings over time -> one stable reading."""
