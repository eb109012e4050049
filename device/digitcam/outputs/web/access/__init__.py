"""Who may see the page: its password, and how often one may be tried."""
