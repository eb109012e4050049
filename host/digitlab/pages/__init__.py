"""What every page is made of: style, tables, plots."""
