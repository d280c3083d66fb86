"""`clearline demo`: the whole system on one machine, on a sample, with a story."""
