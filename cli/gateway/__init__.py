"""`clearline gateway`: Run a carrier's own side."""
