"""The tables of the access log with their statements."""
