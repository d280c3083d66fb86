"""`clearline demo` runs the whole system on one machine, on a sample, and tells a story."""
